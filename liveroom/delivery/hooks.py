"""Tells other programs over HTTPS, and nobody inside the house: an address is looked up, checked, and then used.

The guard against requests to our own network (CWE-918): what is checked is the address that is connected to, not the
name, so a name that answers differently the second time changes nothing. Redirections are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from liveroom.errors import Refused, Unavailable
from liveroom.ports.hooks import Parcel

PATIENCE = aiohttp.ClientTimeout(total=20.0, connect=10.0)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(written: str) -> bool:
    """Whether an IP address is somebody else's in the wide net, also where it is written inside of another one."""
    try:
        address: _Address = ipaddress.ip_address(written.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


class PublicResolver(AbstractResolver):
    """Looks names up and gives public addresses alone."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not found or not all(is_public(one["host"]) for one in found):
            # A name with one address of ours among others is none to be trusted either.
            raise NotPublic(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()


class NotPublic(OSError):
    """A name that stands for an address of our own."""


class HookPoster:
    """Posts each parcel over a connection of its own; satisfies `liveroom.ports.hooks.Poster`.

    With `private` addresses of the house are allowed.
    """

    def __init__(self, *, private: bool) -> None:
        self._private = private

    async def post(self, parcel: Parcel) -> int:
        host = urlsplit(parcel.url).hostname or ""
        if not self._private and _is_literal(host) and not is_public(host):
            raise Refused("hook_address")
        resolver: AbstractResolver | None = None if self._private else PublicResolver()
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        headers = {"Content-Type": "application/json", "User-Agent": "liveroom", **parcel.headers}
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=PATIENCE, trust_env=False) as session,
                session.post(parcel.url, data=parcel.body, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, NotPublic):
                raise Refused("hook_address") from error
            raise Unavailable("nobody answers at this address") from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(f"no answer: {type(error).__name__}") from error


def _is_literal(host: str) -> bool:
    """Whether a host is a number and is not looked up; also in the forms that only some systems understand."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.replace(".", "").isdigit() or host.lower().startswith("0x")
    return True
