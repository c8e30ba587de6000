from liveroom.signaling.turn import ice_links


def test_a_turn_server_is_named_with_a_password_that_ends() -> None:
    # The credential is what `openssl dgst -sha1 -hmac north` says of the user name, in base64.
    assert ice_links(["turn:turn.example:3478?transport=udp"], "north", 1_700_000_000) == [
        '<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="1700000000:liveroom"; '
        'credential="zXHgrJjuhGa6LbCwMJ4tysaf4zE="; credential-type="password"'
    ]


def test_a_stun_server_needs_no_password() -> None:
    assert ice_links(["stun:stun.example"], "", 1) == ['<stun:stun.example>; rel="ice-server"']
    assert ice_links([], "", 1) == []
