"""The section of DKIM, and the keys it names.

Neighbours: ``schema`` puts the sections together, ``backends`` signs with the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from digest.errors import ConfigurationError, Fault
from digest.providers.dkim_keys import Named, SigningKey, read_key
from digest.settings.section import Section, optional
from digest.settings.values import DnsName, Line

_PAIRS = (("selector", "key_file"), ("second_selector", "second_key_file"))

SIGNING = ("smtp", "sendmail", "maildir", "file")
"""The backends whose mails are signed here. Providers sign what they send."""


class DkimSection(Section):
    """Signatures made here, for backends that are no providers; needs everypost[dkim]. Empty: none."""

    domain: DnsName = optional(
        "",
        "Whose mail it is: the domain of from_address, or one above or below it. Empty: nothing is signed.",
    )
    selector: DnsName = optional("", "Name of the key in the DNS: SELECTOR._domainkey.DOMAIN.")
    key_file: Line = optional(
        "", "Private key in PEM form, RSA of 2048 bits or Ed25519; chmod 600; relative to digest.toml."
    )
    second_selector: DnsName = optional("", "Name of a second key: Ed25519 beside RSA, or the next one.")
    second_key_file: Line = optional("", "Its private key.")

    def keys(self, path: Callable[[str], Path]) -> list[SigningKey]:
        """Return the keys that sign; none where nothing is signed. Raises ConfigurationError."""
        if not self.domain:
            return []
        if find_spec("cryptography") is None:
            mend = 'Run: pip install "everypost[dkim]"'
            problem = "signing needs a library that is not installed"
            raise ConfigurationError([Fault(where="dkim.domain", problem=problem, mend=mend)])
        return [
            read_key(
                Named(
                    domain=self.domain,
                    selector=getattr(self, selector),
                    file=path(getattr(self, file)),
                    setting=f"dkim.{file}",
                )
            )
            for selector, file in _PAIRS
            if getattr(self, file)
        ]


def contradictions(
    dkim: Mapping[str, Any], from_address: str, where: Callable[[str], str]
) -> Iterator[Fault]:
    """Yield a fault for what signing must be told and is not, and for a domain that is not the sender's.

    Values as written; ``where`` tells where a setting of the section stands.
    """
    domain = str(dkim.get("domain", "")).lower()
    if not domain:
        given = next((name for name in dkim if dkim[name]), "")
        if given:
            mend = 'Write such as domain = "example.org" below [dkim]'
            yield Fault(where=where(given), problem=f"dkim.{given} means nothing without domain", mend=mend)
        return
    sender = from_address.rpartition("@")[2].lower()
    if sender and not (f".{sender}".endswith(f".{domain}") or f".{domain}".endswith(f".{sender}")):
        # DMARC looks for a signature of the sender's own domain (RFC 9989): this one would count for nothing.
        mend = f'Write domain = "{sender}" below [dkim]'
        problem = f"dkim.domain “{domain}” is not the domain of mail.from_address"
        yield Fault(where=where("domain"), problem=problem, mend=mend)
    for selector, file in _PAIRS:
        first = selector == "selector"
        for name, other in ((selector, file), (file, selector)):
            if not dkim.get(name) and (first or dkim.get(other)):
                mend = f'Write {name} = "…" below [dkim]'
                problem = f"dkim.{'domain' if first else other} needs {name}"
                yield Fault(where=where("domain" if first else other), problem=problem, mend=mend)
    if dkim.get("second_selector") and dkim.get("second_selector") == dkim.get("selector"):
        mend = "Give each key a selector of its own"
        problem = "dkim.second_selector is the same as selector"
        yield Fault(where=where("second_selector"), problem=problem, mend=mend)
