"""Private keys from files: which are taken, and what is told of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from digest.errors import ConfigurationError
from digest.providers.dkim_keys import read_key
from tests.dkim_keys import ed25519_file, named, rsa_file


def refusal(file: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_key(named(file))
    return str(caught.value)


def test_an_rsa_key_tells_the_record_that_publishes_it(tmp_path: Path) -> None:
    found = read_key(named(rsa_file(tmp_path), "ep1", "example.org"))
    assert found.record_name == "ep1._domainkey.example.org"
    assert found.record.startswith("v=DKIM1; k=rsa; p=MII")
    assert (found.key.algorithm, found.warning) == ("rsa-sha256", "")


def test_an_ed25519_key_is_published_as_32_octets(tmp_path: Path) -> None:
    found = read_key(named(ed25519_file(tmp_path)))
    assert found.record.startswith("v=DKIM1; k=ed25519; p=")
    assert len(found.record.removeprefix("v=DKIM1; k=ed25519; p=")) == 44
    assert found.key.algorithm == "ed25519-sha256"


def test_a_short_key_is_taken_with_a_warning_and_a_very_short_one_is_not(tmp_path: Path) -> None:
    assert "1024 bits" in read_key(named(rsa_file(tmp_path, 1024))).warning
    tiny = tmp_path / "tiny.pem"
    tiny.write_text(_RSA_512)
    tiny.chmod(0o600)
    assert "512 bits, which nobody accepts" in refusal(tiny)


def test_a_file_that_is_not_there_is_told_with_how_to_make_it(tmp_path: Path) -> None:
    told = refusal(tmp_path / "none.pem")
    assert "none.pem is not there" in told
    assert "openssl genrsa" in told


def test_a_file_that_everybody_can_open_is_refused(tmp_path: Path) -> None:
    file = rsa_file(tmp_path)
    file.chmod(0o644)
    assert f"chmod 600 {file}" in refusal(file)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    assert "cannot be read" in refusal(tmp_path / "folder")


@pytest.mark.parametrize("text", ["", "planted-secret-text", "-----BEGIN PRIVATE KEY-----\nplanted\n"])
def test_what_is_no_key_is_told_and_not_repeated(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.pem"
    file.write_text(text)
    file.chmod(0o600)
    told = refusal(file)
    assert "holds no private key in PEM form" in told
    assert "planted" not in told


def test_a_key_of_another_kind_is_told(tmp_path: Path) -> None:
    assert "neither RSA nor Ed25519" in refusal(_saved(tmp_path, ec.generate_private_key(ec.SECP256R1())))


def test_a_key_with_a_passphrase_is_told(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "protected by a passphrase" in refusal(_saved(tmp_path, key, b"open sesame"))


def _saved(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, word: bytes = b"") -> Path:
    from cryptography.hazmat.primitives.serialization import NoEncryption  # noqa: PLC0415

    lock = BestAvailableEncryption(word) if word else NoEncryption()
    file = folder / "saved.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    file.chmod(0o600)
    return file


# Made for this test: no tool makes keys this short any more without being asked to.
_RSA_512 = """\
-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAs6Ud2/ff9T2GzZWO
vc7E2JL/qSwbp5vWKwL4YRYqqWZYzIiplSO/n1Z9+QF1UcKvMdkb8EpfZwjh0N4l
W2ZWqQIDAQABAkB8CSuer30g1QR4eiT+hP+BEa4YXm4RwhWTyQ856ZY3M1zkQX/1
rV4RsEP24RU7yNjsdnHNoxN/duUTBxsQMsYBAiEA4Y2/GR2nEIR7IefdnkhzZNCe
jhTSLUqligwAWtW7hWECIQDL5PHYHhGuJgLw8TErFwjFoDMnFVzrnauKUCyzaOIO
SQIhAL7gOrkhe/EhfCZ8VvMNMwI8/gEVI6yKgD6r210DhPbhAiEAu1sEM//lZS3+
k+I9uQewgtCjUG2b9dHrN+xWNwHQfykCICFsoNHxyWxeezqk9vAjQMl79b/gZJIZ
vRh+yvy1aFUF
-----END PRIVATE KEY-----
"""
