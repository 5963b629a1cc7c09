"""The one HTTP client: bounded in time, bytes and redirects, and unable to reach private networks.

The only home of ``httpx2``. It follows redirects by hand, so that every hop is checked; it trusts no
proxy variable of the environment, which would lead around the guard. Neighbours: ``address`` says what
is acceptable, ``guard`` enforces it at the socket.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin

import httpx2

from digest.errors import FetchFailed
from digest.net import credentials as logins
from digest.net.address import Target, split
from digest.net.credentials import Credential
from digest.net.guard import Deadline, GuardedBackend, Resolver, resolve

for _library in ("httpx2", "httpcore2", "hpack"):
    # They tell every address and header to whoever listens for "debug", secrets included.
    logging.getLogger(_library).setLevel(logging.WARNING)

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_PERSONAL = frozenset({"authorization", "cookie"})  # never carried to another site by a redirect


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much patience, memory and trust a request gets."""

    total_s: float = 30.0  # for everything: look-up, connection, every redirect, the last byte
    connect_s: float = 5.0  # for one address of the host
    max_bytes: int = 10 * 1024 * 1024  # of the body once decompressed
    max_hops: int = 5  # redirects followed
    allow_private: bool = False  # whether this machine and local networks may be asked


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A complete answer, whatever its status."""

    url: str  # where the answer came from, redirects followed
    status: int
    headers: Mapping[str, str]  # keys in lower case; repeated ones joined by ", "
    body: bytes  # decompressed
    moved_to: str = ""  # the final address when every redirect was permanent (301, 308); else empty


def guarded_transport(
    limits: Limits, deadline: Deadline, resolver: Resolver, *, http2: bool = True
) -> httpx2.HTTPTransport:
    """Return what carries requests to checked addresses only, within the deadline."""
    transport = httpx2.HTTPTransport(http2=http2, trust_env=False)
    # A private attribute: tests/unit/net/test_client.py fails when a release moves it.
    transport._pool._network_backend = GuardedBackend(
        deadline=deadline,
        connect_s=limits.connect_s,
        allow_private=limits.allow_private,
        resolver=resolver,
    )
    return transport


class Client:
    """Asks web addresses within limits. Belongs to one thread at a time; keeps connections open."""

    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        *,
        credentials: Iterable[Credential] = (),
        resolver: Resolver = resolve,
    ) -> None:
        self._limits = limits
        self._credentials = tuple(credentials)
        self._deadline = Deadline()
        self._http = httpx2.Client(
            transport=guarded_transport(limits, self._deadline, resolver),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(limits.total_s),
            headers={"user-agent": user_agent, "accept-encoding": "gzip, deflate", "accept": "*/*"},
        )

    def get(self, url: str, headers: Iterable[tuple[str, str]] = ()) -> Reply:
        """Return the answer of ``url`` after redirects, of any status.

        A credential of this client goes to the addresses it is for, and shows up in nothing returned.
        Raises AddressRefused for an address we do not talk to, at any hop, and FetchFailed with a
        ``cause`` of unresolved, refused, tls, timeout, too_large, too_many_redirects, bad_redirect or
        protocol.
        """
        return self._follow("GET", url, list(headers), None)

    def get_start(self, url: str, count: int, headers: Iterable[tuple[str, str]] = ()) -> Reply:
        """Return the answer of ``url`` with the first ``count`` bytes of its body, or a few more.

        The server is asked for no more (RFC 9110 §14.2); one that sends all the same is hung up on.
        """
        ranged = [*headers, ("range", f"bytes=0-{count - 1}")]
        return self._follow("GET", url, ranged, None, enough=count)

    def head(self, url: str) -> Reply:
        """Return the headers that ``get`` would have with its answer; guarded and bounded as that is."""
        return self._follow("HEAD", url, [], None)

    def post_form(self, url: str, fields: Mapping[str, str]) -> Reply:
        """Return the answer to a form sent to ``url``, of any status; guarded and bounded as ``get`` is.

        Only redirects that keep a request's method are followed (307, 308: RFC 9110 §15.4); any other is
        the answer.
        """
        headers = [("content-type", "application/x-www-form-urlencoded")]
        return self._follow("POST", url, headers, urlencode(fields).encode())

    def _follow(
        self,
        method: str,
        url: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        *,
        enough: int | None = None,
    ) -> Reply:
        """Return the first answer that leads no further."""
        self._deadline.start(self._limits.total_s)
        self._http.cookies.clear()  # a request starts as a stranger; cookies live for its redirects only
        target = split(url)
        sent = headers
        permanent = True
        followed = _KEEP_METHOD if method == "POST" else _REDIRECTS
        for hop in range(self._limits.max_hops + 1):
            reply = self._ask(method, target, sent, body, enough)
            if reply.status not in followed:
                moved_to = reply.url if hop and permanent else ""
                return Reply(
                    url=reply.url,
                    status=reply.status,
                    headers=reply.headers,
                    body=reply.body,
                    moved_to=moved_to,
                )
            permanent = permanent and reply.status in _PERMANENT
            following = self._next_target(reply)
            if _origin(following) != _origin(target):
                sent = [(name, value) for name, value in sent if name.lower() not in _PERSONAL]
            target = following
        raise FetchFailed(
            f"{url} redirects more than {self._limits.max_hops} times; give the final address.",
            cause="too_many_redirects",
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(
        self,
        method: str,
        target: Target,
        headers: list[tuple[str, str]],
        content: bytes | None,
        enough: int | None,
    ) -> Reply:
        """Return the answer of one hop; the body of a redirect is not read."""
        login = logins.for_url(self._credentials, target.url)
        with (
            _library_errors_wrapped(target),
            self._http.stream(
                method,
                logins.with_query(target.url, login),
                headers=[*headers, *(login.headers if login else ())],
                content=content,
            ) as response,
        ):
            body = b"" if response.status_code in _REDIRECTS else self._read(response, target, enough)
            return Reply(
                url=target.url,
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=body,
            )

    def _next_target(self, reply: Reply) -> Target:
        """Return where a redirect leads; raise FetchFailed or AddressRefused when it may not."""
        login = logins.for_url(self._credentials, reply.url)
        location = reply.headers.get("location", "").strip()
        try:
            following = logins.without_query(urljoin(reply.url, location), login)
        except ValueError as error:
            raise FetchFailed(
                f"{reply.url} redirects to an address that is misspelled.", cause="bad_redirect"
            ) from error
        if not location:
            raise FetchFailed(f"{reply.url} redirects without saying where to.", cause="bad_redirect")
        if logins.gives_away(following, login, asked=reply.url):
            raise FetchFailed(
                f"{reply.url} redirects to an address that repeats our login; give the final address.",
                cause="bad_redirect",
            )
        return split(following)

    def _read(self, response: httpx2.Response, target: Target, enough: int | None) -> bytes:
        """Return the decompressed body, or its start; raise FetchFailed as soon as it is too large."""
        if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
            # Only what we asked for: other encodings, and several at once, are how bombs are packed.
            raise FetchFailed(f"{target.url} answered in a compression nobody asked for.", cause="protocol")
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if enough is not None and len(body) >= enough:
                break
            if len(body) > self._limits.max_bytes:
                raise FetchFailed(
                    f"{target.url} sent more than {self._limits.max_bytes:,} bytes; "
                    "make the feed shorter at the site.",
                    cause="too_large",
                )
        return bytes(body)


def _origin(target: Target) -> tuple[str, str, int]:
    """Return what makes two addresses the same site (RFC 6454 §4)."""
    return target.scheme, target.host, target.port


@contextmanager
def _library_errors_wrapped(target: Target) -> Iterator[None]:
    """Turn every error of the HTTP library into FetchFailed, once, here."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise FetchFailed(f"{target.url} did not answer in time.", cause="timeout") from error
    except httpx2.HTTPError as error:
        raise _failure(target, error) from error
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise FetchFailed(f"{target.url} cannot be asked for ({error}).", cause="protocol") from error


def _failure(target: Target, error: httpx2.HTTPError) -> FetchFailed:
    """Return what a library error means to an operator."""
    if chain_holds(error, ssl.SSLError):
        return FetchFailed(
            f"{target.host} could not prove who it is ({error}); its certificate must be put right there.",
            cause="tls",
        )
    if isinstance(error, httpx2.ConnectError):
        return FetchFailed(f"{target.host} refused the connection on port {target.port}.", cause="refused")
    return FetchFailed(f"{target.url} broke off or answered in no valid HTTP ({error}).", cause="protocol")


def chain_holds(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Return whether ``error`` was caused, at any remove, by a ``kind``."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
