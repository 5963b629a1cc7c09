"""Connections that lead only where they may, and end when they must.

``httpcore2`` asks a network backend for every TCP connection. This one resolves the name once, has every
answer checked, and connects to a checked address: between check and use there is no second look-up that
could answer differently (DNS rebinding). Each read, write and handshake is given only what is left of the
request's total time, because a server that drips one byte a second never trips a time-out per read.
Neighbours: ``address`` decides, ``client`` installs the backend and winds the deadline.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2

from digest.errors import FetchFailed
from digest.net import address

Resolver = Callable[[str, int, float], tuple[str, ...]]
"""Host, port and seconds allowed → IP addresses in order of preference. Raises FetchFailed."""


class Deadline:
    """How much of a request's total time is left, and whether any of it went out. Wound for each request."""

    def __init__(self) -> None:
        self._ends_at = 0.0
        self.wrote = False  # whether a byte of the request was given to a connection

    def start(self, total_s: float) -> None:
        """Begin a request that may take ``total_s`` seconds, redirects included."""
        self._ends_at = time.monotonic() + total_s
        self.wrote = False

    def left(self, at_most: float | None = None) -> float:
        """Return the seconds left, no more than ``at_most``; raise httpcore2.ReadTimeout at the end."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the total time for this request is over")
        return left if at_most is None else min(left, at_most)


def resolve(host: str, port: int, timeout_s: float) -> tuple[str, ...]:
    """Return the addresses of ``host``; raise FetchFailed (``unresolved`` or ``timeout``).

    ``getaddrinfo`` cannot be interrupted, so it runs in a thread that is left behind when it is late.
    """
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise FetchFailed(f"The name {host} was not resolved in time.", cause="timeout") from None
    if isinstance(answer, OSError):
        raise FetchFailed(
            f"The name {host} has no address ({answer.strerror or answer}); check its spelling.",
            cause="unresolved",
        ) from answer
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in answer))


class GuardedBackend(httpcore2.NetworkBackend):
    """Opens TCP connections to checked addresses only, within the deadline."""

    def __init__(
        self, *, deadline: Deadline, connect_s: float, allow_private: bool, resolver: Resolver
    ) -> None:
        self._deadline = deadline
        self._connect_s = connect_s
        self._allow_private = allow_private
        self._resolve = resolver
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  our own deadline is the stricter one
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Return a connection to ``host``, tried address by address, all of them checked first."""
        addresses = self._resolve(host, port, self._deadline.left())
        address.check(host, addresses, self._allow_private)
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for checked in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    checked, port, self._deadline.left(self._connect_s), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error  # a host with IPv6 and IPv4 may answer on one of them only
            else:
                return _TimedStream(stream, self._deadline)
        raise failure


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every operation is given only the time that is left."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes."""
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of ``buffer``; handshakes of TLS do not come by here."""
        left = self._deadline.left(timeout)
        self._deadline.wrote = True
        self._stream.write(buffer, left)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Return the same connection inside TLS, the certificate checked for the name that was asked for."""
        inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)
