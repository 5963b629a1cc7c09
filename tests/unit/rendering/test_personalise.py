"""One rendering becomes one correct mail per reader: checked by parsing the finished bytes."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UnsafeHeader
from digest.model import Message, Recipient, Rendering
from digest.providers.envelope import stuffed
from digest.rendering.octets import are_sound, fault
from digest.rendering.personalise import SLOTS, octets_of_html, personalise, prepare, slot
from tests.factories_mail import DATE, publication, recipient

NONCE = "0123456789abcdef"
MARKS = "".join(f"\n{name}={slot(name, NONCE)};" for name in SLOTS)
RENDERING = Rendering(subject="Fewer cases", html=f"<p>{MARKS}</p>\n", text=f"Hello{MARKS}\n", nonce=NONCE)

SHARED = ["From", "Reply-To"]
ISSUE = [
    "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", *SHARED, "List-Id", "List-Unsubscribe-Post",
    "List-Post", "Feedback-ID", "X-Auto-Response-Suppress", "Content-Language", "MIME-Version",
    "Content-Type",
]  # fmt: skip
NOTICE = [
    "To", "Subject", "Date", "Message-ID", *SHARED, "Auto-Submitted", "Feedback-ID",
    "X-Auto-Response-Suppress", "Content-Language", "MIME-Version",
    "Content-Type",
]  # fmt: skip

visible = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=120)


def mail(rendering: Rendering = RENDERING, kind="issue", pub=None, **changes) -> Message:
    prepared = prepare(
        rendering, pub or publication(), kind=kind, reference="weekly-2026-06-14", language="en-GB"
    )
    return personalise(prepared, recipient(**changes), DATE)


def parsed(message: Message) -> EmailMessage:
    found = message_from_bytes(message.data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def bodies(message: Message) -> tuple[str, str]:
    text, html = parsed(message).iter_parts()
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


@given(choices=visible, text=st.text(st.sampled_from(".=\r\n ab\x00é"), max_size=40))
def test_a_sound_mail_needs_neither_a_look_nor_a_change_before_it_is_sent(choices, text):
    """SMTP sends it as it is: what is said of the parts must hold for the whole."""
    rendering = Rendering(subject="x", html=text + MARKS + text, text=text + MARKS + text, nonce=NONCE)
    made = mail(rendering, choices=choices)
    assert made.sound == are_sound(made.data)
    if made.sound:
        assert (fault(made.data), stuffed(made.data)) == ("", made.data)


def test_a_reader_whose_words_begin_with_a_dot_has_a_mail_that_is_looked_at():
    assert mail().sound
    assert not mail(choices=".hidden").sound
    dotted = Rendering(subject="x", html="<p></p>\n", text=".hidden\n", nonce=NONCE)
    assert not mail(dotted).sound


def values(person: Recipient) -> dict[str, str]:
    return {
        "to": person.stands_for or person.address,
        "since": person.since,
        "choices": person.choices,
        "unsubscribe_url": person.unsubscribe_url,
        "preferences_url": person.preferences_url,
    }


def test_an_issue_has_exactly_the_planned_headers():
    found = parsed(mail())
    assert found.keys() == ISSUE
    assert str(found["From"]) == "The Quiet Bench <letters@quietbench.example>"
    assert str(found["To"]) == "Ann Reader <ann@example.org>"
    assert found["Date"] == "Sun, 14 Jun 2026 06:00:00 +0000"
    assert found["List-Unsubscribe"] == f"<{recipient().unsubscribe_url}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Id"] == "The Quiet Bench <letters.quietbench.example>"
    assert found["Feedback-ID"] == "weekly-2026-06-14:issue:weekly:epacd047b9ae"


def test_a_notice_is_automatic_and_no_list_mail():
    found = parsed(mail(kind="notice", unsubscribe_url=""))
    assert found.keys() == NOTICE
    assert found["Auto-Submitted"] == "auto-generated"


def test_a_publication_without_replies_has_no_reply_to():
    assert "Reply-To" not in parsed(mail(pub=publication(reply_to="")))


def test_slots_hold_each_readers_own_words_escaped_where_they_stand():
    text, html = bodies(mail())
    for name, value in values(recipient()).items():
        assert f"\n{name}={value};" in text
        assert f"\n{name}={escape(value)};" in html


def test_the_same_delivery_gives_the_same_bytes_and_message_id():
    assert mail() == mail()
    later = personalise(
        prepare(RENDERING, publication(), kind="issue", reference="weekly-2026-06-14", language="en-GB"),
        recipient(),
        DATE.replace(hour=9),
    )
    assert parsed(later)["Message-ID"] == parsed(mail())["Message-ID"]
    assert parsed(mail(delivery_id=2))["Message-ID"] != parsed(mail())["Message-ID"]
    assert parsed(mail())["Message-ID"].startswith("<d4711.")
    assert parsed(mail())["Message-ID"].endswith("@quietbench.example>")


def test_the_envelope_names_one_reader_and_the_bounce_address():
    message = mail()
    assert (message.envelope_from, message.envelope_to) == (
        "bounces@mail.quietbench.example",
        "ann@example.org",
    )
    assert mail(pub=publication(bounce_address="")).envelope_from == "letters@quietbench.example"
    assert message.delivery_id == 4711


def test_test_mode_shows_who_would_have_received_it():
    message = mail(address="operator@quietbench.example", stands_for="ann@example.org")
    found = parsed(message)
    (to,) = found["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Test for ann@example.org", "operator@quietbench.example")
    assert found["Subject"] == "[Test] Fewer cases"
    assert found["X-Everypost-Test-For"] == "ann@example.org"
    assert message.envelope_to == "operator@quietbench.example"
    assert "to=ann@example.org;" in bodies(message)[0]


@given(visible, visible, visible)
def test_parts_decode_to_the_rendering_with_its_slots_filled(before, after, choices):
    rendering = replace(
        RENDERING,
        text=f"{before}{slot('choices', NONCE)}{after}\n",
        html=f"{after}{slot('choices', NONCE)}.\n",
    )
    message = mail(rendering, choices=choices)
    shown = re.sub(r"[^\S\u00a0\u202f]+", " ", choices).strip(" ")  # no-break spaces are words
    assert bodies(message) == (f"{before}{shown}{after}\n", f"{after}{escape(shown)}.\n")
    assert max(map(len, message.data.split(b"\r\n"))) <= 998
    assert b"\r" not in message.data.replace(b"\r\n", b"")
    assert b"\n" not in message.data.replace(b"\r\n", b"")


def test_dots_and_boundaries_in_a_post_stay_its_own_words():
    text = f".\n..\n.hidden\n--=_{NONCE}.4711--\n"
    assert bodies(mail(replace(RENDERING, text=text)))[0] == text


def test_a_forged_mark_is_only_words():
    forged = slot("unsubscribe_url", "f" * 16)
    assert forged in bodies(mail(replace(RENDERING, text=forged)))[0]


def test_a_long_unsubscribe_address_stays_in_one_piece():
    url = "https://mail.quietbench.example/unsubscribe/" + "a" * 700
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in mail(unsubscribe_url=url).data


@pytest.mark.parametrize("url", ["", "mailto:a@example.org", "https://e.example/a b", "https://e.example/>,<x",
                                 "https://e.example/\r\nBcc: x"])  # fmt: skip
def test_an_issue_without_a_plain_unsubscribe_link_is_refused(url):
    with pytest.raises(UnsafeHeader) as caught:
        mail(unsubscribe_url=url)
    assert caught.value.header == "List-Unsubscribe"


@pytest.mark.parametrize("evil", ["x\r\nBcc: y@example.org", "x\x00", "x\u2028y", "=?utf-8?q?=0D=0AX:?="])
def test_nobody_can_smuggle_a_header(evil):
    attempts = [
        lambda: mail(replace(RENDERING, subject=evil)),
        lambda: mail(name=evil),
        lambda: mail(address=f"{evil}@example.org"),
        lambda: mail(stands_for=evil),
        lambda: mail(pub=publication(name=evil)),
        lambda: mail(pub=publication(from_name=evil)),
        lambda: mail(pub=publication(reply_to=evil)),
        lambda: mail(pub=publication(list_id=evil)),
    ]
    for attempt in attempts:
        with pytest.raises(UnsafeHeader):
            attempt()


def test_the_weight_of_the_html_is_what_travels_without_its_slots():
    def weight(html):
        return octets_of_html(Rendering(subject="x", html=html, text="x", nonce="0" * 16))

    assert weight("<p>é\n</p>") == len(b"<p>=C3=A9\r\n</p>\r\n")
    assert weight(slot("unsubscribe_url", "0" * 16)) < len("https://mail.example/unsubscribe/")
