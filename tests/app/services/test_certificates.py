"""The certificate of https: made once, renewed when it must be, and good enough for a real handshake."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.services.certificates import (
    LEFT,
    VALID,
    CertificateUnusable,
    given_certificate,
    names_of_this_machine,
    own_certificate,
)

NAMES = ("localhost", "mybox", "127.0.0.1", "::1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_it_and_its_key_are_their_owners_alone_and_stay_while_they_serve(tmp_path: Path) -> None:
    first = own_certificate(tmp_path / "https", NAMES, NOW)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (first.key, first.certificate, tmp_path / "https")]
    assert modes == [0o600, 0o600, 0o700]
    later = NOW + VALID - LEFT - timedelta(days=2)
    assert own_certificate(tmp_path / "https", NAMES[:2], later) == first
    assert len(first.fingerprint.split(":")) == 32


def test_it_is_renewed_when_it_expires_lacks_a_name_or_is_damaged(tmp_path: Path) -> None:
    made = [own_certificate(tmp_path, NAMES, NOW)]
    made.append(own_certificate(tmp_path, NAMES, NOW + VALID - LEFT))
    made.append(own_certificate(tmp_path, (*NAMES, "192.168.1.4"), NOW + VALID - LEFT))
    other = own_certificate(tmp_path / "other", NAMES, NOW)
    other.key.replace(made[-1].key)  # of another pair
    made.append(own_certificate(tmp_path, NAMES, NOW + VALID - LEFT))
    made[-1].certificate.write_text("cut off")
    made.append(own_certificate(tmp_path, NAMES, NOW + VALID - LEFT))
    assert len({each.fingerprint for each in made}) == 5


def test_a_name_that_no_certificate_can_have_is_left_out(tmp_path: Path) -> None:
    assert own_certificate(tmp_path, (*NAMES, "0.0.0.0", "[::1]", ".x", "a..b", "bücher.example")).own


def test_this_machine_is_reached_by_name_and_address() -> None:
    assert {"localhost", "127.0.0.1", "::1"} <= set(names_of_this_machine())


def test_one_that_is_given_is_taken_as_it_is_where_it_and_its_key_belong_together(tmp_path: Path) -> None:
    mine, other = own_certificate(tmp_path / "mine", NAMES), own_certificate(tmp_path / "other", NAMES)
    assert given_certificate(mine.certificate, mine.key).fingerprint == mine.fingerprint
    both = tmp_path / "both.pem"
    both.write_bytes(mine.certificate.read_bytes() + mine.key.read_bytes())
    assert not given_certificate(both, None).own
    for certificate, key in ((mine.certificate, other.key), (mine.certificate, None), (mine.key, mine.key)):
        with pytest.raises(CertificateUnusable, match="without a passphrase"):
            given_certificate(certificate, key)
    with pytest.raises(CertificateUnusable, match="There is no file"):
        given_certificate(tmp_path / "none.pem", None)


def test_a_key_with_a_passphrase_is_refused_without_asking_for_it(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    mine = own_certificate(tmp_path, NAMES)
    private = load_pem_private_key(mine.key.read_bytes(), None)
    locked = BestAvailableEncryption(b"secret")
    mine.key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    with pytest.raises(CertificateUnusable, match="without a passphrase"):
        given_certificate(mine.certificate, mine.key)


def test_a_client_that_trusts_it_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    # The strict checks of OpenSSL, as Python and browsers make them.
    made = own_certificate(tmp_path, NAMES)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    client = ssl.create_default_context(cafile=str(made.certificate))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ends = [ssl.MemoryBIO() for _ in range(2)]
    asks = client.wrap_bio(ends[0], ends[1], server_hostname="127.0.0.1")
    answers = server.wrap_bio(ends[1], ends[0], server_side=True)
    for _ in range(3):
        for end in (asks, answers):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert asks.version() == "TLSv1.3"
