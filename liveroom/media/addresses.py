"""Under which addresses this machine may be reached. Knows no socket of ours."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct


def own_addresses(host: str) -> list[str]:
    """The addresses under which browsers may reach a socket bound to `host`: all of the machine's, loopback last."""
    if host not in {"0.0.0.0", ""}:  # noqa: S104 - the question is whether it was meant for all
        return [host]
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):
                request = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(probe.fileno(), 0x8915, request)  # SIOCGIFADDR
                found.append(socket.inet_ntoa(answer[20:24]))
    return sorted(set(found), key=lambda address: (address.startswith("127."), found.index(address))) or ["127.0.0.1"]
