"""A kernel that takes and refuses datagrams as it is told, for both senders: a socket, and two C functions."""

from __future__ import annotations

import ctypes
import errno
import socket
from collections.abc import Iterable

from liveroom.media.port import SOL_UDP, UDP_SEGMENT, Address

_SIZE = ctypes.c_size_t
_POINTER = ctypes.c_void_p


class _Part(ctypes.Structure):
    _fields_ = [("base", _POINTER), ("size", _SIZE)]


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = [
        ("name", _POINTER),
        ("name_size", ctypes.c_uint32),
        ("parts", ctypes.POINTER(_Part)),
        ("part_count", _SIZE),
        ("control", _POINTER),
        ("control_size", _SIZE),
        ("flags", ctypes.c_int),
    ]


class _Entry(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = [("message", _Message), ("taken", ctypes.c_uint)]


class _Control(ctypes.Structure):
    """struct cmsghdr with one number of 16 bits."""

    _fields_ = [("size", _SIZE), ("level", ctypes.c_int), ("kind", ctypes.c_int), ("segment", ctypes.c_uint16)]


class FakeKernel:
    """Each message that is tried takes the next of `outcomes`: 0 or an errno; afterwards all are taken.

    `delivered` is what went out, datagram by datagram. `at_most` messages are taken by one call of `sendmmsg`.
    """

    def __init__(self, outcomes: Iterable[int] = (), at_most: int = 1000) -> None:
        self.outcomes = list(outcomes)
        self.at_most = at_most
        self.delivered: list[tuple[Address, bytes]] = []
        self.closed = False
        send_many = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_int, ctypes.POINTER(_Entry), ctypes.c_uint, ctypes.c_int, use_errno=True
        )
        send_one = ctypes.CFUNCTYPE(
            ctypes.c_ssize_t, ctypes.c_int, _POINTER, _SIZE, ctypes.c_int, _POINTER, ctypes.c_uint32, use_errno=True
        )
        # What sealing.c finds under these names.
        self.sendmmsg, self.sendto = send_many(self._send_many), send_one(self._send_one)

    def python_socket(self) -> FakeSocket:
        return FakeSocket(self)

    def refusal(self) -> int:
        return errno.EBADF if self.closed else self.outcomes.pop(0) if self.outcomes else 0

    def take(self, address: Address, data: bytes, segment: int) -> None:
        self.delivered += [(address, data[at : at + segment]) for at in range(0, len(data), segment)]

    def _send_many(self, _descriptor: int, entries: ctypes.Array[_Entry], count: int, _flags: int) -> int:
        for number in range(min(count, self.at_most)):
            waiting = self.outcomes[0] if self.outcomes else 0
            if (waiting or self.closed) and number:
                return number  # what stopped it is told to the next call
            refusal = self.refusal()
            if refusal:
                ctypes.set_errno(refusal)
                return -1
            message = entries[number].message
            assert message.part_count == 1
            data = ctypes.string_at(message.parts[0].base, message.parts[0].size)
            segment = len(data)
            if message.control:
                control = _Control.from_address(message.control)
                assert (control.level, control.kind, control.size) == (SOL_UDP, UDP_SEGMENT, 18)
                assert message.control_size == 24
                segment = control.segment
            self.take(_address(message.name, message.name_size), data, segment)
        return min(count, self.at_most)

    def _send_one(self, _descriptor: int, data: int, size: int, _flags: int, name: int, name_size: int) -> int:
        refusal = self.refusal()
        if refusal:
            ctypes.set_errno(refusal)
            return -1
        self.take(_address(name, name_size), ctypes.string_at(data, size), size)
        return size


class FakeSocket:
    """The same kernel as Python's socket shows it: a call that was interrupted is made again (PEP 475)."""

    def __init__(self, kernel: FakeKernel) -> None:
        self._kernel = kernel

    def fileno(self) -> int:
        return -1 if self._kernel.closed else 9

    def sendmsg(
        self, parts: tuple[bytearray], ancillary: list[tuple[int, int, bytes]], _flags: int, address: Address
    ) -> None:
        self._refuse()
        segment = int.from_bytes(ancillary[0][2], "little")
        self._kernel.take(address, b"".join(parts), segment)

    def sendto(self, datagram: bytes, address: Address) -> None:
        self._refuse()
        self._kernel.take(address, bytes(datagram), len(datagram) or 1)

    def _refuse(self) -> None:
        refusal = self._kernel.refusal()
        while refusal == errno.EINTR:
            refusal = self._kernel.refusal()
        if refusal:
            raise OSError(refusal, "no")


def _address(name: int, size: int) -> Address:
    """struct sockaddr_in."""
    raw = ctypes.string_at(name, size)
    assert (size, int.from_bytes(raw[:2], "little")) == (16, socket.AF_INET)
    return socket.inet_ntoa(raw[4:8]), int.from_bytes(raw[2:4])
