"""The first step of a TURN server: asks for a password (RFC 8489, section 9.2) and checks it as coturn would."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from typing import Any

from aioice import stun

REALM = "islands"
_UNAUTHORISED, _INSUFFICIENT_CAPACITY = 401, 508


class TurnDoor(asyncio.DatagramProtocol):
    """Lets nobody in for lack of capacity; `admitted` are the user names whose passwords were right."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.admitted: list[str] = []
        self.turned_away: list[str] = []

    @classmethod
    async def open(cls, secret: str) -> TurnDoor:
        door = cls(secret)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: door, local_addr=("127.0.0.1", 0))
        return door

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: Any) -> None:
        request = stun.parse_message(data)
        if request.message_method != stun.Method.ALLOCATE:
            return
        username = request.attributes.get("USERNAME")
        answer = stun.Message(
            message_method=stun.Method.ALLOCATE,
            message_class=stun.Class.ERROR,
            transaction_id=request.transaction_id,
        )
        if username is None:
            answer.attributes["ERROR-CODE"] = (_UNAUTHORISED, "Who are you?")
            answer.attributes["NONCE"] = b"nonce"
            answer.attributes["REALM"] = REALM
        else:
            right = self._is_right(username, request)
            (self.admitted if right else self.turned_away).append(username)
            answer.attributes["ERROR-CODE"] = (_INSUFFICIENT_CAPACITY, "Full")
        self.transport.sendto(bytes(answer), address)

    def _is_right(self, username: str, request: stun.Message) -> bool:
        if int(username.partition(":")[0]) < time.time():
            return False
        password = base64.b64encode(hmac.digest(self.secret.encode(), username.encode(), "sha1")).decode()
        key = hashlib.md5(f"{username}:{REALM}:{password}".encode()).digest()
        try:
            return bool(request.check_message_integrity(key))
        except ValueError:
            return False
