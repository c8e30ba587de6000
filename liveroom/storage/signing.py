"""The installation's signature. Knows keys, not what is signed."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED = "signing_seed"
"""The name under which the records keep the installation's own."""


class Ed25519Signer:
    """Satisfies `liveroom.ports.signing.Signer`; `seed` are 32 secret bytes."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def key(self) -> str:
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, statement: bytes) -> str:
        return self._private.sign(statement).hex()

    def is_signed(self, key: str, statement: bytes, signature: str) -> bool:
        return is_signed(key, statement, signature)


def is_signed(key: str, statement: bytes, signature: str) -> bool:
    """Whether the signature is that of the public key's owner under the statement; False for anything malformed."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), statement)
    except (ValueError, InvalidSignature):
        return False
    return True
