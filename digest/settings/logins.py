"""Reads feed_credentials: how each protected feed is asked, from secrets only.

Every refusal names the address and never the secret. Neighbours: ``schema`` holds the result, ``net.client``
shows it to the one place it is for.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn
from urllib.parse import unquote_plus, urlsplit

from pydantic import BeforeValidator, Strict
from pydantic_core import PydanticCustomError

from digest.errors import AddressRefused
from digest.net.address import split
from digest.net.credentials import Credential
from digest.settings.values import REFUSED

_KINDS = {frozenset({"username", "password"}): "basic"} | {
    frozenset({kind}): kind for kind in ("bearer", "header", "query")
}
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):\s*([!-~][ -~]*)")
_MEND = (
    'Write [feed_credentials."https://example.org/feed"] and below it username and password, '
    'or bearer = "…", or header = "X-Token: …", or query = "key=…"'
)


def _refuse(problem: str) -> NoReturn:
    raise PydanticCustomError(REFUSED, "{problem}", {"problem": problem, "mend": _MEND})


def _credentials(given: Any) -> tuple[Credential, ...]:
    """Return one credential for each address."""
    if not isinstance(given, Mapping):
        _refuse("is no table of addresses")
    return tuple(_credential(str(url), login) for url, login in given.items())


def _credential(url: str, login: Any) -> Credential:
    """Return the login for one address."""
    try:
        address = split(url).url
    except AddressRefused:
        _refuse("names what is no web address")  # not repeated: it may hold a password
    if urlsplit(address).query:
        _refuse("names an address with a query; end it before the ?")
    kind = _KINDS.get(frozenset(login)) if isinstance(login, Mapping) else None
    if kind is None:
        _refuse(f"for {address} names none or several ways to log in")
    texts = {name: value for name, value in login.items() if isinstance(value, str) and value}
    if len(texts) < len(login) or not all(text.isprintable() for text in texts.values()):
        _refuse(f"for {address} holds something empty, or more than one line of text")
    return _MAKERS[kind](address, texts)


def _basic(url: str, login: Mapping[str, str]) -> Credential:
    """RFC 7617, in UTF-8."""
    username, password = login["username"], login["password"]
    if ":" in username:
        _refuse(f"for {url} has a user name with a colon, which no server can read")
    token = b64encode(f"{username}:{password}".encode()).decode("ascii")
    headers = (("Authorization", f"Basic {token}"),)
    return Credential(url=url, kind="basic", headers=headers, secrets=(password, token))


def _bearer(url: str, login: Mapping[str, str]) -> Credential:
    """RFC 6750 §2.1."""
    token = login["bearer"]
    if not re.fullmatch(r"[!-~]+", token):
        _refuse(f"for {url} has a bearer token with a space or a letter outside ASCII")
    return Credential(
        url=url, kind="bearer", headers=(("Authorization", f"Bearer {token}"),), secrets=(token,)
    )


def _header(url: str, login: Mapping[str, str]) -> Credential:
    """One header of the site's own."""
    found = _HEADER.fullmatch(login["header"])
    if found is None:
        _refuse(f"for {url} has a header that is not written as Name: value")
    name, value = found.groups()
    return Credential(url=url, kind="header", headers=((name, value),), secrets=(value,))


def _query(url: str, login: Mapping[str, str]) -> Credential:
    """One or more parameters of the address."""
    query = login["query"].removeprefix("?")
    if not re.fullmatch(r"[!-~]+=[!-~]+", query) or "#" in query:
        _refuse(f"for {url} has a query that is not written as key=value, percent-encoded")
    values = [pair.partition("=")[2] for pair in query.split("&")]
    secrets = tuple({spelling for value in values if value for spelling in (value, unquote_plus(value))})
    return Credential(url=url, kind="query", query=query, secrets=secrets)


_MAKERS = {"basic": _basic, "bearer": _bearer, "header": _header, "query": _query}

# Made above and never shown: the value itself holds secrets.
FeedCredentials = Annotated[tuple[Credential, ...], Strict(False), BeforeValidator(_credentials)]
