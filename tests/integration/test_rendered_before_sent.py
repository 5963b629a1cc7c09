"""Invariant 2 through the whole installation: what was frozen is what is sent, to everybody or to nobody."""

from dataclasses import replace

import pytest

from digest.delivery import pages
from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState
from digest.errors import BackendUnavailable, TemplateFault
from digest.pipeline import compose, freeze
from digest.providers.memory import MemoryBackend
from digest.store import deliveries, issues
from digest.template_files import hash_of_mails
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.installation import OPERATOR, Clock, a_post, installation, join, mails, publish


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(tmp_path, clock):
    with installation(tmp_path, clock=clock) as app:
        yield app


def edit(app, name, text):
    """Change a template as an operator would."""
    templates = dict(app.tools.templates) | {name: text}
    app.tools = replace(app.tools, templates=templates, templates_hash=hash_of_mails(templates))


def two_layouts(app, clock):
    """Make a reader who gets one post by mail and one who gets two of them: two segments."""
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


def test_what_was_approved_is_what_is_sent(app, clock):
    """Invariant 2: a template edited after the freeze changes no mail, and every reader gets the same one."""
    for number in range(3):
        join(app, f"r{number}@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("One"))

    usable = app.tools.backend

    class Down(MemoryBackend):
        def hand_over(self, batch, commit):
            raise BackendUnavailable("down")

    app.tools = replace(app.tools, backend=Down, workers=1)
    app.run()
    assert app.issue("post-1").issue.state is IssueState.SENDING
    edit(app, "email/post/subject.txt", "Changed after the freeze")
    app.tools = replace(app.tools, backend=usable)
    clock.pass_time(minutes=10)
    app.run()
    sent = mails(app, to="@reader.example", issues_only=True)
    assert {mail["Subject"] for mail in sent} == {"One"}
    assert len(sent) == 3


def test_a_template_edited_between_approval_and_freeze_makes_a_new_draft(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    app.run()
    clock.pass_time(minutes=1)
    publish(app, a_post("One"))
    compose.compose(app.tools, clock.now)
    edit(app, "email/post/subject.txt", "Changed")
    assert freeze.freeze(app.tools, clock.now).frozen == ()
    assert app.issue("post-1").issue.state is IssueState.DRAFT
    app.run()
    (mail,) = mails(app, to="ann@", issues_only=True)
    assert mail["Subject"] == "Changed"


def test_a_changed_publication_makes_a_new_draft(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    publish(app, a_post("One"))
    compose.compose(app.tools, clock.now)
    app.tools = replace(app.tools, publication=replace(app.publication, name="Another Name"))
    freeze.freeze(app.tools, clock.now)
    assert app.issue("post-1").issue.state is IssueState.DRAFT


def test_an_issue_that_one_reader_cannot_get_goes_to_nobody_until_mended(app, clock):
    """The draft, with one post, can be rendered; the latecomer's digest cannot."""
    two_layouts(app, clock)
    good = app.tools.templates["email/digest/body.html"]
    edit(app, "email/digest/body.html", "{{ nope }}")
    for _ in range(2):
        report = app.run()
        assert report.failed
        assert "post-2 cannot be rendered" in report.trouble[0]
        clock.pass_time(minutes=5)
    stuck = app.issue("post-2")
    assert stuck.issue.state is IssueState.FREEZING
    assert "cannot be rendered" in stuck.issue.reason
    assert stuck.deliveries == {"queued": 2}
    assert len([mail for mail in mails(app, to=OPERATOR) if "post-2" in mail.as_string()]) == 1

    edit(app, "email/digest/body.html", good + "<!-- mended -->")
    app.run()
    mended = app.issue("post-2")
    assert (mended.issue.state, mended.issue.reason) == (IssueState.DONE, "")
    assert [mail["To"] for mail in mails(app, to="late@", issues_only=True)] == ["late@reader.example"]


def test_all_mails_of_an_issue_mended_half_way_look_alike(app, clock):
    """What was rendered before the mend is rendered anew: no reader gets the older look."""
    two_layouts(app, clock)
    edit(app, "email/digest/body.html", "{{ nope }}")
    app.run()
    app.reload_templates()
    edit(app, "email/post/subject.txt", "Mended")
    app.run()
    assert mails(app, to="up@", issues_only=True)[-1]["Subject"] == "Mended"
    issue = app.issue("post-2").issue
    assert issue.approved_hash == issue.content_hash


def test_an_issue_cancelled_while_it_cannot_be_rendered_owes_its_posts(app, clock):
    two_layouts(app, clock)
    edit(app, "email/digest/body.html", "{{ nope }}")
    app.run()
    assert app.issue_desk.cancel("post-2") == 2
    app.reload_templates()
    clock.pass_time(minutes=5)
    publish(app, a_post("Three"))
    app.run()
    assert app.issue("post-2").deliveries == {"cancelled": 2}
    last = mails(app, to="up@", issues_only=True)[-1].get_body(("plain",)).get_content()
    assert "Two" in last
    assert "Three" in last


def test_row_03_a_stopped_freeze_goes_on_with_the_next_run(app, clock):
    two_layouts(app, clock)
    running = app.tools
    compose.compose(app.tools, clock.now)
    app.tools = replace(running, stopping=lambda: True)
    assert freeze.freeze(app.tools, clock.now).frozen == ()
    assert app.issue("post-2").issue.state is IssueState.FREEZING
    app.tools = running
    app.run()
    assert app.issue("post-2").deliveries == {DeliveryState.ACCEPTED.value: 2}


def test_a_trial_that_cannot_be_rendered_is_not_queued(app, clock):
    join(app, "ann@reader.example", Cadence.EVERY_POST)
    publish(app, a_post("One"))
    edit(app, "email/post/body.html", "{{ nope }}")
    with pytest.raises(TemplateFault):
        app.send_trial("every-post", "ann@reader.example")
    assert app.issues(10) == []


def test_a_freeze_that_is_asked_to_stop_goes_on_where_it_was(app):
    """Nobody is mailed before the audience is whole: half of it written down is nobody's issue yet."""
    readers = [f"reader{number}@reader.example" for number in range(pages.FIRST + 3)]
    for address in readers:
        join(app, address, Cadence.EVERY_POST)
    publish(app, a_post("The door that did not lock"))
    compose.compose(app.tools, app.clock())
    asked_to_stop = replace(app.tools, stopping=lambda: True)
    assert freeze.freeze(asked_to_stop, app.clock()).frozen == ()
    with app.database.read() as conn:
        (begun,) = issues.in_states(conn, {IssueState.FREEZING})
        assert sum(deliveries.counts(conn, begun.id).values()) == pages.FIRST
    assert not mails(app, issues_only=True)
    (frozen,) = freeze.freeze(app.tools, app.clock()).frozen
    assert frozen.expected == len(readers)
