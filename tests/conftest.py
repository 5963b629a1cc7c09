"""What every test may ask for: a database of each system, and Hypothesis set for this run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from digest.store.engine import Database
from tests.databases import Maker, NoPostgres, PostgresMaker, SqliteMaker, postgres

ROOT = Path(__file__).parent.parent

# A slow machine is no failure, and what CI runs is the same every time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")

# A shell's background job and `nohup` ignore these signals, and so would every command that a test starts and
# signals. With a handler of our own, commands begin with the system's.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command set: its level and stream are its own, not the next test's."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Let a test fail that leaves something in the project's folder (or one that runs beside it)."""
    before = _in_the_project()
    yield
    left = _in_the_project() - before
    assert not left, f"left behind in {ROOT}: {', '.join(sorted(left))}"


def _in_the_project() -> set[str]:
    """Return what lies in the project's folder, but for hidden caches and what building and a demo make."""
    return {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - {"build", "demo", "dist"}


@pytest.fixture(scope="session")
def sqlite_maker(tmp_path_factory: pytest.TempPathFactory) -> SqliteMaker:
    """Makes SQLite databases."""
    return SqliteMaker(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgres_maker() -> Iterator[PostgresMaker | str]:
    """Makes PostgreSQL databases; where there is no server, the reason instead."""
    with ExitStack() as running:
        try:
            found: PostgresMaker | str = running.enter_context(postgres())
        except NoPostgres as missing:
            found = str(missing)
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def maker(request: pytest.FixtureRequest) -> Maker:
    """Makes databases of one system; a test that asks for it runs once for each."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_maker")
    found = request.getfixturevalue("postgres_maker")
    if isinstance(found, str):
        if os.environ.get("CI") == "true":
            pytest.fail(found)
        pytest.skip(found)
    return found


@pytest.fixture
def database(maker: Maker) -> Iterator[Database]:
    """A new database with today's schema, open."""
    opened = Database(maker.ready())
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_maker: SqliteMaker) -> Iterator[Database]:
    """A new SQLite database with today's schema, open: for what does not depend on the system."""
    opened = Database(sqlite_maker.ready())
    yield opened
    opened.close()
