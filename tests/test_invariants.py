"""The ten invariants of ARCHITECTURE.md, one test each, on whole installations."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from digest.app import App
from digest.editorial import content
from digest.model import Message, Outcome
from digest.net.client import Client
from digest.providers.memory import MemoryBackend
from digest.store import issues
from digest.store.engine import Database
from subscribers import store as people
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.blog import blog, entry
from tests.installation import OPERATOR, SITE, Clock, a_post, ask_to_join, installation, join, mails, publish
from tests.newsroom import ROOT
from tests.web_server import dump, proof, serving

ANN, BEN = "ann@reader.example", "ben@reader.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    """A live installation with two readers of every post."""
    with installation(tmp_path, clock=clock) as app:
        join(app, ANN, Cadence.EVERY_POST)
        join(app, BEN, Cadence.EVERY_POST)
        clock.pass_time(minutes=1)
        yield app


def sent(app: App, *titles: str) -> list[EmailMessage]:
    """Publish posts, send what is due, and return the issue mails."""
    publish(app, *(a_post(title) for title in titles))
    app.run()
    return mails(app, issues_only=True)


def parts(mail: EmailMessage) -> tuple[str, str]:
    """Return a mail's text and HTML."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def test_invariant_1_nobody_unconfirmed_unsubscribed_or_suppressed_is_mailed_an_issue(app: App) -> None:
    ask_to_join(app, "unconfirmed@reader.example", Cadence.EVERY_POST)
    left = join(app, "left@reader.example", Cadence.EVERY_POST)
    app.readers.unsubscribe(app.readers.link(Purpose.UNSUBSCRIBE, left))
    join(app, "suppressed@reader.example", Cadence.EVERY_POST)
    app.readers.suppress("suppressed@reader.example", source="operator")
    assert {mail["To"] for mail in sent(app, "One")} == {ANN, BEN}


def test_invariant_2_what_was_approved_is_what_is_sent(app: App) -> None:
    first, second = (parts(mail) for mail in sent(app, "One"))
    slots = re.compile(rf"(?<=/unsubscribe/)[\w.-]+|(?<=/preferences/)[\w.-]+|{ANN}|{BEN}")
    assert first != second
    assert [slots.sub("", part) for part in first] == [slots.sub("", part) for part in second]
    with app.database.read() as conn:
        issue = issues.by_name(conn, "post-1")
        stored = issues.content(conn, issue.id)
    assert stored is not None
    approved = content.content_hash(content.from_json(stored), templates_hash=app.tools.templates_hash)
    assert issue.approved_hash == approved


def test_invariant_3_an_approved_issue_never_changes(app: App, clock: Clock) -> None:
    sent(app, "One")
    before = app.issue("post-1").issue, app.issue_page("post-1")
    clock.pass_time(hours=1)
    publish(app, replace(a_post("One"), title="One, corrected", html="<p>It says something else.</p>"))
    app.tools = replace(app.tools, templates_hash="another")
    app.run()
    assert (app.issue("post-1").issue, app.issue_page("post-1")) == before


def test_invariant_4_get_and_head_never_change_anything(app: App) -> None:
    ann, (mail, _) = app.readers.find(ANN), sent(app, "One")
    mailed = {
        urlsplit(url).path for url in re.findall(r"http://127\.0\.0\.1:9/[^\s\"<>]*", "".join(parts(mail)))
    }
    made = {f"/{purpose.value}/{app.readers.link(purpose, ann)}" for purpose in Purpose}
    before = dump(app.readers)
    with serving(app) as visitor:  # type: ignore[arg-type]
        for path in ["/", "/subscribe", "/issues", "/issues/post-1", "/healthz", *sorted(mailed | made)]:
            for method in ("GET", "HEAD"):
                assert visitor.ask(method, path).status < 500
        assert dump(app.readers) == before


def test_invariant_5_every_issue_mail_carries_one_click_headers_and_a_visible_link(app: App) -> None:
    join(app, "weekly@reader.example", Cadence.WEEKLY)
    sent(app, "One", "Two")
    app.send_trial("weekly", "trial@reader.example")
    found = mails(app, issues_only=True)
    assert {mail["To"] for mail in found} == {ANN, BEN, "trial@reader.example"}
    for mail in found:
        link = str(mail["List-Unsubscribe"]).split(",")[0].strip("<>")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert all(link in part for part in parts(mail))


