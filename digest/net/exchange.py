"""Calls of a provider's interface: one request, one answer, and the truth about whether anything was sent.

Unlike ``client``, which reads strangers' pages, this follows no redirect (an answer that points elsewhere is
an answer), never repeats a request by itself, and says of every failure whether a byte of the request had
gone out: before that a mail can safely be tried again, after it nobody knows. The address is the operator's
own, so it may lie on this machine. Neighbours: ``guard`` bounds and checks connections, ``providers.by_http``
is the only caller.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable

import httpx2

from digest.errors import AddressRefused, CallFailed, FetchFailed
from digest.net.address import Target, split
from digest.net.call import Answer, Call
from digest.net.client import Limits, chain_holds, guarded_transport
from digest.net.guard import Deadline, Resolver, resolve

LIMITS = Limits(total_s=60.0, connect_s=10.0, max_bytes=5 * 1024 * 1024, max_hops=0, allow_private=True)
"""A provider may think for a minute over a hundred mails; its answers are small."""


class Exchange:
    """Makes calls. Belongs to one thread; keeps a connection open."""

    def __init__(self, user_agent: str, limits: Limits = LIMITS, *, resolver: Resolver = resolve) -> None:
        self._user_agent = user_agent
        self._limits = limits
        self._resolver = resolver
        self._deadline = Deadline()
        self._client: httpx2.Client | None = None  # opened by the first call, and by the first after a close

    def make(self, call: Call) -> Answer:
        """Return the answer; raise CallFailed where none came, or none that can be read."""
        self._deadline.start(self._limits.total_s)
        try:
            target = split(call.url)
        except AddressRefused as error:
            raise CallFailed(str(error), cause="address", sent=False) from error
        try:
            return self._make(call, target)
        except (AddressRefused, FetchFailed) as error:  # raised by our own guard, before any connection
            cause = error.cause if isinstance(error, FetchFailed) else "address"
            raise CallFailed(str(error), cause=cause, sent=self._deadline.wrote) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise self._failure(target, error) from error

    def close(self) -> None:
        """Close the connection. Never raises; a later call opens another."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _make(self, call: Call, target: Target) -> Answer:
        with self._opened().stream(
            call.method, target.url, headers=list(call.headers), content=call.body or None
        ) as response:
            return Answer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=self._read(response.iter_bytes(), target),
            )

    def _opened(self) -> httpx2.Client:
        if self._client is None:
            self._client = httpx2.Client(
                transport=guarded_transport(self._limits, self._deadline, self._resolver, http2=False),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx2.Timeout(self._limits.total_s),
                headers={"user-agent": self._user_agent, "accept-encoding": "gzip, deflate"},
            )
        self._client.cookies.clear()
        return self._client

    def _read(self, chunks: Iterable[bytes], target: Target) -> bytes:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > self._limits.max_bytes:
                raise CallFailed(
                    f"{target.host} answered with more than {self._limits.max_bytes:,} bytes.",
                    cause="too_large",
                    sent=True,
                )
        return bytes(body)

    def _failure(self, target: Target, error: Exception) -> CallFailed:
        """Return what a library error means; its own words may quote a header, so they are left out."""
        sent = self._deadline.wrote
        if isinstance(error, httpx2.TimeoutException):
            return CallFailed(f"{target.host} did not answer in time.", cause="timeout", sent=sent)
        if not sent and chain_holds(error, ssl.SSLError):
            return CallFailed(
                f"{target.host} could not prove who it is; check base_url, or its certificate.",
                cause="tls",
                sent=False,
            )
        if isinstance(error, httpx2.ConnectError):
            return CallFailed(
                f"{target.host} refused the connection on port {target.port}.", cause="refused", sent=sent
            )
        return CallFailed(f"{target.host} broke off the conversation.", cause="protocol", sent=sent)
