"""Finds, loads and tries the compiled sealer. Knows layouts and bytes, no viewers.

`sealing.c` is compiled by `scripts/native.py`, which the Makefile and the Dockerfile run. The cipher is the libcrypto
that Python's own `ssl` uses: the system keeps it repaired, and nothing of it is needed to compile.
"""

from __future__ import annotations

import _ssl
import contextlib
import ctypes
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liveroom.media.native.place import compiled

_CIPHER = (
    "EVP_aes_128_gcm",
    "EVP_CIPHER_CTX_new",
    "EVP_CIPHER_CTX_free",
    "EVP_EncryptInit_ex",
    "EVP_EncryptUpdate",
    "EVP_EncryptFinal_ex",
    "EVP_CIPHER_CTX_ctrl",
)
_NETWORK = ("sendmmsg", "sendto")
"""Functions in the order in which sealing.c wants them."""

_VIEWER = struct.Struct("=Q4s2sxx")
_PACKET = struct.Struct("=III12s")
_RUN = struct.Struct("=III")
BUFFER = 256 * 1024
"""Bytes for what is sealed and not sent yet: at least three of the largest datagrams."""


class Unavailable(Exception):
    """Why packets are not sealed in compiled code here."""


class Context:
    """A viewer's cipher, freed with this object."""

    __slots__ = ("_free", "handle")

    def __init__(self, handle: int, free: Callable[[int], object]) -> None:
        self.handle, self._free = handle, free

    def __del__(self) -> None:
        self._free(self.handle)


class Library:
    """The compiled functions. They take cipher and system calls from other libraries."""

    def __init__(self, built: ctypes.CDLL, crypto: ctypes.CDLL, network: Any) -> None:
        """Raises AttributeError when a function is not there."""
        text, size, number, pointer = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_void_p
        self._used = crypto, network
        self._context, self._free, self._send = built.liveroom_context, built.liveroom_free, built.liveroom_send
        self._context.argtypes, self._context.restype = [text, text], pointer
        self._free.argtypes, self._free.restype = [pointer], None
        self._send.argtypes = [
            ctypes.c_int, text, number, text, number, text, size, text, number, pointer, size, pointer
        ]  # fmt: skip
        self._seal = built.liveroom_seal
        self._seal.argtypes = [pointer, text, text, pointer]
        built.liveroom_use.argtypes, built.liveroom_use.restype = [pointer], None
        used = [getattr(crypto, name) for name in _CIPHER] + [getattr(network, name) for name in _NETWORK]
        built.liveroom_use((pointer * len(used))(*(ctypes.cast(function, pointer) for function in used)))
        self._buffer = ctypes.create_string_buffer(BUFFER)
        self._counted = (ctypes.c_uint64 * 4)()

    def context(self, key: bytes, salt: bytes) -> Context | None:
        """A cipher for AES-128-GCM; None when there is no memory for it."""
        if len(key) != 16 or len(salt) != 12:
            raise ValueError("a key has 16 bytes, a salt 12")
        handle = self._context(key, salt)
        return Context(handle, self._free) if handle else None

    def seal(self, context: Context, packet: bytes, text: bytes) -> bytes:
        """One packet that is the whole text, as it would be sent."""
        out = ctypes.create_string_buffer(len(text) + 16)
        return bytes(out.raw) if self._seal(context.handle, packet, text, out) == 1 else b""

    def send(
        self, descriptor: int, viewers: Sequence[bytes], packets: Sequence[bytes], text: bytes, runs: Sequence[bytes]
    ) -> tuple[int, int, int, bool]:
        """Calls, datagrams sent, datagrams dropped, whether the device refuses to segment. Other threads may run.

        Contexts of `viewers` must be kept until this returns. Raises ValueError, with nothing sent, for what is out of
        bounds.
        """
        counted = self._counted
        counted[:] = [0, 0, 0, 0]
        refused = self._send(
            descriptor, b"".join(viewers), len(viewers), b"".join(packets), len(packets), text, len(text),
            b"".join(runs), len(runs), self._buffer, BUFFER, counted,
        )  # fmt: skip
        if refused:
            raise ValueError("a packet or a run is out of bounds")
        sends, sent, dropped, cannot_segment = counted
        return sends, sent, dropped, bool(cannot_segment)


def load(path: Path | None = None, network: Any = None) -> Library:
    """Raises Unavailable where it was not compiled, finds no cipher, or does not seal as `cryptography` does.

    `network` has `sendmmsg` and `sendto` of its own, for tests.
    """
    path = path or compiled()
    if not path.is_file():
        raise Unavailable("it was not compiled; scripts/native.py does")
    try:
        loaded = Library(ctypes.CDLL(str(path)), _libcrypto(), network or ctypes.CDLL(None))
    except (OSError, AttributeError) as error:
        raise Unavailable(str(error)) from error
    if not _seals(loaded):
        raise Unavailable("it does not seal as it ought to")
    return loaded


def _libcrypto() -> ctypes.CDLL:
    """Symbols are looked up in a library and in all that it needs: by way of `ssl` it is the one that Python uses."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(_ssl.__file__)
        if hasattr(library, _CIPHER[0]):
            return library
    return ctypes.CDLL("libcrypto.so.3")


def _seals(library: Library) -> bool:
    """Whether packets of several sizes, one after the other with one key, come out as they should."""
    key, salt, header = bytes(range(16)), bytes(range(100, 112)), bytes(range(12, 24))
    context, reference = library.context(key, salt), AESGCM(key)
    if context is None:
        return False
    for index, size in enumerate((0, 1, 16, 160, 1151)):
        payload, mask = bytes(n & 0xFF for n in range(size)), index << 40 | index
        nonce = (int.from_bytes(salt) ^ mask).to_bytes(12)
        sealed = library.seal(context, packet(0, len(header), size, mask), header + payload)
        if sealed != header + reference.encrypt(nonce, payload, header):
            return False
    return True


def viewer(context: Context, address: bytes, port: int) -> bytes:
    """As `send` takes it; the address in four bytes."""
    return _VIEWER.pack(context.handle, address, port.to_bytes(2))


def packet(at: int, header: int, payload: int, mask: int) -> bytes:
    """`header` and `payload` are sizes; both lie in the text, from `at` on."""
    return _PACKET.pack(at, header, payload, mask.to_bytes(12))


def run(first: int, count: int, segment: int) -> bytes:
    """So many packets, from the `first` on, in one message."""
    return _RUN.pack(first, count, segment)
