"""Mail addresses: what we accept, and how two of them are compared.

Pure; the only home of email-validator. Strict on purpose: no display names, comments, quoted local
parts or bracketed hosts, because every looser parser has been fooled (CVE-2023-27043). No look-up of
the domain is made: the confirm mail finds out.
"""

from __future__ import annotations

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from subscribers.errors import BadAddress

MAX_CHARACTERS = 254  # RFC 5321 §4.5.3.1.3 allows 256 octets for the path, angle brackets included

_RESERVED_HOST = "localhost"  # has no dot, so the validator knows no way to allow it


@dataclass(frozen=True, kw_only=True)
class Address:
    """One mail address, in the two forms we keep."""

    email: str  # as written, with the domain in ASCII (A-labels): safe in headers and envelopes
    key: str  # lower-cased: two spellings of one address have one key

    @property
    def masked(self) -> str:
        """The address with all but the first letter of its local part hidden, for pages."""
        local, _, domain = self.email.rpartition("@")
        return f"{local[0]}•••@{domain}"


def parse(text: str, *, allow_reserved: bool = False) -> Address:
    """Return the address that the text is; raise BadAddress with a reason for its writer.

    Spaces around it are forgiven. ``allow_reserved`` lets names that can never be delivered through
    (``.test``, ``.example`` and ``localhost``, RFC 2606): for the demonstration and for tests.

    Letters outside ASCII are welcome in the domain and refused before the @, because too few mail
    servers take them (SMTPUTF8, RFC 6531).
    """
    text = text.strip(" \t\r\n")
    if not text:
        raise BadAddress("Enter your email address.")
    if len(text) > MAX_CHARACTERS:
        raise BadAddress("This is too long to be an email address.")
    local, _, domain = text.rpartition("@")
    if domain.lower() == _RESERVED_HOST and allow_reserved:
        _validate(f"{local}@{_RESERVED_HOST}.test", allow_reserved=True)
        return _address(local, _RESERVED_HOST)
    if domain.lower().endswith(".example") and not allow_reserved:
        raise BadAddress("Addresses ending in .example are only for examples.")
    return _validate(text, allow_reserved=allow_reserved)


def mask(email: str) -> str:
    """Return a stored address with most of its local part hidden; empty stays empty."""
    return Address(email=email, key="").masked if email else ""


def _validate(text: str, *, allow_reserved: bool) -> Address:
    """Return the address, or raise BadAddress with the validator's sentence."""
    try:
        valid = validate_email(
            text,
            allow_smtputf8=False,
            strict=True,
            check_deliverability=False,
            test_environment=allow_reserved,
        )
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from error
    return _address(valid.local_part, valid.ascii_domain)


def _address(local: str, domain: str) -> Address:
    return Address(email=f"{local}@{domain}", key=f"{local}@{domain}".lower())
