"""What proves to a site that we may read it, and to whom it is shown: to that address and below, only.

Pure. A credential belongs to a scheme, host, port and path; the client asks here again for every hop, so no
redirect carries one to another place. What holds a secret has no ``repr``, and an address that repeats one
is never followed, stored or told. Neighbours: ``settings.logins`` reads them, ``client`` applies them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from digest.net.address import split


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One login for one address and everything below it."""

    url: str  # "https://host/path", without a query
    kind: str  # "basic", "bearer", "header" or "query", for people
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # sent with each request
    query: str = field(default="", repr=False)  # added to each address: "key=value"
    secrets: tuple[str, ...] = field(default=(), repr=False)  # what must never be seen anywhere


def for_url(credentials: Iterable[Credential], url: str) -> Credential | None:
    """Return the credential for an address: the one with the longest path that leads to it, or None."""
    fitting = [credential for credential in credentials if _covers(credential.url, url)]
    return max(fitting, key=lambda credential: len(urlsplit(credential.url).path), default=None)


def with_query(url: str, credential: Credential | None) -> str:
    """Return the address as it goes on the wire."""
    if credential is None or not credential.query:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{credential.query}"


def without_query(url: str, credential: Credential | None) -> str:
    """Return the address without what ``with_query`` added, as servers repeat it when they redirect."""
    if credential is None or not credential.query:
        return url
    parts = urlsplit(url)
    ours = {unquote_plus(pair) for pair in credential.query.split("&")}
    kept = [pair for pair in parts.query.split("&") if unquote_plus(pair) not in ours]
    return urlunsplit(parts._replace(query="&".join(kept)))


def gives_away(url: str, credential: Credential | None, *, asked: str) -> bool:
    """Return whether an address repeats a secret, even percent-encoded twice.

    A word that the address we ``asked`` holds anyway gives nothing away, however poor a password it is.
    """
    secrets: Sequence[str] = credential.secrets if credential else ()
    secrets = [secret for secret in secrets if secret not in asked]
    spellings = (url, unquote_plus(url), unquote_plus(unquote_plus(url)))
    return any(secret in spelling for secret in secrets for spelling in spellings)


def _covers(prefix: str, url: str) -> bool:
    """Return whether ``url`` is ``prefix`` or below it; a path with dots in its way never is."""
    ours, theirs = split(prefix), split(url)
    if (ours.scheme, ours.host, ours.port) != (theirs.scheme, theirs.host, theirs.port):
        return False
    path = unquote_plus(urlsplit(theirs.url).path)
    base = unquote_plus(urlsplit(ours.url).path).rstrip("/")
    dotted = any(part in (".", "..") for part in path.split("/"))
    return not dotted and (path == base or path.startswith(f"{base}/"))
