"""One SMTP connection: opened, encrypted, logged in, and able to ask and be answered.

Everything that must be right before the first message. It knows nothing of messages: ``smtp`` does.
Replies are bounded in time and size, so that no server can hold a sender for ever or fill its memory.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

from digest.errors import BackendUnavailable
from digest.failpoints import Passing, nothing_fails
from digest.providers.replies import Reply, shown_code, shown_text
from digest.providers.smtp_config import SmtpConfig

_REPLY_MAX_OCTETS: Final = 65_536  # RFC 5321 §4.5.3.1.5 allows 512 a line; some servers send essays
_REPLY_LINE = re.compile(rb"[2-5][0-9]{2}(?:[ \t-]|\r?\n)")
_NUL: Final = "\0"  # separates the fields of AUTH PLAIN


class Connection(smtplib.SMTP):
    """smtplib's commands on a socket of ours.

    A subclass for one reason: smtplib's own ``getreply`` bounds the silence between two octets, not the
    whole reply, and reads lines without end.

    The kernel keeps the time (SO_RCVTIMEO, SO_SNDTIMEO) on a socket that blocks. Python's own time-outs ask
    the kernel twice for every read and write, and give up the interpreter each time: with eight connections
    half of all time went into getting it back.
    """

    def __init__(
        self, sock: socket.socket, *, local_hostname: str = "", passing: Passing = nothing_fails
    ) -> None:
        sock.settimeout(None)
        self._passing = passing
        self.sock: socket.socket | None = sock
        self._bounds: dict[int, float] = {}
        self._reply_within_s = 0.0
        self._unread = bytearray()
        super().__init__(local_hostname=local_hostname or None)
        self.command_encoding = "utf-8"  # only SMTPUTF8 ever uses more than ASCII

    def ask(self, command: str, *, within_s: float) -> Reply:
        """Send one command and return its reply. Raises SMTPException or OSError when there is none."""
        self.patience(within_s)
        return _reply(*self.docmd(command))

    def reply(self, *, within_s: float) -> Reply:
        """Return the next reply."""
        self._reply_within_s = within_s
        return _reply(*self.getreply())

    def say(self, octets: bytes, *, within_s: float) -> None:
        """Send octets as they are: commands of a pipelined group, or a part of a message."""
        self._bound(socket.SO_SNDTIMEO, within_s)
        self._passing("smtp.write")
        with _in_time():
            self._socket.sendall(octets)
        self._passing("smtp.written")

    def patience(self, seconds: float) -> None:
        """Bound what follows: one write, or one whole reply."""
        self._bound(socket.SO_SNDTIMEO, seconds)
        self._bound(socket.SO_RCVTIMEO, seconds)
        self._reply_within_s = seconds

    def _bound(self, option: int, seconds: float) -> None:
        """Tell the kernel how long one read or one write may take, where it does not know yet."""
        if self._bounds.get(option) != seconds:
            self._bounds[option] = seconds
            whole, part = int(seconds), int(seconds % 1 * 1_000_000)
            self._socket.setsockopt(
                socket.SOL_SOCKET, option, struct.pack("@ll", whole, part if whole or part else 1)
            )

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of one whole reply, within the socket's time-out altogether."""
        self._bound(socket.SO_RCVTIMEO, self._reply_within_s)
        deadline = time.monotonic() + self._reply_within_s
        texts: list[bytes] = []
        room = _REPLY_MAX_OCTETS
        while True:
            line = self._line(deadline, room, begun=bool(texts))
            room -= len(line)
            if not _REPLY_LINE.match(line):
                raise smtplib.SMTPServerDisconnected("the server sent something that is no SMTP reply")
            texts.append(line[4:].strip())
            if line[3:4] != b"-":
                self._passing("smtp.reply")
                return int(line[:3]), b"\n".join(texts)

    def has_spoken(self) -> bool:
        """Return whether the server said something, or hung up, without being asked."""
        if self._unread or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return True
        try:
            socket.socket.recv(self._socket, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Continue in TLS, verified for ``host``; what was heard in plain text is forgotten (RFC 3207)."""
        self._unread.clear()
        with _in_time():
            self.sock = context.wrap_socket(self._socket, server_hostname=host)

    @property
    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self.sock

    def _line(self, deadline: float, room: int, *, begun: bool) -> bytes:
        """Return the next line; the wait for the first octets of a reply has its whole time already set."""
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > room:
                raise smtplib.SMTPServerDisconnected("the server's reply does not end")
            if begun or self._unread:
                if (left := deadline - time.monotonic()) <= 0:
                    raise TimeoutError("no complete reply in time")
                self._bound(socket.SO_RCVTIMEO, left)
            with _in_time():
                chunk = self._socket.recv(4096)
            if not chunk:
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            self._unread += chunk
            begun = True
        line = bytes(self._unread[: end + 1])
        del self._unread[: end + 1]
        if len(line) > room:
            raise smtplib.SMTPServerDisconnected("the server's reply does not end")
        return line


@contextmanager
def _in_time() -> Iterator[None]:
    """Tell the kernel's way of saying that time is up as the time-out it is."""
    try:
        yield
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
        raise TimeoutError("no answer in time") from error


def connect(config: SmtpConfig, passing: Passing = nothing_fails) -> Connection:
    """Return a connection ready for its first MAIL. Raises BackendUnavailable, saying whom it waits for."""
    wire: Connection | None = None
    try:
        context = _tls_context(config) if config.security != "none" else None
        sock = socket.create_connection((config.host, config.port), config.timeouts.connect)
        # The dot is a small packet behind a large one: held back until that is acknowledged, it would cost
        # every message the 40 ms that receivers delay acknowledgements by.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context and config.security == "tls":
            sock = context.wrap_socket(sock, server_hostname=config.host)
        wire = Connection(sock, local_hostname=config.local_hostname, passing=passing)
        _introduce(wire, config, context)
    except BaseException as error:
        if wire is not None:
            wire.close()
        if isinstance(error, OSError):  # smtplib's and ssl's errors are OSErrors too
            raise _unavailable(config, error) from error
        raise
    return wire


def say_goodbye(wire: Connection, *, within_s: float) -> None:
    """Send QUIT and close. Never raises: nothing depends on it."""
    with suppress(OSError):
        wire.ask("QUIT", within_s=within_s)
    wire.close()


def _introduce(wire: Connection, config: SmtpConfig, context: ssl.SSLContext | None) -> None:
    """Hear the banner, say EHLO, encrypt where that is the rule, log in."""
    banner = wire.reply(within_s=config.timeouts.banner)
    if banner.code != 220:
        _refused(config, "does not take our connection", banner)
    _hello(wire, config)
    if context and config.security == "starttls":
        _start_tls(wire, config, context)
        _hello(wire, config)
    if config.username:
        _log_in(wire, config)


def _hello(wire: Connection, config: SmtpConfig) -> None:
    """Learn what the server offers. A server from before 1995 knows only HELO and offers nothing."""
    wire.patience(config.timeouts.command)
    code, text = wire.ehlo()
    if 500 <= code <= 599:
        wire.patience(config.timeouts.command)
        code, text = wire.helo()
    if code != 250:
        _refused(config, "does not answer our greeting", _reply(code, text))


def _start_tls(wire: Connection, config: SmtpConfig, context: ssl.SSLContext) -> None:
    """Encrypt, or refuse to go on: a missing offer may be somebody in the middle removing it."""
    if not wire.has_extn("starttls"):
        raise BackendUnavailable(
            f"The mail server {config.where} does not offer STARTTLS. Nothing was sent. "
            f'If it speaks TLS from the start (port 465), set security to "tls".',
            operator_must_act=True,
        )
    reply = wire.ask("STARTTLS", within_s=config.timeouts.command)
    if reply.code != 220:
        _refused(config, "does not start TLS", reply)
    wire.patience(config.timeouts.connect)
    wire.encrypt(context, config.host)


def _log_in(wire: Connection, config: SmtpConfig) -> None:
    """AUTH PLAIN, else LOGIN (RFC 4954, RFC 4616), in UTF-8, which smtplib's own login cannot do."""
    methods = wire.esmtp_features.get("auth", "").upper().split()
    within_s = config.timeouts.command
    if "PLAIN" in methods:
        token = _base64(f"{_NUL}{config.username}{_NUL}{config.password}")
        reply = wire.ask(f"AUTH PLAIN {token}", within_s=within_s)
    elif "LOGIN" in methods:
        reply = wire.ask("AUTH LOGIN", within_s=within_s)
        for secret in (config.username, config.password):
            if reply.code == 334:
                reply = wire.ask(_base64(secret), within_s=within_s)
    else:
        raise BackendUnavailable(
            f"The mail server {config.where} offers neither AUTH PLAIN nor LOGIN. "
            "Check port and security, or remove the user name.",
            operator_must_act=True,
        )
    if reply.code != 235:
        # A server may quote what it was sent, so its words are left out.
        _refused(
            config, "does not accept the user name and password", Reply(code=reply.code, text=reply.enhanced)
        )


def _refused(config: SmtpConfig, what: str, reply: Reply) -> NoReturn:
    """Raise BackendUnavailable for a reply that ends the conversation; 4xx passes by itself."""
    waiting_helps = reply.code < 500
    said = f"{shown_code(reply.code, reply.enhanced)} {shown_text(reply.text)}".rstrip().rstrip(".")
    advice = "It is tried again later." if waiting_helps else "Correct the SMTP settings or ask its operator."
    raise BackendUnavailable(
        f"The mail server {config.where} {what}: {said}. {advice}", operator_must_act=not waiting_helps
    )


def _unavailable(config: SmtpConfig, error: OSError) -> BackendUnavailable:
    """Return the error for a connection that could not be made; a bad certificate needs a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return BackendUnavailable(
            f"The certificate of {config.where} does not verify: {error.verify_message}. "
            "Correct the host name, or name its authority in ca_file.",
            operator_must_act=True,
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return BackendUnavailable(
            f"No TLS with {config.where}: {error.reason or error}. Check port and security.",
            operator_must_act=True,
        )
    return BackendUnavailable(
        f"Cannot talk to the mail server {config.where}: {error.strerror or error}. It is tried again later."
    )


def _tls_context(config: SmtpConfig) -> ssl.SSLContext:
    """Return a context that verifies chain and name."""
    try:
        return ssl.create_default_context(cafile=config.ca_file or None)
    except OSError as error:
        raise BackendUnavailable(
            f"Cannot read certificates from {config.ca_file}: {error.strerror or error}. Correct ca_file.",
            operator_must_act=True,
        ) from error


def _reply(code: int, text: bytes) -> Reply:
    return Reply(code=code, text=text.decode("utf-8", "replace"))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
