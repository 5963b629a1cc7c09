"""From feed to mailbox: each step of the way, on a real site, mail server and database file.

The sample site publishes for a week; readers want every post or the weekly issue. Only the clock is the
test's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digest.app import App
from digest.delivery.states import Event
from digest.demo.site import SampleSite
from digest.pipeline.press import reader_url
from digest.pipeline.tick import Report
from digest.preview.local_server import LocalServer
from digest.preview.samples import Samples
from digest.web.application import create_app
from subscribers.model import Status
from subscribers.tokens import Purpose
from tests.newsroom import OPERATOR, Newsroom, newsroom, read, rss
from tests.smtp_servers import closed_port
from tests.web_server import dump

SUNDAY = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)  # when a weekly issue is due
ISSUE = "weekly-2026-11-22"
ANN, BEN, CAI = "ann@example.org", "ben@example.org", "cai@example.org"


@dataclass
class Story:
    """A newsletter in the week before its first weekly issue."""

    room: Newsroom
    app: App
    site: SampleSite
    time: list[datetime]

    def later(self, **span: float) -> None:
        self.time[0] += timedelta(**span)

    def until(self, moment: datetime) -> None:
        self.time[0] = moment

    def run(self) -> Report:
        return self.app.run()

    def received(self) -> Counter[str]:
        """How many mails each address has received."""
        return Counter(address for mail in self.room.sink.accepted for address in mail.recipients)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """Ann and Ben read weekly, Cai every post; the feed was added on Monday, and the newsletter is live."""
    port = closed_port()
    time = [SUNDAY - timedelta(days=6)]

    def clock() -> datetime:
        return time[0]

    with ExitStack() as stack:
        room = stack.enter_context(newsroom(tmp_path, public_url=f"http://127.0.0.1:{port}", connections=1))
        site = stack.enter_context(SampleSite(SUNDAY))
        app = stack.enter_context(room.opened(clock))
        stack.enter_context(LocalServer(create_app(app), port=port))
        room.join(ANN, BEN, cadence="weekly", clock=clock)
        room.join(CAI, cadence="every-post", clock=clock)
        app.go_live()
        app.add_feed(site.url)
        yield Story(room, app, site, time)


def issues_of(report: Report) -> dict[str, str]:
    return {made.name: made.state.value for made in report.issues}


def ask(method: str, url: str, body: str = "") -> tuple[int, str]:
    """Ask as a mail program or a browser does, and return status and page."""
    target = urlsplit(url)
    connection = HTTPConnection(target.hostname or "", target.port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request(method, target.path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def unsubscribe_link(mail: EmailMessage) -> str:
    found = re.search(r"<(https?://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found is not None
    return found.group(1)


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


# --- 1. Due? -------------------------------------------------------------------------------------------


def test_an_issue_is_due_once_however_often_somebody_asks(story: Story) -> None:
    story.site.publish_all()
    story.until(SUNDAY - timedelta(minutes=1))
    assert ISSUE not in issues_of(story.run())
    story.until(SUNDAY)
    assert issues_of(story.run())[ISSUE] == "approved"
    story.later(minutes=1)
    assert issues_of(story.run()) == {}


# --- 2. Fetch ------------------------------------------------------------------------------------------


def test_a_feed_that_did_not_change_is_not_sent_again(story: Story) -> None:
    story.later(hours=7)
    report = story.run()
    assert [feed.line for feed in report.feeds] == ["304, not modified since the last poll"]


def test_polling_has_its_own_pace(story: Story) -> None:
    """The sample site posts rarely: it is asked every six hours, a tenth more or less."""
    story.site.publish()
    story.later(hours=5)
    assert story.run().feeds == ()
    story.later(hours=2)
    assert len(story.run().feeds) == 1


# --- 3. Parse and know ---------------------------------------------------------------------------------


def test_what_the_feed_held_when_it_was_added_goes_to_nobody(story: Story) -> None:
    assert len(story.site.published) > 10
    story.until(SUNDAY)
    report = story.run()
    assert issues_of(report)[ISSUE] == "empty"
    assert story.room.sink.accepted == []


def test_a_post_is_new_only_once_though_its_title_text_and_address_change(story: Story) -> None:
    room, url = story.room, story.app.add_feed(story.room.feed_url).feed.url
    room.publish("Eleven doors")
    story.later(hours=2)
    assert titles_new_at(story.run(), url) == ["Eleven doors"]
    page = room.titles.index("Eleven doors") + 1
    room.titles[page - 1] = "Eleven doors, and a correction"
    room.publish()
    story.later(hours=2)
    assert titles_new_at(story.run(), url) == []
    moved = f"{room.site.url}/posts/{page}"
    feed = rss(room.site.url, room.titles)
    room.site.route("/feed", feed.replace(moved, f"{room.site.url}/archive/{page}"))
    story.later(hours=2)
    assert titles_new_at(story.run(), url) == []


def titles_new_at(report: Report, url: str) -> list[str]:
    return [title for feed in report.feeds if feed.feed_url == url for title in feed.new]


# --- 4. Choose and summarise ---------------------------------------------------------------------------


def test_nothing_new_means_no_mail_and_the_reason_is_kept(story: Story) -> None:
    story.until(SUNDAY)
    story.run()
    kept = story.app.issue(ISSUE).issue
    assert (kept.state.value, kept.reason) == ("empty", "nothing new since the issue before")
    assert story.room.sink.accepted == []


# --- 5. Assemble and render: preview shows what is sent ------------------------------------------------


def test_the_mail_that_arrives_is_the_one_the_preview_showed(story: Story) -> None:
    """Invariant 2: equal byte for byte but for the reader's own slots."""
    story.site.publish_all()
    story.until(SUNDAY - timedelta(hours=1))
    story.run()
    previewed = {mail.key: mail.data for mail in Samples(story.app)()}
    story.until(SUNDAY)
    story.run()
    shown, sent = read(previewed["next-weekly"]), story.room.mails_to(ANN)[-1]
    theirs = {"sam.reader@example.org": "…", "Sentence on 22 November 2026": "…"}
    hers = {ANN: "…", "Sentence on 16 November 2026": "…"}
    for kind in ("plain", "html"):
        assert without(theirs, content(shown, kind)) == without(hers, content(sent, kind))
    personal = {"to", "date", "message-id", "list-unsubscribe", "content-type"}
    assert headers_but(shown, personal) == headers_but(sent, personal)


