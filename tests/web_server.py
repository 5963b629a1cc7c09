"""A real site behind a real server on this machine, for tests of the pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from sqlalchemy import Connection, event, inspect

from digest.model import Publication, Theme
from digest.pipeline.hooks import Hooks
from digest.pipeline.readers import Readers
from digest.store.engine import Database
from digest.template_files import read_templates
from digest.web.application import create_app
from digest.web.site import Site
from subscribers import store
from subscribers.model import Cadence, Subscriber
from subscribers.tables import metadata
from subscribers.tokens import Signer

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class ImpatientDatabase(Database):
    """The store's database over one SQLite file; it gives up on a lock at once."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        for engine in (self._writer, self._reader):
            event.listen(
                engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout = 50").close()
            )
        metadata.create_all(self.engine)


@dataclass
class Desk:
    """What the actions on readers left behind, and the clock they read."""

    now: datetime = MORNING
    notices: list[tuple[str, int, str]] = field(default_factory=list)
    joined: list[tuple[int, Cadence]] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def clock(self) -> datetime:
        return self.now

    def new_public_id(self) -> str:
        return f"{next(self.ids):016x}"

    def queue_notice(self, _conn: Connection, *, kind: str, subscriber_id: int, nonce: str) -> None:
        if (kind, subscriber_id, nonce) not in self.notices:
            self.notices.append((kind, subscriber_id, nonce))

    def on_confirm(self, _conn: Connection, subscriber_id: int, cadence: Cadence) -> None:
        self.joined.append((subscriber_id, cadence))

    def pass_time(self, **spans: float) -> None:
        self.now += timedelta(**spans)


def readers_at(path: Path, desk: Desk) -> Readers:
    """Return the real actions over a new database file."""
    return Readers(
        db=ImpatientDatabase(path),
        signer=Signer(keys={"k1": b"1" * 32}, current="k1", address_key=b"a" * 32, publication="test"),
        clock=desk.clock,
        new_public_id=desk.new_public_id,
        queue_notice=desk.queue_notice,
        on_confirm=desk.on_confirm,
        allow_reserved=True,
    )


def person_of(readers: Readers, email: str) -> Subscriber:
    return readers.find(email)


def dump(readers: Readers) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with readers.db.read() as conn:
        tables = inspect(conn).get_table_names()
        return {
            name: [tuple(row) for row in conn.exec_driver_sql(f"SELECT * FROM {name}")] for name in tables
        }


def proof(readers: Readers, email: str) -> list[tuple[str, str, str]]:
    """Return kind, source and detail of each consent record."""
    person = readers.find(email)
    with readers.db.read() as conn:
        records = store.consent(conn, person.id)
    return [(record.kind.value, record.source, record.detail) for record in records]


@dataclass
class SampleSite:
    """One publication with two issues."""

    readers: Readers
    desk: Desk
    templates: Mapping[str, str]
    publication: Publication
    well: bool = True
    webhooks: None = None  # nor the calls of providers
    hooks: Hooks | None = None  # the pages need none; the calls of hubs are tried on whole installations

    def cadences(self, language: str = "") -> list[tuple[Cadence, str]]:
        return [
            (Cadence.EVERY_POST, "Within an hour of publication"),
            (Cadence.DAILY, "At 7 am, only when there is something new"),
            (Cadence.WEEKLY, "Sundays at 7 am"),
            (Cadence.MONTHLY, "First of the month"),
        ]

    def present_themes(self, keys: Set[str]) -> frozenset[str]:
        return frozenset(keys)

    def themes(self) -> list[Theme]:
        names = ["On Probation", "Prisons", "Courts & sentencing", "Youth justice"]
        keys = ["on-probation", "prisons", "courts", "youth"]
        return [
            Theme(key=key, name=name, position=place)
            for place, (key, name) in enumerate(zip(keys, names, strict=True), 1)
        ]

    def issue_index(self) -> list[tuple[str, str, date]]:
        return [
            ("weekly-2026-11-22", "Bail hostels & the winter", date(2026, 11, 22)),
            ("weekly-2026-10-25", "Who visits?", date(2026, 10, 25)),
        ]

    def issue_page(self, name: str) -> str | None:
        known = {known for known, _, _ in self.issue_index()}
        return f"<!doctype html><html lang=en><title>{name}</title><h1>{name}</h1>" if name in known else None

    def picture(self, name: str) -> tuple[bytes, str] | None:
        return None

    def healthy(self) -> bool:
        return self.well


def a_site(folder: Path, *, base: str = "", **publication: str) -> SampleSite:
    """Return a site over a new database in that folder; ``base`` is the path the public sees it under."""
    desk = Desk()
    return SampleSite(
        readers=readers_at(folder / "people.db", desk),
        desk=desk,
        templates=read_templates(),
        publication=Publication(
            **{
                "name": "The Long Bench",
                "tagline": "What happens after the verdict, in plain words.",
                "site_url": "https://bench.example",
                "public_url": f"https://mail.bench.example{base}",
                "from_name": "The Long Bench",
                "from_address": "post@bench.example",
                "operator_address": "desk@bench.example",
                "list_id": "weekly.bench.example",
                "postal_address": "1 Fiction Row, Nowhere",
                "language": "en-GB",
                **publication,
            }
        ),
    )


@dataclass(frozen=True)
class Answer:
    """One answer of the server."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def words(self) -> str:
        """The text a person reads, on one line."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.text).split())


@dataclass(frozen=True)
class Visitor:
    """Asks a server, as a browser without scripts and cookies would."""

    port: int

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            shown = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, shown, response.read().decode())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: Mapping[str, object] | None = None) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields or {}, doseq=True).encode(), kind)


@contextmanager
def serving(site: Site) -> Iterator[Visitor]:
    """Serve the site on a free port of this machine while the block runs."""
    config = uvicorn.Config(create_app(site), host="127.0.0.1", port=0, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    ready = threading.Event()
    startup = server.startup

    async def startup_and_tell(sockets: object = None) -> None:
        await startup(sockets)  # type: ignore[arg-type]
        ready.set()

    server.startup = startup_and_tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        yield Visitor(socket.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        socket.close()
        site.readers.db.close()  # type: ignore[attr-defined]
