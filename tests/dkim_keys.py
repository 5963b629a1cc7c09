"""Keys for DKIM made for a test, and a verifier that looks their records up in a table instead of the DNS."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.providers.dkim_keys import Named, SigningKey, read_key


class _VerifyKey:
    """What dkimpy wants of PyNaCl, by the library we have: whether an Ed25519 signature fits."""

    def __init__(self, text: bytes, encoder: object) -> None:
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(text))

    def verify(self, given: bytes, signature: bytes) -> None:
        self._key.verify(signature, given)


_NACL = SimpleNamespace(
    signing=SimpleNamespace(VerifyKey=_VerifyKey),
    encoding=SimpleNamespace(Base64Encoder=None),
    exceptions=SimpleNamespace(BadSignatureError=InvalidSignature, ValueError=ValueError),
)
"""Stands in for PyNaCl: what is signed, and in which form, is still dkimpy's own reading."""

DOMAIN = "quietbench.example"


def rsa_file(folder: Path, bits: int = 2048, name: str = "rsa.pem") -> Path:
    return _written(folder / name, rsa.generate_private_key(public_exponent=65537, key_size=bits))


def ed25519_file(folder: Path, name: str = "ed.pem") -> Path:
    return _written(folder / name, ed25519.Ed25519PrivateKey.generate())


def _written(file: Path, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Path:
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    return file


def named(file: Path, selector: str = "s1", domain: str = DOMAIN) -> Named:
    return Named(domain=domain, selector=selector, file=file, setting="dkim.key_file")


def two_keys(folder: Path) -> list[SigningKey]:
    """Return an RSA key s1 and an Ed25519 key s2."""
    return [read_key(named(rsa_file(folder))), read_key(named(ed25519_file(folder), "s2"))]


def dated_now(data: bytes) -> bytes:
    """Return the mail as if it were made now: signatures run out by the verifier's own clock."""
    date = format_datetime(datetime.now(UTC)).encode()
    return re.sub(rb"^Date: [^\r]+", b"Date: " + date, data, count=1, flags=re.MULTILINE)


def verdicts(data: bytes, keys: Sequence[SigningKey]) -> list[bool]:
    """Return what dkimpy says of each signature of a mail, from the top."""
    return verdicts_by_records(data, {key.record_name: key.record for key in keys})


def verdicts_by_records(data: bytes, records: dict[str, str]) -> list[bool]:
    """Return what dkimpy says of each signature, by the TXT records that are published."""

    def txt(name: bytes, timeout: int = 5) -> bytes | None:
        found = records.get(name.decode().rstrip("."))
        return found.encode() if found else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dkim, "nacl", _NACL, raising=False)
        return _verdicts(data, txt)


def _verdicts(data: bytes, txt: Callable[..., bytes | None]) -> list[bool]:
    verifier = dkim.DKIM(data)
    count = data.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
    return [_verdict(verifier, place, txt) for place in range(count)]


def _verdict(verifier: dkim.DKIM, place: int, txt: Callable[..., bytes | None]) -> bool:
    try:
        return bool(verifier.verify(idx=place, dnsfunc=txt))
    except dkim.ValidationError:  # its way of saying that another body was signed
        return False