def without(slots: dict[str, str], text: str) -> str:
    """Blank what differs between two readers: address, since when they read, and their own links."""
    for words, blank in slots.items():
        assert words in text
        text = text.replace(words, blank)
    text, links = re.subn(r"/(unsubscribe|preferences)/[\w.-]+", r"/\1/…", text)
    assert links
    return text


def headers_but(mail: EmailMessage, personal: set[str]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in mail.items() if name.lower() not in personal]


# --- 6. Freeze -----------------------------------------------------------------------------------------


def test_an_issue_goes_to_everybody_it_was_frozen_for_and_to_nobody_else(story: Story) -> None:
    story.site.publish_all()
    story.until(SUNDAY)
    report = story.run()
    frozen = {one.name: one.expected for one in report.frozen}
    assert frozen[ISSUE] == 2
    told = story.app.issue(ISSUE)
    assert (told.issue.state.value, told.issue.expected, told.deliveries) == ("done", 2, {"accepted": 2})
    assert report.outcomes == {Event.ACCEPT: sum(frozen.values())}
    assert story.received() == Counter([ANN, BEN, CAI])


def test_whoever_joins_after_the_freeze_waits_for_the_next_issue(story: Story) -> None:
    story.site.publish_all()
    story.until(SUNDAY)
    story.run()
    story.room.join("dot@example.org", cadence="weekly", clock=story.app.clock)
    story.later(minutes=5)
    story.run()
    assert story.received()["dot@example.org"] == 0


def test_nothing_is_frozen_while_the_unsubscribe_page_does_not_answer(story: Story) -> None:
    story.site.publish_all()
    story.until(SUNDAY)
    config, silent = story.room.config, f"http://127.0.0.1:{closed_port()}"
    config.write_text(re.sub(r"(?m)^public_url = .*$", f'public_url = "{silent}"', config.read_text()))
    with story.room.opened(story.app.clock) as cut_off:
        report = cut_off.run()
    assert report.failed
    assert "the public pages do not answer" in report.trouble[0]
    assert story.received() == Counter([OPERATOR])  # who is told
    story.later(minutes=5)
    story.run()  # the links in it are others now: what was approved is made anew
    assert story.run().outcomes == {Event.ACCEPT: 3}


