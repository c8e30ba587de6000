"""A small TURN server over UDP on the loopback (RFC 8656): checks passwords as coturn does, and lets nothing expire."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import socket
import struct
import time
from typing import Any

from aioice import stun
from aioice.stun import Class, Method
from aioice.turn import is_channel_data, make_integrity_key

REALM = "islands"
NONCE = b"nonce"
LIFETIME = 600
_UNAUTHORISED, _MISMATCH = (401, "Who are you?"), (437, "Nothing is allocated")
Address = tuple[str, int]


class Allocation:
    """A client's address on the far side, and whom it speaks to from there."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
        self.address: Address = self.socket.getsockname()
        self.permitted: set[str] = set()
        self.channels: dict[int, Address] = {}


class TurnRelay(asyncio.DatagramProtocol):
    """Relays for whoever has a right password. `admitted` are the user names of those, `turned_away` of the others."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.admitted: list[str] = []
        self.turned_away: list[str] = []
        self.outward = self.inward = 0
        """Datagrams carried to peers and to clients."""
        self._allocations: dict[Address, Allocation] = {}
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def open(cls, secret: str) -> TurnRelay:
        relay = cls(secret)
        await relay._loop.create_datagram_endpoint(lambda: relay, local_addr=("127.0.0.1", 0))
        return relay

    def close(self) -> None:
        for client in list(self._allocations):
            self._release(client)
        self.transport.close()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.port: int = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, client: Any) -> None:
        if is_channel_data(data):
            self._from_channel(data, client)
            return
        message = stun.parse_message(data)
        if message.message_class == Class.REQUEST and message.message_method != Method.BINDING:
            self._answer(message, client)
        elif (message.message_class, message.message_method) == (Class.INDICATION, Method.SEND):
            self._outward(client, message.attributes["XOR-PEER-ADDRESS"], message.attributes["DATA"])

    def _answer(self, request: stun.Message, client: Address) -> None:
        key = self._key(request)
        found = self._grant(request, client) if key else {"ERROR-CODE": _UNAUTHORISED, "REALM": REALM, "NONCE": NONCE}
        kind = Class.ERROR if "ERROR-CODE" in found else Class.RESPONSE
        answer = stun.Message(request.message_method, kind, request.transaction_id, found)
        if key:
            answer.add_message_integrity(key)
        self.transport.sendto(bytes(answer), client)

    def _key(self, request: stun.Message) -> bytes | None:
        """What the answer is signed with, when the request is signed with a password of ours that has not ended."""
        username = request.attributes.get("USERNAME")
        if username is None:
            return None
        password = base64.b64encode(hmac.digest(self.secret.encode(), username.encode(), hashlib.sha1)).decode()
        key = make_integrity_key(username, REALM, password)
        right = int(username.partition(":")[0]) > time.time() and request.check_message_integrity(key)
        (self.admitted if right else self.turned_away).append(username)
        return key if right else None

    def _grant(self, request: stun.Message, client: Address) -> dict[str, Any]:
        """Do what a request of somebody known wants; the attributes of the answer."""
        wanted = request.attributes
        if request.message_method == Method.ALLOCATE and client not in self._allocations:
            allocation = self._allocations[client] = Allocation()
            self._loop.add_reader(allocation.socket, self._inward, client, allocation)
        allocated = self._allocations.get(client)
        if allocated is None:
            return {"ERROR-CODE": _MISMATCH}
        match request.message_method:
            case Method.ALLOCATE:
                addresses = {"XOR-RELAYED-ADDRESS": allocated.address, "XOR-MAPPED-ADDRESS": client}
                return {**addresses, "LIFETIME": LIFETIME}
            case Method.REFRESH:
                lifetime = wanted.get("LIFETIME", LIFETIME)
                if lifetime == 0:
                    self._release(client)
                return {"LIFETIME": lifetime}
            case Method.CREATE_PERMISSION:
                allocated.permitted.add(wanted["XOR-PEER-ADDRESS"][0])
            case Method.CHANNEL_BIND:
                allocated.permitted.add(wanted["XOR-PEER-ADDRESS"][0])
                allocated.channels[wanted["CHANNEL-NUMBER"]] = wanted["XOR-PEER-ADDRESS"]
        return {}

    def _from_channel(self, data: bytes, client: Address) -> None:
        number, length = struct.unpack_from("!HH", data)
        allocated = self._allocations.get(client)
        peer = allocated and allocated.channels.get(number)
        if peer:
            self._outward(client, peer, data[4 : 4 + length])

    def _outward(self, client: Address, peer: Address, data: bytes) -> None:
        allocated = self._allocations.get(client)
        if allocated is not None and peer[0] in allocated.permitted:
            allocated.socket.sendto(data, peer)
            self.outward += 1

    def _inward(self, client: Address, allocated: Allocation) -> None:
        data, peer = allocated.socket.recvfrom(65535)
        if peer[0] not in allocated.permitted:
            return
        number = next((number for number, bound in allocated.channels.items() if bound == peer), None)
        if number is None:
            told = {"XOR-PEER-ADDRESS": peer, "DATA": data}
            carried = bytes(stun.Message(Method.DATA, Class.INDICATION, attributes=told))
        else:
            carried = struct.pack("!HH", number, len(data)) + data
        self.transport.sendto(carried, client)
        self.inward += 1

    def _release(self, client: Address) -> None:
        allocated = self._allocations.pop(client)
        self._loop.remove_reader(allocated.socket)
        allocated.socket.close()
