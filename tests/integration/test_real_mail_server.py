"""Through a real mail server, Postfix, into a mailbox: what arrives, what comes back, what that does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from digest.app import App
from subscribers.model import Cadence, Status
from tests.installation import Clock, a_post, installation, join, publish
from tests.newsroom import Newsroom, newsroom
from tests.postfix import Postfix, postfix
from tests.web_server import serving

ANN, NOBODY_THERE = "ann@reader.example", "nobody@reader.example"


@contextmanager
def newsletter(folder: Path, server: Postfix, *readers: str) -> Iterator[App]:
    """An installation that hands its mail to that server, with readers of every post."""
    clock = Clock()
    mail = {"backend": "smtp", "from_address": "news@sender.example"}
    smtp = {"host": "127.0.0.1", "port": server.port, "security": "none"}
    with installation(folder, clock=clock, mail=mail, smtp=smtp) as app:
        for reader in readers:
            join(app, reader, Cadence.EVERY_POST)
        clock.pass_time(minutes=1)
        yield app


def sent(app: App) -> dict[str, int]:
    publish(app, a_post("What the inspectors found", words="They counted every door. Three did not lock."))
    report = app.run()
    assert not report.trouble
    return {event.value: count for event, count in report.outcomes.items()}


def issue_of(mails: list[EmailMessage]) -> EmailMessage:
    (found,) = [mail for mail in mails if "List-Id" in mail]
    return found


def test_a_mail_arrives_whole_and_its_one_click_link_works(tmp_path: Path) -> None:
    with postfix() as server, newsletter(tmp_path, server, ANN) as app:
        assert sent(app) == {"accept": 2}  # the welcome and the issue
        mail = issue_of(server.mails("ann", 2))
        assert (mail["To"], mail["Return-Path"]) == (ANN, "<news@sender.example>")
        assert mail["From"].endswith("<news@sender.example>")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        once = ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe")
        assert [len(mail.get_all(name, [])) for name in once] == [1] * len(once)
        text = mail.get_body(("plain",))
        assert text is not None
        assert "Three did not lock." in text.get_content()
        link = str(mail["List-Unsubscribe"]).split(",")[0].strip("<>")
        assert link in text.get_content()
        with serving(app) as visitor:  # type: ignore[arg-type]
            answer = visitor.post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"})
            assert answer.status == 200
            assert app.readers.find(ANN).status is Status.UNSUBSCRIBED


def test_a_mail_to_nobody_comes_back_to_the_bounce_address(tmp_path: Path) -> None:
    """The server took it, so it is accepted; what it finds out later comes as a mail of its own."""
    with postfix() as server, newsletter(tmp_path, server, NOBODY_THERE) as app:
        assert sent(app) == {"accept": 2}
        returned = server.mails("news", 2)[0]
        assert (returned["Return-Path"], returned.get_content_type()) == ("<>", "multipart/report")
        (status,) = [part for part in returned.walk() if part.get_content_type() == "message/delivery-status"]
        said = status.as_string()
    assert f"Final-Recipient: rfc822; {NOBODY_THERE}" in said
    assert "Status: 5.1.1" in said


BOUNCES = "bounces@plainsentence.example"
HERE, GONE = "ann@example.org", "gone@example.org"


@contextmanager
def hearing(folder: Path, server: Postfix) -> Iterator[Newsroom]:
    """A newsroom whose mail goes by that server, and whose bounces come to a Maildir that was made there."""
    server.make_mailbox("bounces")
    more = f'\n[mailbox]\nkind = "maildir"\nfolder = "{server.mail / "bounces"}"\n'
    with newsroom(folder, more=more) as room:
        told = room.config.read_text().replace("[smtp]", f'bounce_address = "{BOUNCES}"\n\n[smtp]')
        told = told.replace(f"port = {room.sink.port}", f"port = {server.port}")
        room.config.write_text(told.replace('username = "news"\n', ""))
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(HERE, GONE)
        room.go_live()
        yield room


def post(room: Newsroom, title: str) -> dict[str, int]:
    """Let a post appear, send its issue as an operator does, and return how many mails are in which state."""
    room.publish(title)
    with room.opened() as app:
        app.feed_desk.poll()
    done = room.digest("run")
    assert (done.returncode, done.stderr) == (0, "")
    with room.opened() as app:
        newest = next(issue.name for issue in app.issues(5) if issue.name.startswith("post-"))
    found: dict[str, int] = room.issue(newest)["deliveries"]
    return found


def test_a_bounce_of_a_real_mail_server_suppresses_its_reader_and_why_says_so(tmp_path: Path) -> None:
    """VERP out, a report back into a Maildir, one look at it, and no mail any more for who is gone."""
    with postfix() as server, hearing(tmp_path, server) as room:
        assert post(room, "The door that did not lock") == {"accepted": 2}
        (returned,) = server.mails("bounces")  # the run that sent it may have read it already
        assert returned["Return-Path"] == "<>"
        assert returned["To"].startswith("bounces+k1.")
        assert len(server.mails("ann")) == 1

        read = room.digest("mailbox", "read")
        assert (read.returncode, read.stderr) == (0, "")
        why = room.digest("why", "reader", GONE).stdout
        assert "must not be mailed, because its mail bounced" in why
        assert "bounced-hard" in why
        assert "5.1.1" in why
        assert "its mail bounced" not in room.digest("why", "reader", HERE).stdout

        assert post(room, "The key that turned up") == {"accepted": 1}
        assert len(server.mails("ann", 2)) == 2
        assert room.digest("mailbox", "read").returncode == 0
        assert len(server.mails("bounces")) == 1, "nothing was sent to who is gone"