# --- 7. Hand over --------------------------------------------------------------------------------------


def test_an_unsubscribe_wins_until_the_very_last_moment(story: Story) -> None:
    """Promise P4: Ben leaves while his mail is already being handed over, and the dot is never sent."""
    story.site.publish_all()
    story.until(SUNDAY)
    link = own_link(story, BEN)
    answers: list[int] = []

    def overheard(moment: str, address: str) -> None:
        if (moment, address) == ("RCPT", BEN):
            answers.append(ask("POST", link, "List-Unsubscribe=One-Click")[0])

    story.room.sink.overheard = overheard
    report = story.run()
    assert answers == [200]
    assert story.received() == Counter([ANN, CAI])
    assert story.app.issue(ISSUE).deliveries == {"accepted": 1, "suppressed": 1}
    assert report.outcomes == {Event.ACCEPT: 2, Event.INELIGIBLE: 1}


def own_link(story: Story, address: str) -> str:
    return reader_url(story.app.tools, Purpose.UNSUBSCRIBE, story.app.readers.find(address).public_id)


def test_every_reader_has_every_post_once_and_a_second_run_sends_nothing(story: Story) -> None:
    every_post = week_of_posts(story)
    story.until(SUNDAY)
    story.run()
    before = len(story.room.sink.accepted)
    story.later(minutes=1)
    assert story.run().outcomes == {}
    assert len(story.room.sink.accepted) == before
    for reader, mails in ((ANN, 1), (BEN, 1), (CAI, None)):
        received = story.room.mails_to(reader)
        assert mails is None or len(received) == mails
        text = "\n".join(content(mail, "plain") for mail in received)
        assert [title for title in every_post if title not in flowed(text)] == []
    subjects = Counter(str(mail["Subject"]) for mail in story.room.mails_to(CAI))
    assert set(subjects.values()) == {1}


def week_of_posts(story: Story) -> list[str]:
    """Let the week go by, a run a day, and return the titles that came out."""
    titles = [post.title for post in story.site.waiting]
    while story.site.waiting:
        story.site.publish(2)
        story.later(hours=13)
        story.run()
    assert story.time[0] < SUNDAY
    return titles


def flowed(text: str) -> str:
    return " ".join(text.split())


# --- 8. Hear back --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_the_link_in_the_mail_lets_its_reader_leave_but_only_by_a_button(story: Story, kind: str) -> None:
    """Invariant 4: mail scanners follow links, so that following one must change nothing."""
    mail = issue_to(story, ANN)
    links = set(re.findall(r"http://[^\s\"<>]+/unsubscribe/[\w.-]+", content(mail, kind)))
    assert links == {unsubscribe_link(mail)}
    link = links.pop()
    before = dump(story.app.readers)
    for method in ("GET", "HEAD", "GET"):
        assert ask(method, link)[0] == 200
    assert dump(story.app.readers) == before
    status, page = ask("POST", link, "action=leave")
    assert status == 200
    assert ANN not in page
    assert story.app.readers.find(ANN).status is Status.UNSUBSCRIBED
    next_week(story)
    assert (len(story.room.mails_to(ANN)), len(story.room.mails_to(BEN))) == (1, 2)


def test_one_click_from_the_mail_program_is_enough(story: Story) -> None:
    """RFC 8058: one POST, no page, no cookie; a second one changes nothing."""
    mail = issue_to(story, ANN)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ask("POST", unsubscribe_link(mail), "List-Unsubscribe=One-Click")[0] == 200
    before = dump(story.app.readers)
    assert ask("POST", unsubscribe_link(mail), "List-Unsubscribe=One-Click")[0] == 200
    assert dump(story.app.readers) == before
    next_week(story)
    assert len(story.room.mails_to(ANN)) == 1


def issue_to(story: Story, address: str) -> EmailMessage:
    """Send the first weekly issue of half the week's posts, and return it as one reader received it."""
    story.site.publish(len(story.site.waiting) // 2)
    story.until(SUNDAY)
    story.run()
    (mail,) = story.room.mails_to(address)
    return mail


def next_week(story: Story) -> None:
    story.site.publish_all()
    story.later(days=7)
    story.run()
