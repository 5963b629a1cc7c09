"""SMTP servers for tests, in this process and on 127.0.0.1 only.

``MailSink`` is a real server (aiosmtpd) that keeps what it accepts and refuses what it is told to.
``RawServer`` plays a script on a bare socket, for everything a well-behaved server never does.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

TLS = Path(__file__).parent / "data" / "tls"
CA_FILE = str(TLS / "ca.pem")


def server_tls(certificate: str = "server") -> ssl.SSLContext:
    """Return a server's context with one of the certificates in tests/data/tls."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem")
    return context


@dataclass(frozen=True)
class Received:
    """One message the sink took responsibility for."""

    sender: str
    recipients: list[str]
    options: list[str]  # parameters of MAIL
    data: bytes
    user: str  # who had logged in; empty: nobody


class _Server(Controller):
    """aiosmtpd's controller on a port the system picks."""

    def __init__(self, handler: Any, **options: Any) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sessions: list[SMTP] = []
        super().__init__(handler, "127.0.0.1", self._listener.getsockname()[1], **options)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listener, ssl=self.ssl_context)

    def factory(self) -> SMTP:
        session = SMTP(self.handler, loop=self.loop, **self.SMTP_kwargs)
        self._sessions.append(session)
        return session

    def hang_up(self) -> None:
        """Close what clients left open; runs in the server's own thread."""
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()


@dataclass
class MailSink:
    """A mail server that keeps what it accepts.

    ``refusals`` maps "MAIL", "RCPT" or "DATA" (the reply to the dot), or such a word and an address
    ("RCPT jane@example.org"), to the reply to give instead of 250. ``overheard`` is called with each such
    word and address before the reply goes out, and with "KEPT" once a mail is taken but before its 250: the
    moments at which a test does something to the client.
    """

    port: int = 0
    accepted: list[Received] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    greetings: int = 0  # EHLOs and HELOs heard
    resets: int = 0
    overheard: Callable[[str, str], None] = lambda _moment, _address: None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings += 1
        session.host_name = hostname
        return responses

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.resets += 1
        return "250 2.0.0 Flushed"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._refusal("MAIL", address)
        if not refusal:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._refusal("RCPT", address)
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refusal = self._refusal("DATA", envelope.rcpt_tos[0])
        if refusal:
            return refusal
        assert envelope.original_content is not None
        self.accepted.append(
            Received(
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                options=list(envelope.mail_options),
                data=envelope.original_content,
                user=session.auth_data.login.decode() if session.auth_data else "",
            )
        )
        self.overheard("KEPT", envelope.rcpt_tos[0])
        return f"250 2.0.0 Ok: queued as SINK{len(self.accepted):04d}"

    def _refusal(self, command: str, address: str) -> str:
        self.overheard(command, address)
        return self.refusals.get(f"{command} {address}") or self.refusals.get(command, "")


@contextmanager
def mail_sink(
    *,
    users: dict[str, str] | None = None,
    starttls: ssl.SSLContext | None = None,
    implicit_tls: ssl.SSLContext | None = None,
    size_limit: int = 10_000_000,
    smtputf8: bool = True,
    without_auth: Sequence[str] = (),
) -> Iterator[MailSink]:
    """Run a MailSink. ``users`` (name → password) makes it ask for AUTH, also without TLS."""
    sink = MailSink()

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: LoginPassword
    ) -> AuthResult:
        known = (users or {}).get(auth.login.decode())
        success = known is not None and known.encode() == auth.password
        return AuthResult(success=success, handled=False, auth_data=auth if success else None)

    options: dict[str, Any] = {
        "tls_context": starttls,
        "require_starttls": starttls is not None,
        "ssl_context": implicit_tls,
        "data_size_limit": size_limit,
        "enable_SMTPUTF8": smtputf8,
        "server_hostname": "sink.test",
        "auth_exclude_mechanism": without_auth,
    }
    if users is not None:
        options |= {"authenticator": authenticate, "auth_require_tls": False}
    server = _Server(sink, **options)
    server.start()
    sink.port = server.port
    sink.greetings = 0  # the controller tries its own server once
    try:
        yield sink
    finally:
        server.loop.call_soon_threadsafe(server.hang_up)
        server.stop()


class Peer:
    """The far end of one connection, as a script sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._unread = b""
        self.heard: list[str] = []  # command lines, in order

    def say(self, *lines: str | bytes) -> None:
        """Send lines, each ended by CRLF, in one piece: the client may hang up after the first it reads."""
        told = (line.encode() if isinstance(line, str) else line for line in lines)
        self.raw(b"".join(line + b"\r\n" for line in told))

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(data)

    def expect(self, beginning: str) -> str:
        """Return the next command line, which must begin so."""
        line = self._line().decode()
        self.heard.append(line)
        assert line.upper().startswith(beginning.upper()), f"expected {beginning}, heard {line!r}"
        return line

    def greet(self, *offers: str) -> None:
        """Banner and EHLO."""
        self.say("220 raw.test ESMTP")
        self.expect("EHLO")
        lines = ["raw.test", *offers]
        self.say(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")

    def until_body(self) -> None:
        """Take MAIL, RCPT and DATA, and answer 354."""
        self.expect("MAIL")
        self.say("250 OK")
        self.expect("RCPT")
        self.say("250 OK")
        self.expect("DATA")
        self.say("354 Go ahead")

    def body(self) -> bytes:
        """Return the body as sent, still dot-stuffed, once its end has come."""
        while b"\r\n.\r\n" not in self._unread:
            self._more()
        body, _, self._unread = self._unread.partition(b"\r\n.\r\n")
        return body

    def until_end(self) -> bytes:
        """Return everything until the client hangs up: no dot among it means nothing was sent."""
        while chunk := self._receive():
            self._unread += chunk
        rest, self._unread = self._unread, b""
        return rest

    def wait(self, seconds: float) -> None:
        """Say nothing for so long: the delay is the fault under test."""
        threading.Event().wait(seconds)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Take the server's part in a TLS handshake and go on inside it."""
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def cut(self) -> None:
        """Reset the connection, as a crash or a firewall does."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def half_close(self) -> None:
        """Stop speaking, still listening."""
        self._sock.shutdown(socket.SHUT_WR)

    def drip(self, octet: bytes, every_s: float) -> None:
        """Send one octet after another until the client hangs up."""
        self._sock.settimeout(every_s)
        while True:
            try:
                self._sock.sendall(octet)
                if not self._sock.recv(4096):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def _line(self) -> bytes:
        while b"\r\n" not in self._unread:
            self._more()
        line, _, self._unread = self._unread.partition(b"\r\n")
        return line

    def _more(self) -> None:
        chunk = self._receive()
        assert chunk, f"the client hung up after {self._unread[-80:]!r}"
        self._unread += chunk

    def _receive(self) -> bytes:
        try:
            return self._sock.recv(65_536)
        except ConnectionResetError:
            return b""


Script = Callable[[Peer], None]


@contextmanager
def raw_server(*scripts: Script) -> Iterator[int]:
    """Serve one connection per script, in order, and yield the port.

    Leaving waits for every script to end and raises the first assertion that failed in one.
    """
    failures: list[BaseException] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        try:
            for script in scripts:
                sock, _ = listener.accept()
                sock.settimeout(10)
                peer = Peer(sock)
                try:
                    script(peer)
                finally:
                    peer.close()
        except BaseException as failure:  # noqa: BLE001  (raised again in the test's own thread)
            failures.append(failure)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()
    if failures:
        raise failures[0]


def closed_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port
