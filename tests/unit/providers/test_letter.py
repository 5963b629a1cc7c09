"""A finished mail taken apart, and what does not fit into a provider's fields."""

from dataclasses import replace

import pytest

from digest.model import Message
from digest.providers.keys import call_key, message_key
from digest.providers.letter import (
    CannotExpress,
    Mailbox,
    headers_of,
    letter_of,
    reference_of,
    without_braces,
)
from tests.finished_mails import message, messages

PARTS = (
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nText\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>HTML</p>\r\n--b--\r\n"
)


def mail(head: bytes, body: bytes = PARTS) -> Message:
    return Message(delivery_id=4, envelope_from="a@x.org", envelope_to="b@x.org", data=head + body)


def test_every_part_is_there_as_people_read_it():
    letter = letter_of(message(3))
    assert letter.to == Mailbox(address="reader3@example.net", name="Zoë Müller, née Ó")
    assert letter.to.text == '"Zoë Müller, née Ó" <reader3@example.net>'
    assert letter.sender.address == "letters@quietbench.example"
    assert letter.reply_to == Mailbox(address="ada@quietbench.example")
    assert letter.reply_to.text == "ada@quietbench.example"
    assert letter.subject == "Über die Gefängnisse, Nr. 3"
    assert letter.text.startswith(".Begins with a dot")
    assert "\r" not in letter.text + letter.html
    assert dict(letter.headers)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not {"Date", "Message-ID", "From", "To", "Subject", "Content-Type"} & dict(letter.headers).keys()
    assert headers_of(letter, besides=[("X-More", "1")])["X-More"] == "1"


def test_a_quote_in_a_name_does_not_end_it():
    assert Mailbox(address="a@x.org", name='An "A" \\ B').text == '"An \\"A\\" \\\\ B" <a@x.org>'


def test_a_delivery_is_named_by_the_left_side_of_its_message_id():
    assert reference_of("<d17.4be1@example.org>") == "d17-4be1"
    assert letter_of(mail(b"From: a@x.org\r\nTo: b@x.org\r\n")).reference == "d4"


@pytest.mark.parametrize(
    ("head", "body", "why"),
    [
        (b"From: a@x.org\r\nTo: b@x.org\r\nTo: c@x.org\r\n", PARTS, "a header field twice"),
        (b"From: a@x.org, c@x.org\r\nTo: b@x.org\r\n", PARTS, "one address in From"),
        (b"To: b@x.org\r\n", PARTS, "one address in From"),
        (b"From: a@x.org\r\nTo: nobody\r\n", PARTS, "one in To"),
        (b"From: a@x.org\r\nTo: b@x.org\r\n", b"\r\nNo parts\r\n", "no pair"),
        (b"From: a@x.org\r\nTo: b@x.org\r\n", PARTS.replace(b"text/plain", b"image/png"), "no pair"),
        (b"From: a@x.org\r\nTo: b@x.org\r\n", PARTS.replace(b"Text", b"\xff"), "not UTF-8"),
    ],
)
def test_what_a_provider_cannot_take_is_refused(head, body, why):
    with pytest.raises(CannotExpress, match=why):
        letter_of(mail(head, body))


@pytest.mark.parametrize("words", ["{{ x }}", "{% x %}"])
def test_braces_are_refused_where_they_would_be_filled_in(words):
    with pytest.raises(CannotExpress, match="Brevo"):
        without_braces(letter_of(message(1, words=words)), "Brevo")
    assert without_braces(letter_of(message(1)), "Brevo")


def test_a_key_is_the_same_on_every_attempt_and_another_for_anything_else():
    usual = {"instance": "i", "reference": "r", "delivery_id": 1, "generation": 0}
    keys = {message_key(**usual | change) for change in ({}, {"instance": "j"}, {"reference": "s"})}
    keys |= {message_key(**usual | change) for change in ({"delivery_id": 2}, {"generation": 1}, {})}
    assert len(keys) == 5


def test_a_call_has_the_key_of_its_mail_or_one_of_all_of_them_in_order():
    one, two = messages(2)
    assert call_key([one]) == one.key
    assert len({call_key([one, two]), call_key([two, one]), one.key, two.key}) == 4
    assert call_key([one, replace(two, key="")]) == ""
