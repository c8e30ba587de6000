from hypothesis import given
from hypothesis import strategies as st

from liveroom import ids

codes = st.text(ids.ALPHABET, min_size=ids.TRACKING_LENGTH, max_size=ids.TRACKING_LENGTH).map(
    lambda body: body + ids.check_character(body)
)


@given(codes)
def test_a_code_is_read_however_it_is_written(code: str) -> None:
    assert ids.read_tracking_code(f" {ids.show_tracking_code(code).lower()} ") == code


@given(codes, st.integers(0, ids.TRACKING_LENGTH), st.sampled_from(ids.ALPHABET))
def test_one_wrong_character_is_noticed(code: str, at: int, other: str) -> None:
    wrong = code[:at] + other + code[at + 1 :]
    assert (ids.read_tracking_code(wrong) is None) == (wrong != code)


def test_what_cannot_be_a_code_is_none() -> None:
    for written in ("", "ABC", "O0I1" * 4, "龙" * 13, "A" * 400):
        assert ids.read_tracking_code(written) is None


def test_codes_differ() -> None:
    assert len({ids.new_tracking_code() for _ in range(200)}) == 200
