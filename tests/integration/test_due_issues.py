"""Which day an issue belongs to, when it is too late for it, and what its page shows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState
from digest.model import IssueKind, Sponsor
from digest.pipeline import archive, due_issues
from digest.store import issues, progress, sponsors
from subscribers.model import Cadence
from tests.installation import Clock, a_post, installation, join, mails, publish
from tests.ledgers import ScriptedBackend, states

SUNDAY = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)  # an hour after the weekly issue is due


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        yield app


@pytest.mark.parametrize("hours", [2, -2])
def test_row_82_a_clock_that_jumps_sends_nothing_twice_and_lets_nothing_expire(app, clock, hours):
    """Over the time a daily issue is due, with a mail of another that waits for its server."""
    join(app, "ann@reader.example", Cadence.DAILY)
    join(app, "ben@reader.example", Cadence.EVERY_POST)
    publish(app, a_post("One"))
    clock.now = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    good = app.tools
    app.run()
    assert len(mails(app, issues_only=True)) == 2
    publish(app, a_post("Two"))
    app.tools = replace(good, backend=lambda: ScriptedBackend(lambda _message: None))
    app.run()
    app.tools = good
    clock.pass_time(hours=hours)
    app.run()
    clock.pass_time(hours=-hours)
    app.run()
    clock.pass_time(hours=1)
    app.run()
    assert len(mails(app, to="ann@", issues_only=True)) == 1
    assert len(mails(app, to="ben@", issues_only=True)) == 2
    assert not {DeliveryState.EXPIRED, DeliveryState.QUEUED, DeliveryState.HELD} & set(states(app))


def test_row_84_a_blocked_issue_mended_a_day_late_is_still_sent(app, clock):
    join(app, "ann@reader.example")
    publish(app, a_post("One"), a_post("Two"))
    good = app.tools
    app.tools = replace(good, templates=dict(good.templates) | {"email/digest/body.html": "{{ nope }}"})
    clock.now = SUNDAY
    app.run()
    assert app.issue("weekly-2026-11-29").issue.state is IssueState.BLOCKED
    clock.pass_time(hours=25)
    app.tools = good
    app.run()
    assert app.issue("weekly-2026-11-29").issue.state is IssueState.DONE
    assert len(mails(app, to="ann@", issues_only=True)) == 1


def test_row_84_an_issue_missed_altogether_leaves_a_blocked_one_before_it_alone(app, clock):
    """Its posts are in neither: the next issue that is made has them and supersedes both."""
    join(app, "ann@reader.example")
    publish(app, a_post("One"), a_post("Two"))
    good = app.tools
    app.tools = replace(good, templates=dict(good.templates) | {"email/digest/body.html": "{{ nope }}"})
    clock.now = SUNDAY
    app.run()
    app.tools = good
    clock.now = SUNDAY + timedelta(days=7, hours=30)
    app.run()
    assert app.issue("weekly-2026-12-06").issue.state is IssueState.SUPERSEDED
    assert app.issue("weekly-2026-11-29").issue.state is IssueState.BLOCKED
    clock.now = SUNDAY + timedelta(days=14)
    app.run()
    assert app.issue("weekly-2026-11-29").issue.reason == "its posts are in weekly-2026-12-13"
    assert app.issue("weekly-2026-12-13").issue.state is IssueState.DONE


def test_a_sponsor_runs_in_the_issues_that_go_out_on_its_days(app, clock):
    """The monthly issue of 1 December covers November: it is December's sponsor that paid for it."""
    placed = Sponsor(
        name="DecemberCo",
        text="pays for December.",
        link="https://december.example",
        link_text="See DecemberCo",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 31),
    )
    join(app, "ann@reader.example", Cadence.MONTHLY)
    with app.database.transaction() as conn:
        sponsors.add(conn, placed)
    for title, due in (
        ("One", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("Two", datetime(2027, 1, 1, 8, tzinfo=UTC)),
    ):
        publish(app, a_post(title))
        clock.now = due
        app.run()
    december, january = mails(app, to="ann@", issues_only=True)
    assert "DecemberCo" in december.get_body(("plain",)).get_content()
    assert "DecemberCo" not in january.get_body(("plain",)).get_content()


def test_an_issue_with_nothing_new_shows_only_what_is_owed(app, clock):
    ann = join(app, "ann@reader.example")
    publish(app, *(a_post(f"Old {number}") for number in range(5)))
    clock.now = SUNDAY
    app.run()
    with app.database.transaction() as conn:
        progress.owe(conn, ann.id, [3])
    clock.pass_time(days=7)
    app.run()
    shown = app.issue("weekly-2026-12-06")
    assert [number for number, _ in shown.posts] == [3]
    assert shown.issue.subject == mails(app, to="ann@", issues_only=True)[-1]["Subject"]


def test_the_archive_lists_sent_issues_however_many_others_are_newer(app, clock, monkeypatch):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    publish(app, a_post("One"))
    app.run()
    monkeypatch.setattr(archive, "_LISTED", 2)
    with app.database.transaction() as conn:
        for day in range(3):
            late = clock.now + timedelta(days=day)
            issues.start(conn, name=f"daily-{day}", kind=IssueKind.DAILY, cutoff=1, due_at=late, now=late)
    assert [name for name, _, _ in app.issue_index()] == ["post-1"]


def test_row_83_two_dailies_at_a_clock_change_around_midnight_have_names_of_their_own(tmp_path):
    """In Nuuk 23:30 of 28 March 2026 does not exist: that issue is due at 00:30 and still the 28th's."""
    clock = Clock(datetime(2026, 3, 28, 12, tzinfo=UTC))
    schedule = {"daily": "23:30"}
    with installation(tmp_path, clock=clock, publication={"zone": "America/Nuuk"}, schedule=schedule) as app:
        names = []
        for _ in range(3):
            names += [due.name for due in due_issues.upcoming(app.tools, clock.now) if due.kind == "daily"]
            clock.pass_time(days=1)
    assert names == ["daily-2026-03-28", "daily-2026-03-29", "daily-2026-03-30"]
