"""A certificate that this machine signs itself, so that phones in the same network may use their cameras."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from liveroom.media.addresses import own_addresses


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine's addresses, kept in the folder; browsers ask once whether to trust it."""
    certificate, key = folder / "demo-cert.pem", folder / "demo-key.pem"
    if certificate.is_file() and key.is_file():
        return certificate, key
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "liveroom demo")])
    named: list[x509.GeneralName] = [x509.DNSName("localhost")]
    named += [x509.IPAddress(ip_address(address)) for address in own_addresses("0.0.0.0")]  # noqa: S104
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName(named), critical=False)
        .sign(private, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return certificate, key
