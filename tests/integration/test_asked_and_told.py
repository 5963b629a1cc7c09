"""Mails that ask a reader something, or tell them what they did, from the question to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from digest.app import App
from digest.errors import NotAllowed
from subscribers.errors import BadToken
from subscribers.model import Cadence, Status
from subscribers.tokens import Purpose
from tests.every_mail import part
from tests.installation import Clock, a_post, installation, join, mails, publish
from tests.web_server import Answer, serving

ANN, NEW = "ann@reader.example", "ann@elsewhere.example"
EDITOR = "editor@blog.example"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., App]]:
    """Return a way to open an installation, live unless told otherwise."""
    apps: list[App] = []

    def open_with(**sections: Any) -> App:
        apps.append(installation(tmp_path, clock=Clock(), **sections))
        return apps[-1]

    yield open_with
    for app in apps:
        app.close()


@pytest.fixture
def app(opened: Callable[..., App]) -> App:
    return opened()


def pass_time(app: App, **span: float) -> None:
    assert isinstance(app.clock, Clock)
    app.clock.pass_time(**span)


def subjects(app: App, to: str) -> list[str]:
    return [str(mail["Subject"]) for mail in mails(app, to=to)]


def newest(app: App, to: str) -> EmailMessage:
    return mails(app, to=to)[-1]


def path_in(mail: EmailMessage, purpose: Purpose) -> str:
    """Return the path of the link of that purpose, the same in both parts."""
    [path] = {
        found
        for sort in ("plain", "html")
        for found in re.findall(rf"/{purpose.value}/[\w.-]+", part(mail, sort))
    }
    return str(path)


def pressed(app: App, path: str) -> Answer:
    """Open a page, which changes nothing, and press its button."""
    with serving(app) as visitor:  # type: ignore[arg-type]
        before = app.readers.dossier(ANN)
        assert visitor.get(path).status == 200
        assert app.readers.dossier(ANN) == before
        return visitor.post(path)


def status(app: App, email: str) -> Status:
    return app.readers.find(email).status


# --- Leaving -----------------------------------------------------------------------------------------


def leave(app: App, **source: str) -> str:
    """Leave by the page's button, or as told; return what takes it back."""
    link = app.readers.link(Purpose.UNSUBSCRIBE, app.readers.find(ANN))
    return app.readers.unsubscribe(link, **source).undo_token


def test_by_default_no_mail_follows_leaving(app: App) -> None:
    join(app, ANN)
    leave(app)
    pass_time(app, days=1)
    app.run()
    assert subjects(app, ANN) == []


def test_a_goodbye_waits_until_leaving_can_no_longer_be_taken_back(opened: Callable[..., App]) -> None:
    app = opened(mail={"goodbye": True})
    join(app, ANN)
    leave(app)
    app.run()
    assert subjects(app, ANN) == []
    pass_time(app, minutes=11)
    app.run()
    assert subjects(app, ANN) == ["You’ve left Plain Sentence"]
    assert "/subscribe" in part(newest(app, ANN), "plain")


def test_no_goodbye_to_whoever_took_it_back_or_left_by_one_click(opened: Callable[..., App]) -> None:
    app = opened(mail={"goodbye": True})
    join(app, ANN)
    app.readers.undo(leave(app))
    pass_time(app, minutes=11)
    app.run()
    assert "left" not in " ".join(subjects(app, ANN))
    leave(app, source="one-click")
    pass_time(app, minutes=11)
    app.run()
    assert "left" not in " ".join(subjects(app, ANN))


# --- Another address ---------------------------------------------------------------------------------


def asked_to_move(app: App) -> str:
    """Ask for the move of a reader; return the path of the link in the mail to the new address."""
    app.reader_desk.move(ANN, NEW)
    app.run()
    mail = newest(app, NEW)
    assert mail["Subject"] == "Confirm your new address for Plain Sentence"
    assert ANN not in part(mail, "plain"), "the old address is masked"
    return path_in(mail, Purpose.MOVE)


def test_a_reader_moves_once_the_new_address_said_yes_and_the_old_one_is_told(app: App) -> None:
    join(app, ANN, Cadence.DAILY, frozenset())
    path = asked_to_move(app)
    assert (status(app, ANN), status(app, NEW)) == (Status.CONFIRMED, Status.PENDING)

    assert "was changed" in pressed(app, path).words
    app.run()
    assert (status(app, ANN), status(app, NEW)) == (Status.UNSUBSCRIBED, Status.CONFIRMED)
    assert app.readers.find(NEW).preferences.cadence is Cadence.DAILY
    assert subjects(app, ANN)[-1] == "Your address at Plain Sentence was changed"
    assert NEW not in part(newest(app, ANN), "plain"), "the new address is masked"


def test_no_post_is_lost_by_moving_and_none_comes_twice(app: App) -> None:
    join(app, ANN, Cadence.EVERY_POST)
    publish(app, a_post("One"))
    app.run()
    path = asked_to_move(app)
    publish(app, a_post("Two"))
    pressed(app, path)
    app.run()
    publish(app, a_post("Three"))
    pass_time(app, hours=1)
    app.run()
    had = [str(mail["Subject"]) for to in (ANN, NEW) for mail in mails(app, to=to, issues_only=True)]
    assert had == ["One", "Two", "Three"]