def test_invariant_6_consent_records_only_grow_and_an_erased_person_leaves_a_keyed_hash(app: App) -> None:
    records = proof(app.readers, ANN)
    app.readers.suppress(ANN, source="operator")
    assert proof(app.readers, ANN)[: len(records)] == records
    for change in ("DELETE FROM consent_record", "UPDATE consent_record SET source = ''"):
        with pytest.raises(DBAPIError, match="only grow"), app.database.transaction() as conn:
            conn.exec_driver_sql(change)
    app.readers.erase(ANN, source="operator")
    assert ANN not in repr(dump(app.readers))
    with app.database.read() as conn:
        assert people.is_suppressed(conn, app.signer.address_hash(ANN))


def test_invariant_7_the_same_event_twice_changes_nothing_the_second_time(app: App) -> None:
    sent(app, "One")
    ann = app.readers.find(ANN)
    events: list[Callable[[], object]] = [
        lambda: app.readers.confirm(app.readers.link(Purpose.CONFIRM, ann)),
        lambda: app.readers.unsubscribe(app.readers.link(Purpose.UNSUBSCRIBE, ann)),
        lambda: publish(app, a_post("One")).new,
        app.run,
    ]
    for event in events:
        event()
        before = rows(app), len(mails(app))
        event()
        assert (rows(app), len(mails(app))) == before


def rows(app: App) -> dict[str, list[tuple[object, ...]]]:
    """Return every row but those that log each poll's answer."""
    return {name: found for name, found in dump(app.readers).items() if name != "feed_answer"}


_PURE = """
from datetime import UTC, datetime
from digest.feeds.parse import parse
from digest.rendering.issue import render_issue
from digest.template_files import read_templates
from tests.blog import entry, rss
from tests.factories_mail import digest, publication
now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
body = rss([entry(1, tags=("b", "a", "c")), entry(2)]).encode()
print(parse(body, content_type="", url="https://blog.example/feed", now=now))
print(render_issue(digest(), publication(), read_templates()))
"""


def test_invariant_8_pure_modules_give_equal_output_for_equal_input() -> None:
    """In two processes whose sets and dictionaries are ordered differently."""
    first, second = (
        subprocess.run(
            [sys.executable, "-c", _PURE],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert len(first) > 10_000
    assert first == second


class Watched:
    """A database that knows whether this thread has a transaction open."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._here = threading.local()

    @property
    def is_open(self) -> bool:
        return getattr(self._here, "is_open", False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self._noted(), self._database.transaction() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._noted(), self._database.read() as conn:
            yield conn

    @contextmanager
    def _noted(self) -> Iterator[None]:
        self._here.is_open = True
        try:
            yield
        finally:
            self._here.is_open = False


def test_invariant_9_no_network_call_inside_a_transaction_and_none_open_across_one(tmp_path: Path) -> None:
    talked: list[tuple[str, bool]] = []
    with blog(tmp_path) as one:
        watched = Watched(one.app.database)
        opened = one.app.tools.client

        class Asking(Client):
            def get(self, *arguments: Any, **options: Any) -> Any:
                talked.append(("feed", watched.is_open))
                return super().get(*arguments, **options)

        class Sending(MemoryBackend):
            def hand_over(
                self, batch: Sequence[Message], commit: Callable[[Sequence[int]], frozenset[int]]
            ) -> Iterator[Outcome]:
                talked.append(("mail", watched.is_open))
                for outcome in super().hand_over(batch, commit):
                    talked.append(("after the commit point", watched.is_open))
                    yield outcome

        def reachable() -> str:
            talked.append(("our pages", watched.is_open))
            return ""

        def client() -> Client:
            made = opened()
            made.__class__ = Asking
            return made

        one.app.tools = replace(
            one.app.tools, db=watched, client=client, backend=Sending, reachable=reachable
        )
        one.show(entry(1))
        one.add()
        one.join(ANN)
        one.show(entry(1), entry(2))
        assert one.poll() == ["Post 2"]
    assert {where for where, _ in talked} == {"feed", "our pages", "mail", "after the commit point"}
    assert not any(is_open for _, is_open in talked)


def test_invariant_10_links_in_a_mail_are_the_sites_own_addresses_and_nothing_tracks(app: App) -> None:
    for mail in sent(app, "One", "Two"):
        text, html = parts(mail)
        links = re.findall(r'(?:href|src|background)="([^"]*)"', html) + re.findall(
            r"https?://[^\s>)]+", text
        )
        assert {f"{SITE}/one/", f"{SITE}/two/"} <= set(links)
        assert {urlsplit(link).netloc for link in links} <= {"blog.example", "127.0.0.1:9"}
        assert not [link for link in links if "blog.example" in link and urlsplit(link).query]
        assert "<img" not in html
        assert OPERATOR not in html
