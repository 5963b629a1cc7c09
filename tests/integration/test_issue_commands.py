"""`digest issue stop`, `continue`, `cancel` and `held`, as an operator types them."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from digest.cli.frame import app as command_line
from digest.errors import NotAllowed
from digest.model import OutcomeKind
from digest.providers.memory import MemoryBackend
from subscribers.model import Cadence
from tests.installation import Clock, a_post, installation, join, publish


class Opened:
    """An installation that stays open from one command to the next."""

    def __init__(self, app):
        self._app = app

    def __enter__(self):
        return self._app

    def __exit__(self, *_):
        pass


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """Run a command on an installation that has one held mail."""
    clock = Clock()
    with installation(tmp_path, clock=clock) as app:
        join(app, "ann@reader.example", Cadence.EVERY_POST)
        app.run()
        clock.pass_time(minutes=1)
        publish(app, a_post("One"))
        unsendable = MemoryBackend(lambda message: OutcomeKind.UNSENDABLE)
        app.tools = replace(app.tools, backend=lambda: unsendable, workers=1)
        app.run()

        monkeypatch.setattr("digest.cli.context.Context.app", lambda *_, **__: Opened(app))

        def run(*words, answers=""):
            done = CliRunner().invoke(command_line, ["issue", *words], input=answers)
            if done.exception is not None and not isinstance(done.exception, SystemExit):
                raise done.exception
            return done.output

        yield run


def test_held_mails_are_listed_and_decided(digest):
    assert digest("held", "list", "post-1").startswith("delivery")
    assert "1 mails of post-1 go out with the next run." in digest("held", "resend", "post-1")
    assert digest("held", "list", "post-1") == "No mail of post-1 waits for you.\n"


@pytest.mark.parametrize(("word", "told"), [("accept", "count as arrived"), ("drop", "are given up")])
def test_a_held_mail_is_given_its_end(digest, word, told):
    assert told in digest("held", word, "post-1")


def test_an_issue_is_stopped_continued_and_cancelled(digest):
    digest("held", "resend", "post-1")
    assert "post-1 is stopped." in digest("stop", "post-1")
    assert "goes on with the next run" in digest("continue", "post-1")
    with pytest.raises(NotAllowed, match="Nothing was changed"):
        digest("cancel", "post-1", answers="n\n")
    assert "1 mails were not sent" in digest("cancel", "post-1", "--yes")
