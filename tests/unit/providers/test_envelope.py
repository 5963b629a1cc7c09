"""Messages as SMTP octets: what is written, and what is refused before a server sees it."""

from __future__ import annotations

import pytest

from digest.model import Message
from digest.providers.envelope import CannotAddress, CannotWrite, Written, stuffed, wire_address, write

EVERYTHING = {"size": "1000", "8bitmime": "", "smtputf8": ""}


def message(**changes: object) -> Message:
    values = {
        "envelope_from": "news@example.org",
        "envelope_to": "jane@example.net",
        "data": b"A: b\r\n\r\nc\r\n",
    }
    return Message(delivery_id=1, **(values | changes))  # type: ignore[arg-type]


def test_without_extensions_only_the_addresses_are_written() -> None:
    assert write(message(), {}) == Written(
        mail="FROM:<news@example.org>", rcpt="TO:<jane@example.net>", body=b"A: b\r\n\r\nc"
    )


def test_parameters_say_what_the_message_is_not_what_the_server_can() -> None:
    assert write(message(), EVERYTHING).mail == "FROM:<news@example.org> SIZE=11"
    assert write(message(data="ü\r\n".encode()), EVERYTHING).mail.endswith(" SIZE=4 BODY=8BITMIME")
    assert write(message(envelope_to="jürgen@example.net"), EVERYTHING).mail.endswith(" SMTPUTF8")
    assert write(message(envelope_from="jürgen@example.net"), EVERYTHING).mail.endswith(" SMTPUTF8")


@pytest.mark.parametrize("limit", ["0", "", "11", "none"])
def test_a_size_limit_that_is_none_or_not_reached_lets_pass(limit: str) -> None:
    assert write(message(), {"size": limit})


def test_a_recipient_nobody_can_address_here_is_told_from_a_sender_of_ours() -> None:
    with pytest.raises(CannotAddress, match="SMTPUTF8"):
        write(message(envelope_to="jürgen@example.net"), {})
    with pytest.raises(CannotWrite, match="SMTPUTF8") as refused:
        write(message(envelope_from="jürgen@example.net"), {})
    assert not isinstance(refused.value, CannotAddress)


@pytest.mark.parametrize(
    ("changes", "offers", "reason"),
    [
        ({}, {"size": "10"}, "at most 10"),
        ({"data": "ü\r\n".encode()}, {}, "8BITMIME"),
        ({"envelope_to": "jürgen@example.net"}, {"8bitmime": ""}, "SMTPUTF8"),
        ({"data": b"a\nb\r\n"}, {}, "bare CR or LF"),
        ({"data": b"a\rb\r\n"}, {}, "bare CR or LF"),
        ({"data": b"\n.\r\n"}, {}, "bare CR or LF"),
        ({"data": b"a\r"}, {}, "bare CR or LF"),
        ({"data": b"a\0b\r\n"}, {}, "NUL"),
        ({"data": b"x" * 999 + b"\r\n"}, {}, "998"),
        ({"envelope_to": "jane@example.net>\r\nRCPT TO:<all@example.net"}, {}, "control character"),
        ({"envelope_to": "jane doe@example.net"}, {}, "space"),
        ({"envelope_to": "jane"}, {}, "no local part or no domain"),
        ({"envelope_to": "@example.net"}, {}, "no local part or no domain"),
        ({"envelope_to": "jane@ü..example"}, {}, "no DNS name"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_reason(
    changes: dict[str, object], offers: dict[str, str], reason: str
) -> None:
    with pytest.raises(CannotWrite, match=reason) as caught:
        write(message(**changes), offers)
    assert "jane" not in str(caught.value)


def test_a_line_of_998_octets_is_written() -> None:
    assert len(write(message(data=b"x" * 998 + b"\r\n"), {}).body) == 998


def test_dots_are_doubled_only_where_a_line_begins() -> None:
    assert stuffed(b".\r\n..\r\na.b\r\n.c") == b"..\r\n...\r\na.b\r\n..c"


def test_only_the_domain_becomes_an_a_label() -> None:
    assert wire_address("jane@BÜCHER.example") == "jane@xn--bcher-kva.example"
    assert wire_address("jürgen@example.net") == "jürgen@example.net"
    assert wire_address("jane@faß.example") == "jane@xn--fa-hia.example"  # IDNA 2008 keeps the sharp s
    assert wire_address("") == ""
