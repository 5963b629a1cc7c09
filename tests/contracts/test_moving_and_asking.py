"""A reader's new address and unanswered questions, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest

from digest.pipeline import asking_again, moving
from digest.store import progress
from subscribers.model import Cadence, Status
from subscribers.tokens import LIFETIMES, Purpose
from tests.installation import Clock, a_post, join, mails, publish
from tests.installation import installation as installed
from tests.ledgers import a_reader, an_issue

ANN, NEW = "ann@reader.example", "ann@elsewhere.example"


@pytest.fixture
def app(maker, tmp_path):
    with installed(tmp_path, clock=Clock(), database={"url": maker.ready()}) as app:
        yield app


def test_what_was_had_and_what_is_owed_go_along(app):
    before = join(app, ANN, Cadence.EVERY_POST)
    publish(app, a_post("One"), a_post("Two"))
    app.run()
    with app.database.transaction() as conn:
        progress.owe(conn, before.id, [1])
    after = moving.ask(app.readers, ANN, NEW)
    token = app.signer.timed_token(Purpose.MOVE, before.public_id + after.public_id, app.clock())
    moving.move(app.readers, token)
    with app.database.read() as conn:
        assert progress.had_through(conn, [before.id, after.id]) == {before.id: 2, after.id: 2}
        assert progress.owed_numbers(conn, [before.id, after.id]) == {after.id: frozenset({1})}
    app.run()
    [told] = [mail for mail in mails(app, to=ANN) if "was changed" in str(mail["Subject"])]
    assert told


def test_what_waits_to_be_sent_goes_to_the_new_address(app):
    before = a_reader(app)
    an_issue(app, [before])
    after = moving.ask(app.readers, before.email, NEW)
    token = app.signer.timed_token(Purpose.MOVE, before.public_id + after.public_id, app.clock())
    moving.move(app.readers, token)
    app.run()
    assert [str(mail["Subject"]) for mail in mails(app, to=NEW, issues_only=True)] == ["Two posts"]
    assert mails(app, to=before.email, issues_only=True) == []


def test_silence_is_noticed_once_and_a_word_in_time_is_heard(app):
    for address in (ANN, NEW):
        join(app, address)
        app.clock.pass_time(hours=1)
        asking_again.ask(app.readers, address)
    app.run()
    app.clock.pass_time(days=1)
    asking_again.keep(
        app.readers,
        app.signer.timed_token(Purpose.KEEP, app.readers.find(NEW).public_id, app.clock()),
    )
    late = app.clock() + LIFETIMES[Purpose.KEEP]
    assert asking_again.end_unanswered(app.tools, late - timedelta(days=2)) == 0
    assert [asking_again.end_unanswered(app.tools, late) for _ in range(2)] == [1, 0]
    assert app.readers.find(ANN).status is Status.UNSUBSCRIBED
    assert app.readers.find(NEW).status is Status.CONFIRMED
