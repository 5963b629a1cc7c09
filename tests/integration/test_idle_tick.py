"""A tick with nothing to do: many a day, on a machine that also serves pages."""

from contextlib import contextmanager
from dataclasses import replace

from digest.store.engine import Database
from subscribers.model import Cadence
from tests.installation import Clock, a_post, installation, join, publish


class ReadOnly:
    """The installation's database, on which nothing may be written."""

    def __init__(self, database: Database) -> None:
        self.read = database.read

    @contextmanager
    def transaction(self):
        raise AssertionError("a write transaction was opened")
        yield


def test_a_tick_with_nothing_to_do_writes_nothing(tmp_path):
    with installation(tmp_path, clock=Clock()) as app:
        join(app, "ann@reader.example", Cadence.EVERY_POST)
        publish(app, a_post("One"))
        assert app.run().outcomes
        app.run()
        app.tools = replace(app.tools, db=ReadOnly(app.database))
        assert not app.run().failed