def test_the_link_works_for_half_an_hour_and_a_second_press_changes_nothing(app: App) -> None:
    join(app, ANN)
    path = asked_to_move(app)
    pass_time(app, minutes=31)
    with serving(app) as visitor:  # type: ignore[arg-type]
        late = visitor.post(path)
    assert (late.status, status(app, ANN)) == (410, Status.CONFIRMED)
    assert "fresh one" in late.words

    pass_time(app, days=1)
    path = asked_to_move(app)
    assert pressed(app, path).status == 200
    again = app.readers.dossier(NEW)
    assert pressed(app, path).status == 200
    assert app.readers.dossier(NEW) == again


def test_nobody_is_moved_who_left_or_to_an_address_that_reads_or_is_forbidden(app: App) -> None:
    join(app, ANN)
    join(app, NEW)
    with pytest.raises(NotAllowed, match="reader already"):
        app.reader_desk.move(ANN, NEW)
    app.readers.remove(NEW, source="test")
    path = asked_to_move(app)
    leave(app)
    with serving(app) as visitor:  # type: ignore[arg-type]
        assert visitor.post(path).status == 410
    with pytest.raises(NotAllowed, match="gets no mail"):
        app.reader_desk.move(ANN, NEW)


# --- Still wanted? -----------------------------------------------------------------------------------


def asked_again(app: App) -> str:
    join(app, ANN)
    pass_time(app, days=400)
    app.reader_desk.ask_again(ANN)
    app.run()
    mail = newest(app, ANN)
    assert mail["Subject"] == "Do you still want mail from Plain Sentence?"
    assert "27 January 2028" in part(mail, "plain"), "the last day to answer is told"
    return path_in(mail, Purpose.KEEP)


def test_whoever_says_yes_stays(app: App) -> None:
    path = asked_again(app)
    assert "keeps coming" in pressed(app, path).words
    assert "keeps coming" in pressed(app, path).words
    pass_time(app, days=31)
    app.run()
    assert status(app, ANN) is Status.CONFIRMED
    [*_, last] = app.readers.dossier(ANN).consent
    assert (last.kind.value, last.source) == ("confirmed", "re-permission page")


def test_new_choices_are_an_answer_too(app: App) -> None:
    asked_again(app)
    pass_time(app, days=1)
    token = app.readers.link(Purpose.PREFERENCES, app.readers.find(ANN))
    app.readers.change_preferences(token, cadence=Cadence.MONTHLY, themes=frozenset())
    pass_time(app, days=31)
    app.run()
    assert status(app, ANN) is Status.CONFIRMED


def test_silence_ends_it_after_thirty_days_and_not_before(app: App) -> None:
    path = asked_again(app)
    pass_time(app, days=29)
    app.run()
    assert status(app, ANN) is Status.CONFIRMED
    pass_time(app, days=2)
    app.run()
    assert status(app, ANN) is Status.UNSUBSCRIBED
    assert app.readers.dossier(ANN).consent[-1].source == "re-permission: no answer"
    with serving(app) as visitor:  # type: ignore[arg-type]
        assert visitor.post(path).status == 410


def test_a_question_that_only_the_operator_saw_ends_nothing(tmp_path: Path) -> None:
    with installation(tmp_path, clock=Clock(), live=False) as app:
        join(app, ANN)
        app.reader_desk.ask_again(ANN)
        app.run()
        pass_time(app, days=31)
        app.run()
        assert status(app, ANN) is Status.CONFIRMED


def test_a_link_to_stay_brings_nobody_back(app: App) -> None:
    path = asked_again(app)
    leave(app)
    with serving(app) as visitor:  # type: ignore[arg-type]
        assert visitor.post(path).status != 200
    assert status(app, ANN) is Status.UNSUBSCRIBED
    with pytest.raises(NotAllowed):
        app.reader_desk.ask_again(ANN)
    with pytest.raises(BadToken):
        app.readers.confirm(path.rpartition("/")[2])


# --- The editor --------------------------------------------------------------------------------------


def test_the_editor_is_told_of_each_issue_once(opened: Callable[..., App]) -> None:
    app = opened(mail={"editor_address": EDITOR})
    join(app, ANN, Cadence.EVERY_POST)
    publish(app, a_post("What an hour costs"))
    app.run()
    app.run()
    [told] = mails(app, to=EDITOR)
    assert told["Subject"] == "Plain Sentence: post-1 was made"
    text = part(told, "plain")
    assert "* What an hour costs" in text
    assert "It goes out from Monday 23 November 2026, 09:00." in text


def test_without_an_editor_nobody_is_told(app: App) -> None:
    join(app, ANN, Cadence.EVERY_POST)
    publish(app, a_post("What an hour costs"))
    app.run()
    assert [str(mail["Subject"]) for mail in mails(app)] == [
        "You’re subscribed to Plain Sentence",
        "What an hour costs",
    ]
