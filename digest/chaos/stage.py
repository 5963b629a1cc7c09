"""A private installation, with readers, a site, a mail server, and the real ``digest run`` as its child.

Everything is on 127.0.0.1 and in a temporary folder that is gone in the end; only a database named by
``--database`` stays, and it must be empty: chaos is nothing to let loose on readers. Neighbours: ``sink`` and
``site`` stand for the world, ``drive`` decides when to kill.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Self

from sqlalchemy import select, text

from digest import failpoints
from digest.app import App, new_secret
from digest.chaos.sink import Sink
from digest.chaos.site import Site
from digest.chaos.verdict import Row
from digest.delivery.states import DeliveryState
from digest.errors import NotAllowed
from digest.pipeline.readers_csv import bring_in
from digest.settings.load import load
from digest.store import feeds, schema
from digest.store.deliveries import DOUBT_AFTER
from digest.store.engine import Database
from digest.store.issues import StoredIssue, find
from digest.store.tables import delivery, subscriber
from subscribers.tokens import Purpose

SLOW_S: Final = 0.01
"""How long the mail server waits at most, before it writes a mail down and again before it says so."""

_SETTINGS: Final = """\
[publication]
name = "Chaos"
site_url = "{site}"
public_url = "{site}"
postal_address = "Chaos, 1 Sample Row, Exampleton"

[mail]
from_address = "news@example.org"
operator_address = "{operator}"

[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}

[feeds]
allow_private = true

[database]
url = "{database}"
"""
OPERATOR: Final = "operator@example.org"


class Stage:
    """A context manager: inside it, everything stands ready, live, with a baseline taken and no reader."""

    def __init__(self, *, database: str, connections: int, between: Callable[[float, float], float]) -> None:
        """Use that database; empty: a SQLite file that goes with the folder."""
        self._database = database
        self._between = between
        self.connections = connections
        self.runs = 0
        self.starts_s: list[float] = []  # from each restart to its first mail
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self.folder = Path(opening.enter_context(TemporaryDirectory(prefix="everypost-chaos-")))
            url = self._database or f"sqlite:///{self.folder}/digest.db"
            _must_be_empty(url)
            record = self.folder / "received.txt"
            self.sink = opening.enter_context(Sink(record, self._between, slow_s=SLOW_S))
            self.site = opening.enter_context(Site())
            self._config = self.folder / "digest.toml"
            self._config.write_text(
                _SETTINGS.format(
                    site=self.site.url,
                    operator=OPERATOR,
                    port=self.sink.port,
                    connections=self.connections,
                    database=url,
                )
            )
            secrets = self._config.with_suffix(".secrets.toml")
            secrets.touch(mode=0o600)
            secrets.write_text(f'token_keys = {{ k1 = "{new_secret()}" }}\naddress_key = "{new_secret()}"\n')
            self.app = opening.enter_context(App(load(self._config, {})))
            self.app.add_feed(f"{self.site.url}/feed")
            self.app.go_live()
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def join(self, addresses: list[str]) -> None:
        """Make these people readers of every post."""
        rows = "\n".join(["email,cadence", *(f"{address},every-post" for address in addresses)])
        report = bring_in(self.app.readers, rows.encode(), file_name="chaos.csv", proof="invented")
        assert not report.bad, report.bad

    def leave(self, address: str) -> None:
        """Let a reader press the button of their mail."""
        readers = self.app.readers
        readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, readers.find(address)))

    def publish(self) -> str:
        """Let a post appear, due to be asked for, and return the name its issue will have."""
        self.site.posts += 1
        with self.app.database.transaction() as conn:
            feed = feeds.by_url(conn, f"{self.site.url}/feed")
            assert feed is not None
            feeds.record(conn, feed.id, next_poll_at=None)
        return f"post-{self.site.posts - 1}"

    def start(self, *, failpoint: str = "", hold: bool = False) -> subprocess.Popen[bytes]:
        """Start ``digest run``, the next of our runs."""
        self.runs += 1
        self.sink.run = self.runs
        wishes = {
            failpoints.VARIABLE: failpoint,
            "DIGEST_DELIVERY__ON_UNCERTAIN": "hold" if hold else "resend",
            "DIGEST_LOG": "error",
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
        with (self.folder / "errors.txt").open("ab") as errors:
            # Our own interpreter and our own words: nothing here comes from outside.
            child = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "digest", f"--config={self._config}", "run"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=clean | {name: value for name, value in wishes.items() if value},
            )
        self.sink.began_at = time.monotonic()
        return child

    def ended(self, child: subprocess.Popen[bytes]) -> bool:
        """Wait for a run; return whether it was killed, once all that it said has been heard."""
        killed = child.wait() == -signal.SIGKILL
        self.sink.wait_for_silence(60)
        if killed and self.app.database.path is None:
            self.let_time_pass()
        return killed

    def let_time_pass(self) -> None:
        """Date back what a dead sender had in hand by the eleven minutes that PostgreSQL's sweeps wait.

        There nothing proves a silent sender dead but time; here its end was seen.
        """
        back = text(
            "UPDATE delivery SET lease_until = lease_until - :span, committed_at = committed_at - :span "
            "WHERE state IN (:claimed, :committing)"
        )
        in_hand = {"claimed": DeliveryState.CLAIMED.value, "committing": DeliveryState.COMMITTING.value}
        with self.app.database.transaction() as conn:
            conn.execute(back, in_hand | {"span": DOUBT_AFTER})

    def issue(self, name: str) -> StoredIssue | None:
        """Return an issue as it stands; None before it is made."""
        with self.app.database.read() as conn:
            return find(conn, name)

    def rows(self, issue_id: int) -> list[Row]:
        """Return an issue's deliveries."""
        columns = subscriber.c.email, delivery.c.state, delivery.c.possible_duplicate
        joined = delivery.join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        statement = select(*columns).select_from(joined).where(delivery.c.issue_id == issue_id)
        with self.app.database.read() as conn:
            return [
                Row(reader=row.email, state=DeliveryState(row.state), flagged=row.possible_duplicate)
                for row in conn.execute(statement)
            ]

    def errors(self) -> str:
        """Return what the runs said on stderr."""
        path = self.folder / "errors.txt"
        return path.read_text(errors="replace") if path.exists() else ""


def _must_be_empty(url: str) -> None:
    database = Database(url)
    try:
        if schema.current(database) is not None:
            raise NotAllowed(
                "That database is in use by a newsletter. Name an empty one: chaos invents readers."
            )
    finally:
        database.close()
