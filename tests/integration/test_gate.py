"""The gate in the pipeline: an error holds an issue back until it is mended or an operator says why not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

import pytest

from digest.delivery.issue_states import IssueState
from digest.delivery.states import Event
from digest.errors import NotAllowed
from digest.template_files import hash_of_mails
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.installation import OPERATOR, Clock, a_post, installation, join, mails, publish

LINKED_TO_NOWHERE = '<p>It says what <a href="http://localhost:8080/draft">the draft</a> says.</p>'


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        yield app


def edit(app, name, old, new):
    templates = dict(app.tools.templates)
    assert old in templates[name]
    templates[name] = templates[name].replace(old, new)
    app.tools = replace(app.tools, templates=templates, templates_hash=hash_of_mails(templates))


def with_a_reader_and_a_bad_post(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, replace(a_post("One"), html=LINKED_TO_NOWHERE))


def test_an_error_blocks_the_issue_and_tells_the_operator_once(app, clock):
    with_a_reader_and_a_bad_post(app, clock)
    for _ in range(2):
        report = app.run()
        assert report.failed
        clock.pass_time(minutes=5)
    held = app.issue("post-1")
    assert held.issue.state is IssueState.BLOCKED
    assert "LINK-01" in held.issue.reason
    kept = [one for one in held.findings if one["rule"] == "LINK-01"]
    assert kept[0]["place"]["snippet"].startswith("<a")
    assert kept[0]["mend"]
    assert not mails(app, to="ann@", issues_only=True)
    alerts = [mail for mail in mails(app, to=OPERATOR) if "LINK-01" in mail.as_string()]
    assert len(alerts) == 1


def test_an_operator_may_send_it_all_the_same_and_says_why(app, clock):
    with_a_reader_and_a_bad_post(app, clock)
    app.run()
    with pytest.raises(NotAllowed, match="--because"):
        app.issue_desk.accept_findings("post-1", "  ", by="kim")
    assert "LINK-01" in app.issue_desk.accept_findings(
        "post-1", "the address is what the post is about", by="kim"
    )
    clock.pass_time(minutes=5)
    app.run()
    done = app.issue("post-1")
    assert done.issue.state is IssueState.DONE
    assert done.accepted[0]["because"] == "the address is what the post is about"
    assert done.accepted[0]["by"] == "kim"
    assert done.accepted[0]["rules"] == ["LINK-01"]
    assert len(mails(app, to="ann@", issues_only=True)) == 1


def test_a_trial_of_it_is_sent_for_looking_and_tells_what_was_found(app, clock):
    with_a_reader_and_a_bad_post(app, clock)
    queued, done = app.send_trial("every-post", "kim@reader.example")
    assert done.events == {Event.ACCEPT: 1}
    assert "LINK-01" in {one.rule for one in queued.report.errors}


def test_what_was_accepted_covers_nothing_else(app, clock):
    """The same rule at another place, found later, holds the issue again."""
    with_a_reader_and_a_bad_post(app, clock)
    app.run()
    app.issue_desk.accept_findings("post-1", "it may go", by="kim")
    edit(
        app,
        "email/post/body.html",
        "{% block content %}",
        '{% block content %}<tr><td><img src="x" alt=""></td></tr>',
    )
    clock.pass_time(minutes=5)
    app.run()
    assert app.issue("post-1").issue.state is IssueState.BLOCKED


def test_a_mended_template_lets_the_next_run_go_on(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("One"))
    edit(app, "email/_base.html", '<html lang="{{ language }}" dir="{{ dir }}"', "<html")
    app.run()
    assert "DOC-02" in app.issue("post-1").issue.reason
    edit(app, "email/_base.html", "<html", '<html lang="{{ language }}" dir="{{ dir }}"')
    clock.pass_time(minutes=5)
    app.run()
    assert app.issue("post-1").issue.state is IssueState.DONE


def test_a_rendering_for_some_readers_that_fails_holds_the_issue_for_all(app, clock):
    """The draft, with one post, passes; the latecomer's digest does not."""
    join(app, "up@reader.example", Cadence.EVERY_POST)
    late = join(app, "late@reader.example")
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("One"))
    app.run()
    clock.pass_time(minutes=1)
    link = app.readers.link(Purpose.PREFERENCES, late)
    app.readers.change_preferences(link, cadence=Cadence.EVERY_POST, themes=frozenset())
    publish(app, a_post("Two"))
    edit(app, "email/digest/body.html", "<h3", "<img src='x.png'><h3")
    report = app.run()
    stuck = app.issue("post-2")
    assert report.failed
    assert stuck.issue.state is IssueState.FREEZING
    assert "A11Y-03" in stuck.issue.reason
    assert stuck.deliveries == {"queued": 2}
    assert {"A11Y-03", "IMG-01"} <= {one["rule"] for one in stuck.findings}
    app.issue_desk.accept_findings("post-2", "only a test", by="kim")
    clock.pass_time(minutes=5)
    app.run()
    assert app.issue("post-2").issue.state is IssueState.DONE


def test_warnings_are_kept_and_hold_nothing_back(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("RE: NEWS FOR EVERYBODY TODAY!!"))
    app.run()
    sent = app.issue("post-1")
    assert sent.issue.state is IssueState.DONE
    assert {one["rule"] for one in sent.findings if one["severity"] == "warning"} >= {"INB-05"}
    json.dumps([dict(one) for one in sent.findings])


def test_nothing_can_be_accepted_where_nothing_is_refused(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("One"))
    app.run()
    with pytest.raises(NotAllowed, match="keeps post-1 back"):
        app.issue_desk.accept_findings("post-1", "why not", by="kim")


def test_an_issue_is_checked_as_it_would_be_sent_and_nothing_lasts(app, clock):
    with_a_reader_and_a_bad_post(app, clock)
    checked = app.check_issue("every-post")
    assert "LINK-01" in {one.rule for one in checked.report.errors}
    assert app.issues(5) == []
    assert clock.now.tzinfo is UTC


def test_a_title_no_header_may_hold_blocks_the_issue_and_stops_nothing_else(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("=?utf-8?q?Lamps=0D=0ABcc:_x@evil.example?="))
    app.run()
    held = app.issue("post-1").issue
    assert held.state is IssueState.BLOCKED
    assert "encoded word" in held.reason
