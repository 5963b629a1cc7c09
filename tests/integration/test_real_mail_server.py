"""Through a real mail server, Postfix, into a mailbox: what arrives, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from digest.app import App
from subscribers.model import Cadence, Status
from tests.installation import Clock, a_post, installation, join, publish
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
