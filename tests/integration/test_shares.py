"""Who gets what from an issue, through the whole installation, where it once went wrong."""

from datetime import UTC, datetime

import pytest

from digest.delivery.issue_states import IssueState
from digest.store import progress
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.installation import Clock, a_post, installation, join, mails, publish

SUNDAY = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # an hour after the weekly issue is due


@pytest.fixture
def clock():
    return Clock(SUNDAY)


@pytest.fixture
def app(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        yield app


def next_week(app, clock):
    clock.pass_time(days=7)
    return app.run()


def test_a_reader_back_from_a_long_pause_gets_the_newest_posts(app, clock):
    """More is due than the issue's content holds: the mail shows the newest twenty and is not held back."""
    join(app, "ann@reader.example")
    bea = join(app, "bea@reader.example")
    app.readers.pause(app.readers.link(Purpose.PREFERENCES, bea))
    publish(app, *(a_post(f"Post {number}") for number in range(70)))
    next_week(app, clock)
    app.readers.resume(app.readers.link(Purpose.PREFERENCES, bea))
    publish(app, a_post("The newest"))
    next_week(app, clock)
    (mail,) = mails(app, to="bea@", issues_only=True)
    text = mail.get_body(("plain",)).get_content()
    assert "The newest" in text
    assert "Post 51" in text
    assert "Post 50" not in text


def test_an_issue_that_nobody_gets_is_empty_and_not_in_the_archive(app, clock):
    """Somebody is owed a post of a theme they no longer want: every draft would show it to nobody."""
    publish(app, a_post("One", category="Courts"))
    ann = join(app, "ann@reader.example", Cadence.WEEKLY, frozenset({"prisons"}))
    with app.database.transaction() as conn:
        progress.advance(conn, {ann.id: 1})
        progress.owe(conn, ann.id, [1])
    next_week(app, clock)
    issue = app.issue("weekly-2026-11-29").issue
    assert (issue.state, issue.expected) == (IssueState.EMPTY, 0)
    assert issue.reason == "none of its readers had anything coming"
    assert app.issue_index() == []
    assert mails(app, to="ann@", issues_only=True) == []
