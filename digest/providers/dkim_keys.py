"""Private keys for DKIM, read from PEM files. The one home of the library that knows them in signing.

It comes with the extra ``dkim`` and is loaded only where keys are named. What is in a file is never shown.
Neighbour: ``dkim`` decides what is signed.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from digest.errors import ConfigurationError, Fault
from digest.providers import dkim

RSA_LEAST_BITS: Final = 1024  # verifiers ignore shorter ones (RFC 8301 §3.2)
RSA_GOOD_BITS: Final = 2048  # signers should use at least these (RFC 8301 §3.2)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A key as the settings name it."""

    domain: str
    selector: str
    file: Path
    setting: str  # "dkim.key_file", for messages


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key that signs, and what the world must know of it."""

    key: dkim.Key
    record_name: str  # where its public half belongs in the DNS
    record: str  # what belongs there
    warning: str = ""  # why it is a weak key; empty when it is not


def read_key(named: Named) -> SigningKey:
    """Return the key of a PEM file. Raises ConfigurationError, saying what is wrong with it."""
    # Loaded here: it takes a while, and most installations let somebody else sign.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    pem = _contents(named)
    try:
        private = load_pem_private_key(pem, password=None)
    except TypeError:
        raise _refused(
            named, "is protected by a passphrase", f"Remove it: openssl pkey -in {named.file}"
        ) from None
    except (ValueError, UnsupportedAlgorithm):  # the cause may quote the file
        raise _refused(named, "holds no private key in PEM form", _make(named)) from None
    if isinstance(private, ed25519.Ed25519PrivateKey):
        # RFC 8463 §3: what is signed is the hash; in the record stand the 32 octets of the key alone.
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        signing = private.sign
        return _signing_key(named, "ed25519", raw, lambda given: signing(_sha256(given)))
    if not isinstance(private, rsa.RSAPrivateKey):
        raise _refused(named, "holds a key that is neither RSA nor Ed25519", _make(named))
    if private.key_size < RSA_LEAST_BITS:
        problem = f"holds an RSA key of {private.key_size} bits, which nobody accepts"
        raise _refused(named, problem, _make(named))
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    warning = ""
    if private.key_size < RSA_GOOD_BITS:
        warning = (
            f"the key of {named.setting} has {private.key_size} bits: make one of {RSA_GOOD_BITS} or more"
        )
    scheme, digest = padding.PKCS1v15(), SHA256()
    return _signing_key(named, "rsa", der, lambda given: private.sign(given, scheme, digest), warning)


def _signing_key(
    named: Named, kind: str, public: bytes, sign: Callable[[bytes], bytes], warning: str = ""
) -> SigningKey:
    key = dkim.Key(domain=named.domain, selector=named.selector, algorithm=f"{kind}-sha256", sign=sign)
    return SigningKey(
        key=key,
        record_name=dkim.dns_name(named.selector, named.domain),
        record=dkim.dns_text(kind, public),
        warning=warning,
    )


def _sha256(given: bytes) -> bytes:
    return hashlib.sha256(given).digest()


def _contents(named: Named) -> bytes:
    """Return the file's octets, refusing one that everybody on this machine can open."""
    try:
        if named.file.stat().st_mode & stat.S_IRWXO:
            mend = f"Run: chmod 600 {named.file}"
            raise _refused(named, "can be opened by everybody on this machine", mend)
        return named.file.read_bytes()
    except FileNotFoundError:
        raise _refused(named, "is not there", _make(named)) from None
    except OSError as error:
        mend = "Make it readable for this user"
        raise _refused(named, f"cannot be read: {error.strerror}", mend) from None


def _make(named: Named) -> str:
    return f"Make one: (umask 077; openssl genrsa -out {named.file} {RSA_GOOD_BITS})"


def _refused(named: Named, problem: str, mend: str) -> ConfigurationError:
    fault = Fault(where=named.setting, problem=f"{named.file} {problem}", mend=f"{mend}.")
    return ConfigurationError([fault])
