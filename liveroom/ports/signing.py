"""What the actions need to sign a statement. Knows no key."""

from __future__ import annotations

from typing import Protocol


class Signer(Protocol):
    """The installation's own signature, Ed25519 (RFC 8032)."""

    @property
    def key(self) -> str:
        """The public key, in hex."""

    def sign(self, statement: bytes) -> str:
        """The signature, in hex."""

    def is_signed(self, key: str, statement: bytes, signature: str) -> bool:
        """Whether the owner of a public key signed the statement; False for anything malformed."""
