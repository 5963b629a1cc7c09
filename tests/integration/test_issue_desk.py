"""What an operator can do with issues: decide on held mails, stop, continue, cancel."""

from dataclasses import replace
from itertools import chain, repeat

import pytest
from sqlalchemy import func, select

from digest.delivery.issue_states import IssueState
from digest.delivery.states import Event
from digest.errors import NotAllowed, UnknownName
from digest.model import OutcomeKind
from digest.pipeline.issue_desk import Decision
from digest.providers.memory import MemoryBackend
from digest.store import progress
from digest.store import tables as t
from subscribers.model import Cadence
from tests.installation import Clock, a_post, installation, join, publish


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        yield app


def answering(app, kind):
    """Let the mail server give this answer to every mail from now on."""
    app.tools = replace(app.tools, backend=lambda: MemoryBackend(lambda message: kind), workers=1)


@pytest.fixture
def ann(app, clock):
    reader = join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    return reader


def send(app, kind):
    publish(app, a_post("One"))
    answering(app, kind)
    return app.run()


def owed(app, reader):
    with app.database.read() as conn:
        return progress.owed_numbers(conn, [reader.id]).get(reader.id, frozenset())


def test_row_35_mails_refused_for_their_size_are_held_and_told_once(app, ann, clock):
    join(app, "ben@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    send(app, OutcomeKind.UNSENDABLE)
    assert len(app.issue_desk.held("post-1")) == 2
    assert app.issue("post-1").issue.state is IssueState.DONE_WITH_HOLDS
    app.run()
    with app.database.read() as conn:
        alerts = [row.facts for row in conn.execute(select(t.notice).where(t.notice.c.kind == "alert"))]
    assert [facts["problem"] for facts in alerts] == ["A mail was refused for what it is, and is held back."]


def test_an_alert_that_cannot_be_rendered_is_held_without_another_about_it(app, ann):
    """Which would be held too, and told of, without end."""
    app.tools = replace(
        app.tools, templates=dict(app.tools.templates) | {"email/alert/body.html": "{{ nope }}"}
    )
    send(app, OutcomeKind.UNSENDABLE)
    with app.database.read() as conn:
        alerts = conn.execute(select(func.count()).where(t.notice.c.kind == "alert")).scalar_one()
    assert alerts == 1


def test_a_run_that_left_a_mail_held_has_failed_and_the_mail_is_listed(app, ann):
    report = send(app, OutcomeKind.UNSENDABLE)
    assert (report.failed, report.held) == (True, 2)  # the alert about it was refused too
    assert app.issue("post-1").issue.state is IssueState.DONE_WITH_HOLDS
    (held,) = app.issue_desk.held("post-1")
    assert held.reader == ann.public_id


def test_a_held_mail_is_sent_again_long_after_its_deadline(app, ann, clock):
    send(app, OutcomeKind.UNSENDABLE)
    clock.pass_time(days=9)
    assert app.issue_desk.decide("post-1", Decision.RESEND) == 1
    assert app.issue("post-1").issue.state is IssueState.SENDING
    answering(app, OutcomeKind.ACCEPTED)
    app.run()
    assert app.issue("post-1").issue.state is IssueState.DONE


def test_a_dropped_mail_is_owed_and_its_issue_done(app, ann):
    send(app, OutcomeKind.UNSENDABLE)
    app.issue_desk.decide("post-1", Decision.DROP)
    assert owed(app, ann) == {1}
    assert app.issue("post-1").issue.state is IssueState.DONE


def test_a_mail_that_arrived_is_had_and_its_issue_done(app, ann):
    send(app, OutcomeKind.UNSENDABLE)
    app.issue_desk.decide("post-1", Decision.ACCEPT)
    assert owed(app, ann) == frozenset()
    shown = app.issue("post-1")
    assert (shown.issue.state, shown.deliveries) == (IssueState.DONE, {"accepted": 1})


def test_one_of_several_held_mails_can_be_decided(app, ann):
    join(app, "bea@reader.example", Cadence.EVERY_POST)
    send(app, OutcomeKind.UNSENDABLE)
    first, second = app.issue_desk.held("post-1")
    app.issue_desk.decide("post-1", Decision.ACCEPT, [first.id])
    assert [one.id for one in app.issue_desk.held("post-1")] == [second.id]
    assert app.issue("post-1").issue.state is IssueState.DONE_WITH_HOLDS
    with pytest.raises(NotAllowed, match="is no held mail of post-1"):
        app.issue_desk.decide("post-1", Decision.DROP, [first.id])


def test_nothing_held_is_said(app, ann):
    send(app, OutcomeKind.ACCEPTED)
    with pytest.raises(NotAllowed, match="No mail of post-1 is held"):
        app.issue_desk.decide("post-1", Decision.DROP)
    with pytest.raises(UnknownName):
        app.issue_desk.decide("post-7", Decision.DROP)


def test_a_stopped_issue_is_not_sent_until_it_goes_on(app, ann, clock):
    send(app, OutcomeKind.TEMPORARY)
    app.issue_desk.stop("post-1")
    answering(app, OutcomeKind.ACCEPTED)
    clock.pass_time(hours=1)
    assert app.run().outcomes == {}
    app.issue_desk.go_on("post-1")
    assert app.run().outcomes == {Event.ACCEPT: 1}
    with pytest.raises(NotAllowed, match="only a stopped one goes on"):
        app.issue_desk.go_on("post-1")


def test_an_issue_stopped_before_the_commit_point_lets_no_mail_go(app, ann):
    class Stopping(MemoryBackend):
        def hand_over(self, batch, commit):
            if app.issue("post-1").issue.state is IssueState.SENDING:
                app.issue_desk.stop("post-1")
            yield from super().hand_over(batch, commit)

    publish(app, a_post("One"))
    app.tools = replace(app.tools, backend=Stopping, workers=1)
    app.run()
    shown = app.issue("post-1")
    assert (shown.issue.state, shown.deliveries) == (IssueState.STOPPED, {"queued": 1})


def test_a_mail_in_a_senders_hands_when_its_issue_is_cancelled_ends_with_the_next_run(app, ann):
    class Cancelling(MemoryBackend):
        def hand_over(self, batch, commit):
            if app.issue("post-1").issue.state is IssueState.SENDING:
                app.issue_desk.cancel("post-1")
            yield from super().hand_over(batch, commit)

    publish(app, a_post("One"))
    app.tools = replace(app.tools, backend=Cancelling, workers=1)
    app.run()
    assert app.run().swept == {Event.CANCEL: 1}
    shown = app.issue("post-1")
    assert (shown.issue.state, shown.deliveries) == (IssueState.CANCELLED, {"cancelled": 1})
    assert owed(app, ann) == {1}


def test_cancelling_gives_up_held_mails_too(app, ann):
    bea = join(app, "bea@reader.example", Cadence.EVERY_POST)
    app.run()  # what she is told on joining
    publish(app, a_post("One"))
    answers = chain([OutcomeKind.UNSENDABLE, OutcomeKind.TEMPORARY], repeat(OutcomeKind.ACCEPTED))
    app.tools = replace(app.tools, backend=lambda: MemoryBackend(lambda message: next(answers)), workers=1)
    app.run()
    assert app.issue_desk.cancel("post-1") == 2
    assert owed(app, ann) == owed(app, bea) == {1}
