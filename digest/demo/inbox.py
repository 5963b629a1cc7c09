"""An inbox for the demonstration: a mail server that keeps every mail, and pages that show them.

It stands where a real mail server would, so the demonstration sends by plain SMTP and nothing leaves the
machine. Mails live in memory and are gone when it stops. Neighbour: ``inbox_pages`` draws the pages.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI

from digest.demo.inbox_pages import Mailbox, Received, inbox_app
from digest.preview.local_server import LOOPBACK, LocalServer, listen

MAX_MAIL_BYTES = 32 * 1024 * 1024  # announced by SIZE (RFC 1870)


@dataclass(frozen=True, kw_only=True)
class _Keep:
    """What aiosmtpd calls when a mail has arrived whole."""

    keep: Callable[[Envelope], None]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.keep(envelope)
        return "250 2.0.0 Kept"


class Inbox:
    """A mail server and its pages on this machine, from ``with`` until its end.

    ``people`` are the mailboxes shown from the start; any other recipient gets one when mail arrives.
    Ports of 0 take free ones. Entering raises OSError when a port is taken.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        templates: Mapping[str, str],
        people: Sequence[Mailbox] = (),
        smtp_port: int = 0,
        web_port: int = 0,
    ) -> None:
        self._clock = clock
        self._templates = templates
        self._people = tuple(people)
        self._ports = (smtp_port, web_port)
        self._messages: list[Received] = []
        self._arrived = threading.Condition()
        self._server: LocalServer | None = None
        self.smtp_host = LOOPBACK
        self.smtp_port = smtp_port  # the real port once entered
        self.url = ""  # the pages' address once entered, without a slash at its end

    def __enter__(self) -> Inbox:
        smtp_port, web_port = self._ports
        smtp_socket = listen(LOOPBACK, smtp_port)

        @asynccontextmanager
        async def beside_the_pages(_app: FastAPI) -> AsyncGenerator[None]:
            """Serve SMTP in the event loop that serves the pages, as long as they are served."""
            loop = asyncio.get_running_loop()
            server = await loop.create_server(self._protocol, sock=smtp_socket)
            yield
            server.close()

        app = inbox_app(self.messages, self._people, self._templates, lifespan=beside_the_pages)
        try:
            self._server = LocalServer(app, port=web_port)
        except OSError:
            smtp_socket.close()
            raise
        self.smtp_port = int(smtp_socket.getsockname()[1])
        self.url = self._server.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    def messages(self) -> tuple[Received, ...]:
        """Return every mail received so far, oldest first."""
        with self._arrived:
            return tuple(self._messages)

    def wait_for(self, count: int, deadline_s: float) -> tuple[Received, ...]:
        """Return the mails once there are that many; TimeoutError when they do not come in that time."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._messages) >= count, timeout=deadline_s):
                came = len(self._messages)
                raise TimeoutError(f"The inbox waited {deadline_s:g} s for {count} mails; {came} came.")
            return tuple(self._messages)

    def _protocol(self) -> SMTP:
        """Return the server's side of one connection; it offers SIZE and 8BITMIME."""
        return SMTP(
            _Keep(keep=self._keep),
            data_size_limit=MAX_MAIL_BYTES,
            hostname="localhost",
            ident="Everypost demo inbox",
            loop=asyncio.get_running_loop(),
        )

    def _keep(self, envelope: Envelope) -> None:
        """Keep one copy for each recipient of the envelope."""
        data = envelope.original_content or b""
        at = self._clock()
        with self._arrived:
            for recipient in envelope.rcpt_tos:
                self._messages.append(
                    Received(
                        id=len(self._messages) + 1,
                        envelope_from=envelope.mail_from or "",
                        envelope_to=recipient,
                        data=data,
                        at=at,
                    )
                )
            self._arrived.notify_all()
