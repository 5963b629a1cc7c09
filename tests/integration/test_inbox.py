import http.client
import json
import smtplib
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from digest.demo.inbox import Inbox
from digest.demo.inbox_pages import Mailbox, Received
from tests.mails_for_pages import TEMPLATES, a_mail

NOW = datetime(2026, 11, 23, 18, 31, tzinfo=UTC)
PEOPLE = (
    Mailbox(name="Ann Okafor", address="ann@example.org", note="Weekly, Prisons"),
    Mailbox(name="Ben Hale", address="ben@example.org", note="Every post"),
    Mailbox(name="Cy Lind", address="cy@example.org", note="Monthly"),
)


@pytest.fixture
def inbox():
    with Inbox(clock=lambda: NOW, templates=TEMPLATES, people=PEOPLE) as running:
        yield running


def get(inbox, path, *, host=None):
    address = inbox.url.removeprefix("http://")
    with closing(http.client.HTTPConnection(address, timeout=20)) as connection:
        connection.request("GET", path, headers={"Host": host or address})
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def page(inbox, path):
    status, _, body = get(inbox, path)
    assert status == 200
    return body.decode("utf-8")


def send(inbox, data, *to):
    with smtplib.SMTP(inbox.smtp_host, inbox.smtp_port, timeout=20) as client:
        client.sendmail("bounces@example.org", list(to), data)


def test_a_mail_sent_by_smtp_is_kept_as_it_was(inbox):
    data = a_mail(text=".\n..\n.hidden dots\nWords – beyond ASCII\n")

    send(inbox, data, "ann@example.org")

    assert inbox.wait_for(1, deadline_s=10) == (
        Received(id=1, envelope_from="bounces@example.org", envelope_to="ann@example.org", data=data, at=NOW),
    )
    assert get(inbox, "/messages/1/mail.eml")[2] == data


def test_a_mail_to_two_people_lies_in_two_mailboxes(inbox):
    send(inbox, a_mail(), "ann@example.org", "ben@example.org")

    assert [mail.envelope_to for mail in inbox.messages()] == ["ann@example.org", "ben@example.org"]


def test_the_server_offers_what_large_and_8bit_mail_needs(inbox):
    with smtplib.SMTP(inbox.smtp_host, inbox.smtp_port, timeout=20) as client:
        client.ehlo()

        assert client.esmtp_features["size"] == str(32 * 1024 * 1024)
        assert client.has_extn("8bitmime")


def test_a_mail_broken_off_before_its_end_is_not_kept(inbox):
    with smtplib.SMTP(inbox.smtp_host, inbox.smtp_port, timeout=20) as client:
        client.ehlo()
        client.mail("bounces@example.org")
        client.rcpt("ann@example.org")
        client.docmd("DATA")
        client.send(b"Subject: never finished\r\n\r\nWords")
        client.close()
    send(inbox, a_mail(subject="Finished"), "ann@example.org")

    assert [mail["subject"] for mail in json.loads(page(inbox, "/api/messages"))] == ["Finished"]


def test_the_list_shows_every_mailbox_and_the_newest_mail_first(inbox):
    send(inbox, a_mail(subject="The older"), "ann@example.org")
    send(inbox, a_mail(subject="The newer"), "someone@else.example")

    shown = page(inbox, "/")

    assert all(f"{person.name}<small>{person.note}</small>" in shown for person in PEOPLE)
    assert "someone@else.example" in shown
    assert shown.index("The newer") < shown.index("The older")
    assert "Rich words, one link" in shown
    assert "23 November, 18:31 UTC" in shown


def test_a_mailbox_shows_its_own_mail_only(inbox):
    send(inbox, a_mail(subject="For Ann"), "ann@example.org")
    send(inbox, a_mail(subject="For Ben"), "ben@example.org")

    shown = page(inbox, "/?to=ben%40example.org")

    assert "For Ben" in shown
    assert "For Ann" not in shown


def test_an_empty_mailbox_says_so(inbox):
    assert "No mail yet" in page(inbox, "/?to=cy%40example.org")


def test_a_long_mailbox_counts_what_it_does_not_list(inbox):
    with smtplib.SMTP(inbox.smtp_host, inbox.smtp_port, timeout=20) as client:
        for _ in range(3):
            client.sendmail("b@example.org", [f"reader{n}@example.org" for n in range(67)], a_mail())

    shown = page(inbox, "/")

    assert shown.count("<time ") == 200
    assert "1 older mail is not listed here" in shown


