import os

from aioice import stun as independent
from hypothesis import given
from hypothesis import strategies as st

from liveroom.signaling.ice import ADDRESSES, IceLite
from liveroom.signaling.stun import binding_request, binding_success, parse_binding_request

PASSWORD = "0123456789012345678901"
HOME, FOREIGN = ("192.0.2.7", 4000), ("198.51.100.9", 5000)


def agent() -> IceLite:
    return IceLite("ours", PASSWORD, "theirs", heard_at=0.0)


def check(
    password: str = PASSWORD, nominate: bool = True, transaction: bytes | None = None, name: str = "ours"
) -> bytes:
    return binding_request(transaction or os.urandom(12), f"{name}:theirs", password.encode(), use_candidate=nominate)


def ask(ice: IceLite, datagram: bytes, source: tuple[str, int] = HOME, now: float = 1.0) -> bytes | None:
    request = parse_binding_request(datagram)
    assert request is not None
    return ice.answer(request, source, now)


def test_a_check_of_an_independent_agent_is_understood_and_ours_by_it() -> None:
    message = independent.Message(
        message_method=independent.Method.BINDING, message_class=independent.Class.REQUEST, transaction_id=b"t" * 12
    )
    message.attributes["USERNAME"] = "ours:theirs"
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(PASSWORD.encode())
    request = parse_binding_request(bytes(message))
    assert request is not None
    assert request.use_candidate
    assert request.is_signed_with(PASSWORD.encode())
    answer = independent.parse_message(binding_success(b"t" * 12, HOME, PASSWORD.encode()))
    assert answer.check_message_integrity(PASSWORD.encode())
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == HOME


def test_a_right_name_with_a_wrong_password_is_not_answered_and_moves_nothing() -> None:
    ice = agent()
    assert ask(ice, check()) is not None
    assert ask(ice, check(password="another password 12345"), FOREIGN) is None
    assert ice.nominated == HOME


def test_a_replayed_check_from_another_address_is_refused() -> None:
    ice = agent()
    datagram = check(transaction=b"x" * 12)
    assert ask(ice, datagram) is not None
    assert ask(ice, datagram, FOREIGN) is None
    assert ask(ice, datagram) is not None  # a retransmission is answered
    assert ice.nominated == HOME


def test_a_check_is_known_again_after_an_hour_of_others() -> None:
    ice = agent()
    old = check(transaction=b"x" * 12)
    assert ask(ice, old) is not None
    for number in range(1440):
        assert ask(ice, check(nominate=False), now=2.5 * number) is not None
    assert ask(ice, old, FOREIGN) is None
    ask(ice, check(), FOREIGN)
    assert ice.nominated == FOREIGN
    assert ask(ice, old) is not None
    assert ice.nominated == FOREIGN, "a replay from an address of the past moved the media back"


def test_an_hour_of_checks_leaves_room_to_know_new_ones() -> None:
    ice = agent()
    for number in range(1440):
        ask(ice, check(transaction=number.to_bytes(12)))
    moves = [ask(ice, check(transaction=(9000 + number).to_bytes(12)), ("192.0.2.9", number)) for number in range(300)]
    assert moves.count(None) < 10


def test_after_a_day_of_checks_old_ones_are_known_and_new_ones_are_new() -> None:
    ice = agent()
    for number in range(34_560):
        ask(ice, check(transaction=number.to_bytes(12)))
    moves = [ask(ice, check(transaction=(90_000 + n).to_bytes(12)), ("192.0.2.9", n)) for n in range(300)]
    assert moves.count(None) < 40
    assert ask(ice, check(transaction=(34_560 - 3_000).to_bytes(12)), FOREIGN) is None


def test_a_replayed_check_is_no_sign_of_life() -> None:
    ice = agent()
    datagram = check()
    ask(ice, datagram, now=100.0)
    assert ask(ice, datagram, now=125.0) is not None
    assert not ice.has_consent(130.1)


def test_a_peer_with_many_addresses_keeps_the_nominated_one() -> None:
    ice = agent()
    ask(ice, check())
    for port in range(20):
        ask(ice, check(nominate=False), ("192.0.2.7", port))
    assert len(ice.validated) == ADDRESSES
    assert HOME in ice.validated


def test_a_phone_that_changes_network_is_followed_when_it_nominates() -> None:
    ice = agent()
    ask(ice, check())
    ask(ice, check(nominate=False), FOREIGN)
    assert ice.nominated == HOME
    ask(ice, check(), FOREIGN)
    assert ice.nominated == FOREIGN


def test_consent_ends_after_thirty_seconds_of_silence() -> None:
    ice = agent()
    ask(ice, check(), now=100.0)
    assert ice.has_consent(129.9)
    assert not ice.has_consent(130.1)


def test_after_a_restart_the_former_password_holds_until_the_new_one_is_used() -> None:
    ice = agent()
    new = "another password of some length"
    ice.restart("renewed", new, "theirs2")
    assert ice.ufrags() == {"ours", "renewed"}
    assert ask(ice, check()) is not None  # the answer to the restart may be on its way, or lost
    assert ask(ice, check(password=new)) is None
    assert ask(ice, check(password=new, name="renewed")) is not None
    assert ask(ice, check()) is None
    ice.restart("again", new, "theirs3")
    assert ice.ufrags() == {"renewed", "again"}
    ice.restart("once more", new, "theirs4")
    assert ice.ufrags() == {"renewed", "once more"}, "restarts that failed do not take away what works"


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_check_is_never_taken_for_signed(at: int, value: int) -> None:
    whole = check(transaction=b"y" * 12)
    damaged = bytearray(whole)
    damaged[at % len(whole)] = value
    request = parse_binding_request(bytes(damaged))
    if bytes(damaged) != whole and request is not None and at % len(whole) >= 2:
        signed = request.is_signed_with(PASSWORD.encode())
        assert not signed or bytes(damaged) == whole
