"""What the commands about posts and fuses print, on a real installation; their effects are tested beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from digest.cli.frame import app as command_line
from tests.blog import Blog, blog, entry
from tests.installation import BEGINNING

OLD = [entry(number, dated=BEGINNING - timedelta(days=40 - number)) for number in range(1, 11)]
ANN = "ann@reader.example"

Digest = Callable[..., str]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Blog]:
    with blog(tmp_path) as made:
        made.show(*OLD)
        made.add()
        made.join(ANN)
        made.poll()
        yield made


@pytest.fixture
def digest(one: Blog, monkeypatch: pytest.MonkeyPatch) -> Digest:
    """Runs a command on the blog's installation and returns what it prints."""
    monkeypatch.setattr("digest.cli.context.Context.app", lambda self: _Lent(one))

    def run(*words: str, code: int = 0, answers: str = "") -> str:
        done = CliRunner().invoke(command_line, list(words), input=answers)
        assert done.exit_code == code, done.output
        if done.exception and not isinstance(done.exception, SystemExit | typer.Exit):
            raise done.exception
        return done.output

    return run


class _Lent:
    """The blog's own installation, which the command does not close."""

    def __init__(self, one: Blog) -> None:
        self._one = one

    def __enter__(self) -> object:
        return self._one.app

    def __exit__(self, *_: object) -> None:
        pass


def test_post_list_says_why_posts_wait(one: Blog, digest: Digest) -> None:
    one.show(
        *OLD, entry(11, dated=BEGINNING - timedelta(days=99)), entry(12, dated=BEGINNING + timedelta(days=2))
    )
    one.poll()
    table = digest("post", "list", "--state", "held", "--feed", "1")
    assert "back-dated" in table
    assert "future-dated, until 2026-11-25 09:00" in table
    assert len(json.loads(digest("post", "list", "--json"))) == 12
    assert digest("post", "list", "--state", "skipped") == "No such post.\n"


def test_post_show_and_why_tell_the_whole_story(one: Blog, digest: Digest) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD, entry(11, "Post 11, corrected"))
    one.poll()
    story = digest("why", "post", "11")
    assert story.startswith("Mailed: 1 reader had it, from post-1.\n\nPost 11, corrected\n")
    for line in (
        "known as    guid https://blog.example/?p=11 (feed 1)",
        "known as    link blog.example/post-number-11 (feed 1)",
        f"feed        {one.site.url}/feed since 2026-11-23 13:00 UTC",
        "edited      2026-11-23 15:00 UTC, was “Post 11”",
        "issue       post-1: done, 1 accepted",
    ):
        assert line in story
    assert len(story.splitlines()) < 24  # one screen
    assert digest("post", "show", "11") in story
    assert json.loads(digest("why", "post", "11", "--json"))["post"]["number"] == 1


def test_post_skip_and_release_say_what_came_too_late(one: Blog, digest: Digest) -> None:
    one.show(*OLD, entry(11), entry(12, dated=BEGINNING - timedelta(days=99)))
    one.poll()
    assert "post-1, which is frozen: 1 accepted" in digest("post", "skip", "11")
    assert "1 reader had it and will not get it again" in digest("post", "release", "11")
    assert "no issue will carry it" in digest("post", "skip", "12")
    assert "mailable as number 2" in digest("post", "release", "12")


def test_post_resend_asks_first_and_wants_to_know_to_whom(one: Blog, digest: Digest) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    assert "say to whom" in digest("post", "resend", "11", code=2)
    asked = digest("post", "resend", "11", "--to-all-who-had-it", code=1, answers="n\n")
    assert "Mail “Updated: Post 11” to 1 reader?" in asked
    queued = digest("post", "resend", "11", "--cadence", "every-post", "--yes")
    assert (
        queued.splitlines()[-1] == "resend-1-1: “Updated: Post 11” waits for 1 reader; the next run sends it."
    )


def test_fuse_commands_count_guess_and_settle(one: Blog, digest: Digest) -> None:
    assert digest("fuse", "list") == "No fuse has blown.\n"
    strange = [entry(50, "Unheard of", dated=BEGINNING - timedelta(days=38))]
    one.show(
        *strange,
        *(replace(post, guid=f"{post.guid}x", link=f"https://new.example/{n}") for n, post in enumerate(OLD)),
    )
    one.poll()
    shown = digest("fuse", "show")
    assert "held  11 posts: 10 like a known post, 1 like none" in shown
    assert "the same text" in shown
    assert "no known post" in shown
    assert "open" in digest("fuse", "list")
    assert json.loads(digest("fuse", "show", "1", "--json"))["fuse"]["feed_id"] == 1
    assert "digest fuse show 1" in digest("why", "post", "12")
    assert "new names of 10 posts are remembered, 1 post like no known one" in digest("fuse", "accept")
    assert "It holds no post any more." in digest("fuse", "show", "1")
    assert "accepted" in digest("fuse", "list")


def test_fuse_discard_lets_its_posts_in(one: Blog, digest: Digest) -> None:
    one.show(
        *(replace(post, guid=f"{post.guid}x", link=f"https://new.example/{n}") for n, post in enumerate(OLD))
    )
    one.poll()
    assert "Fuse 1: 10 posts let in." in digest("fuse", "discard", "1")