def test_a_mail_has_a_page_with_every_side_of_it(inbox):
    send(inbox, a_mail(subject="A <i>court</i>"), "ann@example.org")

    rendered = page(inbox, "/messages/1")

    assert rendered.count('<iframe src="/messages/1/frame?scheme=light"') == 2
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in rendered
    assert "A &lt;i&gt;court&lt;/i&gt;" in rendered
    assert "<span>Plain words.</span>" in page(inbox, "/messages/1?tab=text")
    assert "<span>MIME-Version: 1.0</span>" in page(inbox, "/messages/1?tab=source")
    assert "<td>1.0</td>" in page(inbox, "/messages/1?tab=headers")


def test_links_in_a_mail_open_in_a_new_tab_and_scripts_have_no_right(inbox):
    send(inbox, a_mail(), "ann@example.org")

    _, headers, body = get(inbox, "/messages/1/frame?scheme=dark")

    assert b'<base target="_blank">' in body
    policy = headers["Content-Security-Policy"]
    assert policy.endswith("; sandbox allow-popups allow-popups-to-escape-sandbox")


def test_programs_can_read_the_mail_too(inbox):
    send(inbox, a_mail(subject="One"), "ann@example.org")
    send(inbox, a_mail(subject="Two", html=""), "ben@example.org")

    assert json.loads(page(inbox, "/api/messages?to=ben%40example.org")) == [
        {
            "id": 2,
            "envelope_from": "bounces@example.org",
            "envelope_to": "ben@example.org",
            "at": "2026-11-23T18:31:00+00:00",
            "from": "Plain Words <news@example.org>",
            "to": "Ann Okafor <ann@example.org>",
            "subject": "Two",
            "snippet": "Plain words.",
            "size": len(a_mail(subject="Two", html="")),
        }
    ]
    one = json.loads(page(inbox, "/api/messages/1"))
    assert one["links"] == [{"url": "https://site.example/one", "text": "one link"}]
    assert one["text"] == "Plain words.\n"
    assert ["MIME-Version", "1.0"] in one["headers"]


def test_the_list_learns_of_new_mail(inbox):
    assert json.loads(page(inbox, "/api/newest")) == {"newest": 0}
    assert 'data-newest="0"' in page(inbox, "/")

    send(inbox, a_mail(), "ann@example.org")

    assert json.loads(page(inbox, "/api/newest")) == {"newest": 1}
    assert '<noscript><meta http-equiv="refresh"' in page(inbox, "/")


@pytest.mark.parametrize(
    "path", ["/messages/7", "/messages/7/frame", "/messages/7/mail.eml", "/api/messages/7"]
)
def test_a_mail_that_never_came_is_not_there(inbox, path):
    assert get(inbox, path)[0] == 404


def test_another_host_is_refused(inbox):
    assert get(inbox, "/api/messages", host="evil.example")[0] == 403


def test_style_and_script_come_from_the_inbox_itself(inbox):
    assert b"--canvas" in get(inbox, "/preview.css")[2]
    assert b"data-newest" in get(inbox, "/preview.js")[2]


def test_waiting_ends_when_the_mail_comes(inbox):
    sender = threading.Thread(target=send, args=(inbox, a_mail(), "ann@example.org"))
    sender.start()

    assert len(inbox.wait_for(1, deadline_s=20)) == 1
    sender.join()


def test_waiting_in_vain_says_how_many_came(inbox):
    with pytest.raises(TimeoutError, match=r"waited 0 s for 1 mails; 0 came"):
        inbox.wait_for(1, deadline_s=0)


def test_ports_can_be_chosen_and_are_free_again_afterwards():
    with Inbox(clock=lambda: NOW, templates=TEMPLATES) as first:
        smtp_port, web_port = first.smtp_port, int(first.url.rpartition(":")[2])
        with (
            pytest.raises(OSError, match="in use"),
            Inbox(clock=lambda: NOW, templates=TEMPLATES, web_port=web_port),
        ):
            raise AssertionError

    with Inbox(clock=lambda: NOW, templates=TEMPLATES, smtp_port=smtp_port, web_port=web_port) as second:
        assert (second.smtp_port, second.url) == (smtp_port, first.url)


def test_an_inbox_never_entered_can_be_left():
    Inbox(clock=lambda: NOW, templates=TEMPLATES).__exit__(None, None, None)
