"""``digest why reader`` and ``digest status``: what was heard back, as an operator sees it."""

import pytest

from digest.delivery.events import MAILBOX, EventKind, ProviderEvent
from digest.errors import UnknownName
from digest.pipeline import hearing
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.installation import Clock, a_post, ask_to_join, installation, join, mails, publish

ANN = "ann@reader.example"


@pytest.fixture
def app(tmp_path):
    with installation(tmp_path, clock=Clock()) as app:
        join(app, ANN, Cadence.EVERY_POST)
        publish(app, a_post("One"))
        app.run()
        yield app


def hear(app, kind, code=""):
    (mail,) = mails(app, to=ANN, issues_only=True)
    delivery_id = int(str(mail["Message-ID"]).split(".")[0][2:])
    token = app.tools.bounce_tokens.token(delivery_id)
    event = ProviderEvent(provider=MAILBOX, event_id=kind.value, kind=kind, token=token, code=code)
    hearing.hear(app.tools, [event], app.clock())


def test_it_tells_what_was_sent_and_what_was_heard(app):
    hear(app, EventKind.DEFERRED, "4.2.2")
    story = app.reader_desk.why(ANN)
    assert story.verdict == "Gets the every-post issues."
    assert [(one.about, one.state) for one in story.mails] == [
        ("post-1", "accepted"),
        ("welcome", "accepted"),
        ("confirm", "suppressed"),
    ]
    assert [(one.about, one.kind, one.code) for one in story.events] == [("post-1", "deferred", "4.2.2")]
    assert app.status().heard == {"deferred": 1}
    app.clock.pass_time(days=31)
    assert app.status().heard == {}


def test_it_says_why_a_bounced_address_gets_nothing(app):
    hear(app, EventKind.BOUNCED_HARD, "5.1.1")
    assert "its mail bounced; asking and confirming anew" in app.reader_desk.why(ANN).verdict


def test_it_says_why_each_other_address_gets_nothing(app):
    ask_to_join(app, "new@reader.example")
    assert "not pressed" in app.reader_desk.why("new@reader.example").verdict
    person = app.readers.find(ANN)
    app.readers.pause(app.readers.link(Purpose.PREFERENCES, person))
    assert app.reader_desk.why(ANN).verdict == "Gets no issue before 2026-12-21: paused."
    app.readers.unsubscribe(app.readers.link(Purpose.UNSUBSCRIBE, person))
    assert app.reader_desk.why(ANN).verdict == "Gets no issue: unsubscribed."
    app.readers.suppress("never@reader.example", source="test")
    story = app.reader_desk.why("never@reader.example")
    assert "`digest subscriber lift`" in story.verdict
    assert story.mails == ()
    with pytest.raises(UnknownName):
        app.reader_desk.why("nobody@reader.example")
