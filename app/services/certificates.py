"""The certificate that the studio serves https with: its own, kept in the workspace, or one that is given.

Browsers open a camera only on https or on the machine itself. No authority signs for the names of a home
network, so the studio signs for itself, and each browser asks once whether to trust it.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from data.errors import DataError

if TYPE_CHECKING:
    from cryptography import x509

#: Browsers accept no certificate that is valid for longer than 398 days.
VALID = timedelta(days=397)
#: It is renewed when less than this is left, so that a server that runs for long does not outlive it.
LEFT = timedelta(days=30)
#: Clocks of other machines may be behind.
BEFORE = timedelta(days=1)


class CertificateUnusable(DataError):
    """A certificate or its key is missing, damaged, of another pair, or cannot be written."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate and its key, both PEM.

    Args:
        certificate: the certificate, or a chain of them with the server's first.
        key: its private key.
        fingerprint: SHA-256 of the certificate, as browsers show it: ``AB:CD:…``.
        own: the studio signed it itself, so that browsers ask.
    """

    certificate: Path
    key: Path
    fingerprint: str
    own: bool


def names_of_this_machine() -> tuple[str, ...]:
    """The names and addresses under which this machine may be reached, in a fixed order, lower case."""
    names = {"localhost", socket.gethostname().lower()}
    addresses = {"127.0.0.1", "::1"}
    for each in psutil.net_if_addrs().values():
        for found in each:
            if found.family in (socket.AF_INET, socket.AF_INET6):
                address = ip_address(found.address.partition("%")[0])
                # One of a single cable: a browser would have to name the cable as well.
                if not address.is_link_local:
                    addresses.add(str(address))
    return (*sorted(filter(None, names)), *sorted(addresses))


def own_certificate(folder: Path, names: Iterable[str], now: datetime | None = None) -> Certificate:
    """The studio's own certificate; made anew when it expires, is damaged, or lacks one of the names.

    Args:
        folder: where it and its key lie, readable by their owner alone.
        names: host names and addresses that it must be good for; what cannot be one is left out.
        now: the time; None for the clock's.

    Raises:
        CertificateUnusable: it cannot be written.
    """
    now = now or datetime.now(UTC)
    wanted = _alternatives(names)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not _serves(certificate, key, set(wanted), now):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(certificate, key, wanted, now)
        except OSError as error:
            raise CertificateUnusable(
                f"The certificate cannot be written to {folder} ({error.strerror}). Make room, or give one "
                "with --https-cert and --https-key."
            ) from error
    return Certificate(certificate, key, _fingerprint(certificate), own=True)


def given_certificate(certificate: Path, key: Path | None) -> Certificate:
    """A certificate of one's own, checked.

    Args:
        certificate: PEM, a chain or one.
        key: PEM without a passphrase; None where it stands in the same file.

    Raises:
        CertificateUnusable: a file is missing or no PEM, or they do not belong together.
    """
    key = key or certificate
    for path in (certificate, key):
        if not path.is_file():
            raise CertificateUnusable(
                f"There is no file {path}. Give PEM files to --https-cert and --https-key."
            )
    try:
        # A passphrase is never asked for: a server that waits for a terminal would look as if it hung.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
        return Certificate(certificate, key, _fingerprint(certificate), own=False)
    except (OSError, ValueError) as error:
        raise CertificateUnusable(
            f"{certificate} and {key} cannot be used ({getattr(error, 'reason', None) or error}). Give a PEM "
            "certificate and its PEM key without a passphrase."
        ) from error


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    """Names as a certificate has them."""
    from cryptography import x509

    found: list[x509.GeneralName] = []
    for name in names:
        try:
            address: IPv4Address | IPv6Address = ip_address(name.strip("[]"))
        except ValueError:
            try:
                host = name.encode("idna").decode("ascii")
            except UnicodeError:
                continue
            if host and not host.startswith("."):
                found.append(x509.DNSName(host))
        else:
            if not address.is_unspecified:
                found.append(x509.IPAddress(address))
    return list(dict.fromkeys(found))


def _serves(certificate: Path, key: Path, wanted: set[x509.GeneralName], now: datetime) -> bool:
    """Whether what lies there is whole, of one pair, valid for a while, and good for all names."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = load_pem_private_key(key.read_bytes(), password=None)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    valid = found.not_valid_before_utc <= now <= found.not_valid_after_utc - LEFT
    return valid and wanted <= set(names) and private.public_key() == found.public_key()


def _make(certificate: Path, key: Path, wanted: list[x509.GeneralName], now: datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SSD Studio")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now - BEFORE + VALID)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        # Whoever trusts it trusts this server, and nothing that it might sign.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(key, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(certificate, made.public_bytes(Encoding.PEM))


def _write(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, at once or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)


def _fingerprint(certificate: Path) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return (
        x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(hashes.SHA256()).hex(":").upper()
    )
