"""A database server that drops connections, restarts, or lets go of a lock, while mail goes.

The real ``digest run`` on a PostgreSQL server, and a mail server whose record is the truth.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from digest.chaos.drive import Round
from digest.chaos.stage import Stage
from tests.databases import PostgresMaker

READERS = {f"reader{number:02d}@example.org" for number in range(1, 31)}


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """A blank database on the test server."""
    found = request.getfixturevalue("postgres_maker")
    if isinstance(found, str):
        pytest.skip(found)
    assert isinstance(found, PostgresMaker)
    return found.blank()


@contextmanager
def terminating(url: str, every_s: float) -> Iterator[list[int]]:
    """Let the server drop every connection of others to this database, again and again; yield the counts."""
    dropped: list[int] = []
    over = threading.Event()
    system = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(system, isolation_level="AUTOCOMMIT")
    drop = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def work() -> None:
        with engine.connect() as conn:
            while not over.wait(every_s):
                dropped.append(conn.execute(drop).scalar_one())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield dropped
    finally:
        over.set()
        thread.join()
        engine.dispose()


def halfway(low: float, high: float) -> float:
    return (low + high) / 2


@pytest.mark.timeout(600)  # it starts many runs, one after the other
@pytest.mark.parametrize("every_s", [0.3, 0.7])
def test_rows_74_to_75_a_server_that_drops_connections_costs_no_mail(url: str, every_s: float) -> None:
    """A commit not heard of is no leave to send; a mail whose end was not written down is flagged."""
    with Stage(database=url, connections=2, between=halfway) as stage:
        stage.join(sorted(READERS))
        one = Round(stage=stage, readers=set(READERS), hold=False)
        for _ in range(3):
            with terminating(url, every_s) as dropped:
                one.run()
            stage.let_time_pass()
            assert sum(dropped) > 0
        assert one.finish()
        assert one.verdict().broken == ()
        assert "Traceback" not in stage.errors()
