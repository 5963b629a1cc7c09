"""An IMAP server for tests, in this process and on 127.0.0.1: as much of RFC 3501 as we ask for."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.smtp_servers import server_tls


@dataclass
class ImapServer:
    """One folder, INBOX, of one user; ``flags`` are what clients set, by mail."""

    mails: list[bytes] = field(default_factory=list)
    flags: dict[int, set[str]] = field(default_factory=dict)
    password: str = "correct horse"
    keeps_keywords: bool = True
    breaks_off_at: str = ""  # the command at which the connection is dropped
    heard: list[str] = field(default_factory=list)  # every command, without the login
    port: int = 0

    def _unread_by_us(self) -> list[int]:
        return [
            uid for uid in range(1, len(self.mails) + 1) if "EverypostRead" not in self.flags.get(uid, set())
        ]

    def answer(self, command: str, rest: str) -> tuple[list[bytes], str]:
        """Return untagged lines and the tagged end."""
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1\r\n"], "OK done"
        if command == "LOGIN":
            good = f'"{self.password}"' in rest
            return [], "OK in" if good else "NO [AUTHENTICATIONFAILED] who are you"
        if command == "SELECT":
            return ([b"* %d EXISTS\r\n" % len(self.mails)], "OK open") if "INBOX" in rest else ([], "NO none")
        if command == "UID" and rest.startswith("SEARCH"):
            return [
                b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._unread_by_us()) + b"\r\n"
            ], "OK done"
        if command == "UID" and rest.startswith("FETCH"):
            uid, size = map(int, re.findall(r"FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)[0])
            body = self.mails[uid - 1][:size]
            head = b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, uid, len(body))
            return [head + body + b")\r\n"], "OK done"
        if command == "UID" and rest.startswith("STORE"):
            if not self.keeps_keywords:
                return [], "NO no keywords here"
            uid_, flags = re.findall(r"STORE (\d+) \+FLAGS \((.*)\)", rest)[0]
            self.flags.setdefault(int(uid_), set()).update(flags.split())
            return [], "OK done"
        return ([b"* BYE bye\r\n"], "OK bye") if command == "LOGOUT" else ([], "BAD what")


@contextmanager
def imap_server(*, certificate: str = "server") -> Iterator[ImapServer]:
    """Run a server that speaks TLS from the first byte."""
    server = ImapServer()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                tag, _, whole = line.decode().strip().partition(" ")
                command, _, rest = whole.partition(" ")
                server.heard.append(command if command == "LOGIN" else whole)
                if server.breaks_off_at and server.breaks_off_at in whole:
                    return
                untagged, end = server.answer(command.upper(), rest)
                self.wfile.write(b"".join(untagged) + f"{tag} {end}\r\n".encode())

    class Threads(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, object]:
            connection, address = super().get_request()
            return server_tls(certificate).wrap_socket(connection, server_side=True), address

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust us hangs up: that is its own business."""

    with Threads(("127.0.0.1", 0), Session) as running:
        server.port = running.server_address[1]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            running.shutdown()
            thread.join()
