"""A whole installation in a folder: real settings, a real database, mail as files, and a clock to move.

with installation(tmp_path, clock=clock) as app:
    join(app, "ann@reader.example", Cadence.DAILY)
    publish(app, a_post("One"))
    app.run()
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from digest.app import App
from digest.feeds.fetch import Answer
from digest.model import FoundPost, ParsedFeed
from digest.pipeline import collect
from digest.pipeline.collect import Polled
from digest.settings.load import check
from digest.settings.sources import Sources
from digest.store import feeds
from subscribers.model import Cadence, Subscriber
from subscribers.tokens import Purpose

SITE = "https://blog.example"
OPERATOR = "operator@blog.example"
BEGINNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        """Move on by a span, such as ``days=7``."""
        self.now += timedelta(**span)


def installation(
    folder: Path, *, clock: Callable[[], datetime], live: bool = True, **sections: dict[str, Any]
) -> App:
    """Return a new installation, to be closed by the caller; it is live unless told otherwise.

    ``sections`` change settings: ``delivery={"on_uncertain": "hold"}``.
    """
    values: dict[str, Any] = {
        "publication": {
            "name": "Plain Sentence",
            "site_url": SITE,
            "public_url": "http://127.0.0.1:9",
            "zone": "Europe/London",
            "postal_address": "Plain Sentence, 1 Sample Row, Exampleton",
        },
        "mail": {
            "from_address": "news@blog.example",
            "operator_address": OPERATOR,
            "backend": "file",
            "folder": str(folder / "mail"),
        },
        "database": {"url": f"sqlite:///{folder}/digest.db"},
        "secrets": {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32},
    }
    for section, changes in sections.items():
        values[section] = values.get(section, {}) | changes
    settings = check(Sources(values=values, origins={})).relative_to(folder)
    app = App(settings, clock=clock, allow_reserved=True)
    # The public pages are taken to answer: no server runs here.
    app.tools = replace(app.tools, reachable=lambda: "")
    if live:
        app.go_live()
    return app


def a_post(title: str, *, category: str = "", words: str = "It says what it says.") -> FoundPost:
    """Return a post as a feed would bring it; its title makes its guid and its link."""
    slug = title.lower().replace(" ", "-")
    return FoundPost(
        guid=f"{SITE}/?p={slug}",
        link=f"{SITE}/{slug}/",
        title=title,
        html=f"<p>{words}</p>",
        categories=(category,) if category else (),
    )


def publish(app: App, *posts: FoundPost) -> collect.Collected:
    """Store posts as a poll of the installation's feed would; the last one given is the newest.

    The feed is made at the first call, with an empty baseline, so that every post is new. Its next poll is
    put off for ever: nothing is fetched.
    """
    url = f"{SITE}/feed/"
    with app.database.transaction() as conn:
        feed = feeds.by_url(conn, url)
        if feed is None:
            made = feeds.add(conn, url=url, title="Plain Sentence", site_url=SITE, now=app.clock())
            feeds.record(conn, made.id, baseline_at=app.clock())
            feed = feeds.by_id(conn, made.id)
            assert feed is not None
    answer = Answer(status=200, url=url, moved_to="", etag="", last_modified="", content_type="", body=b"")
    parsed = ParsedFeed(title="Plain Sentence", site_url=SITE, posts=tuple(reversed(posts)))
    collected = collect.keep(app.tools, Polled(feed=feed, answer=answer, parsed=parsed), app.clock())
    with app.database.transaction() as conn:
        feeds.record(conn, feed.id, next_poll_at=datetime(9000, 1, 1, tzinfo=UTC))
    return collected


def ask_to_join(
    app: App, email: str, cadence: Cadence = Cadence.WEEKLY, themes: frozenset[str] = frozenset()
) -> Subscriber:
    """Fill in the form for somebody; they wait for their confirm mail."""
    app.readers.subscribe(email=email, cadence=cadence, themes=themes, shown="We promise.")
    return app.readers.find(email)


def join(
    app: App, email: str, cadence: Cadence = Cadence.WEEKLY, themes: frozenset[str] = frozenset()
) -> Subscriber:
    """Make somebody a reader: the form, and the button of the confirm mail."""
    person = ask_to_join(app, email, cadence, themes)
    return app.readers.confirm(app.readers.link(Purpose.CONFIRM, person))


def mails(app: App, *, to: str = "", issues_only: bool = False) -> list[EmailMessage]:
    """Return the mails that were handed over, oldest delivery first."""
    found = []
    for path in sorted(app.settings.path(app.settings.mail.folder).glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if to in str(mail["To"]) and ("List-Id" in mail or not issues_only):
            found.append(mail)
    return found
