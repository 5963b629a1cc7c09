"""A mail server whose record is the truth: who has been sent what, whatever the sender believes.

It writes a line for each recipient to a file, durably, *before* it answers 250, with a random wait on either
side: so a sender that dies in between has sent that mail and cannot know. Only what stands in this record
counts in ``verdict``. Nothing is refused here: the faults are the sender's deaths.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Final, Self

from digest.chaos.verdict import Taken

_LINE_MAX: Final = 65_536
_OFFERS: Final = (b"SIZE 33554432", b"8BITMIME", b"SMTPUTF8", b"ENHANCEDSTATUSCODES")


class Sink:
    """A context manager: inside it, the server answers on ``port``."""

    def __init__(self, record: Path, between: Callable[[float, float], float], *, slow_s: float) -> None:
        """Write to ``record``; wait up to ``slow_s`` before a line is written, and again before its 250."""
        self.pipelining = True  # may be set while it runs: what the next session is offered
        self.run = 0  # may be set while it runs: the number of the sender that connects
        self.began_at = 0.0  # may be set while it runs: monotonic, when that sender was started
        self._between = between
        self._slow_s = slow_s
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._taken: list[Taken] = []
        self._first_after_s: dict[int, float] = {}
        self._sessions = 0
        self._changed = threading.Condition()
        self._server = _Server(self)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        os.close(self._record)

    def taken(self, since: int = 0) -> list[Taken]:
        """Return every mail taken, oldest first, but the first ``since``."""
        with self._changed:
            return self._taken[since:]

    @property
    def first_after_s(self) -> dict[int, float]:
        """Return how long after its start each run's first mail was taken; runs that sent none are absent."""
        with self._changed:
            return dict(self._first_after_s)

    def wait_for_first(self, run: int, within_s: float) -> bool:
        """Wait until a run's first mail was taken; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: run in self._first_after_s, within_s)

    def wait_for_silence(self, within_s: float) -> bool:
        """Wait until no session is open: what a dead sender had said is written down by then."""
        with self._changed:
            return self._changed.wait_for(lambda: self._sessions == 0, within_s)

    def session(self, change: int) -> None:
        """Count a session that begins or ends."""
        with self._changed:
            self._sessions += change
            self._changed.notify_all()

    def take(self, reader: str, run: int) -> None:
        """Write down, durably, that a mail is ours now."""
        time.sleep(self._between(0, self._slow_s))
        os.write(self._record, f"{run} {reader}\n".encode())
        os.fsync(self._record)
        with self._changed:
            self._taken.append(Taken(reader=reader, run=run))
            self._first_after_s.setdefault(run, time.monotonic() - self.began_at)
            self._changed.notify_all()
        time.sleep(self._between(0, self._slow_s))


class _Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        super().__init__(("127.0.0.1", 0), _Session)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one session; a sender that died in mid-sentence is what we are here for."""
        self.sink.session(+1)
        try:
            with suppress(OSError):
                super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self.sink.session(-1)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of it."""


class _Session(StreamRequestHandler):
    """RFC 5321, as much of it as one sender says."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        """Talk until QUIT or until the line goes dead."""
        sink, run, reader = self.server.sink, self.server.sink.run, ""
        self._say(b"220 chaos.test ESMTP")
        while line := self.rfile.readline(_LINE_MAX):
            verb = line[:4].upper()
            if verb == b"EHLO":
                offers = (*_OFFERS, b"PIPELINING") if sink.pipelining else _OFFERS
                self._say(*(b"250-" + word for word in (b"chaos.test", *offers[:-1])), b"250 " + offers[-1])
            elif verb == b"RCPT":
                reader = line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")
                self._say(b"250 2.1.5 OK")
            elif verb == b"DATA":
                self._say(b"354 Go ahead")
                if not self._body():
                    return
                sink.take(reader, run)
                self._say(b"250 2.0.0 Kept")
            elif verb == b"QUIT":
                self._say(b"221 2.0.0 Bye")
                return
            else:
                self._say(b"250 2.0.0 OK")

    def _body(self) -> bool:
        """Read a message; False where its end never comes, and the message is forgotten (§4.1.1.10)."""
        while line := self.rfile.readline(_LINE_MAX):
            if line == b".\r\n":
                return True
        return False

    def _say(self, *lines: bytes) -> None:
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))
