"""Reading replies: a table of what servers really say, and what it means for one message."""

from __future__ import annotations

import pytest

from digest.model import OutcomeKind
from digest.providers.replies import Phase, Reply, classify, enhanced_status, queue_id, shown_code, shown_text

ACCEPTED, TEMPORARY = OutcomeKind.ACCEPTED, OutcomeKind.TEMPORARY
REJECTED, UNCERTAIN, UNSENDABLE = OutcomeKind.REJECTED, OutcomeKind.UNCERTAIN, OutcomeKind.UNSENDABLE
MAIL, RCPT, DATA, DOT = Phase

REPLIES = [
    # accepted
    (DOT, "250 2.0.0 Ok: queued as 4F2A", ACCEPTED),
    (DOT, "251 Will forward", ACCEPTED),
    # for now
    (MAIL, "451 4.3.0 Temporary lookup failure", TEMPORARY),
    (RCPT, "450 4.2.0 Greylisted", TEMPORARY),
    (RCPT, "421 4.7.0 Too many connections", TEMPORARY),
    (DOT, "452 4.3.1 Insufficient system storage", TEMPORARY),
    (DOT, "421 4.7.28 Unusual rate of mail", TEMPORARY),
    (RCPT, "550 4.2.1 The account is over its rate", TEMPORARY),
    # the recipient
    (RCPT, "550 5.1.1 The email account that you tried to reach does not exist", REJECTED),
    (RCPT, "550 5.1.10 Recipient has a null MX", REJECTED),
    (RCPT, "550 5.2.1 Mailbox disabled", REJECTED),
    (DOT, "550 5.1.1 No such user", REJECTED),
    (DOT, "554 5.2.1 The account is disabled", REJECTED),
    (RCPT, "550 No such user here", REJECTED),
    (RCPT, "550 5.0.0 User unknown", REJECTED),
    (RCPT, "550 5.5.0 Requested action not taken: mailbox unavailable", REJECTED),
    (RCPT, "551 User not local", REJECTED),
    (RCPT, "553 Mailbox name is wrong", REJECTED),
    (RCPT, "556 Domain does not accept mail", REJECTED),
    # a full mailbox empties again
    (RCPT, "552 5.2.2 Mailbox full", TEMPORARY),
    (RCPT, "552 Requested mail action aborted: exceeded storage allocation", TEMPORARY),
    (DOT, "552 Quota exceeded", TEMPORARY),
    (RCPT, "550 Mailbox is full", TEMPORARY),
    (DOT, "554 Over quota", TEMPORARY),
    # us
    (MAIL, "550 5.1.8 Sender domain does not exist", "pause"),
    (MAIL, "553 5.1.7 Sender address refused", "pause"),
    (MAIL, "550 5.1.0 Sender rejected", "pause"),
    (MAIL, "530 5.7.0 Authentication required", "pause"),
    (MAIL, "555 Parameters not recognised", "pause"),
    (RCPT, "554 5.7.1 Relay access denied", "pause"),
    (RCPT, "550 relaying denied", "pause"),
    (RCPT, "550 5.1.8 Sender unknown", "pause"),
    (DATA, "530 Log in first", "pause"),
    (DOT, "550 5.7.26 Unauthenticated mail from example.org is not accepted", "pause"),
    (DOT, "550 5.7.515 Access denied, sending domain does not meet the level", "pause"),
    (DOT, "554 Message refused as spam", "pause"),
    # the message
    (MAIL, "552 5.3.4 Message size exceeds fixed limit", UNSENDABLE),
    (MAIL, "552 Not so much", UNSENDABLE),
    (DOT, "552 Message size exceeds maximum permitted", UNSENDABLE),
    (DOT, "552 5.2.3 Too long for this mailbox", UNSENDABLE),
    (DOT, "554 5.6.0 Malformed message", UNSENDABLE),
    (MAIL, "553 5.6.7 SMTPUTF8 is required", UNSENDABLE),
    (DOT, "554 Transaction failed", UNSENDABLE),
    # nobody we can name
    (RCPT, "550 5.4.4 No route to host", TEMPORARY),
    (RCPT, "500 5.5.2 Syntax error", TEMPORARY),
    (DATA, "554 No valid recipients", TEMPORARY),
    (RCPT, "554 5.3.2 System not accepting messages", TEMPORARY),
    # out of step
    (DATA, "250 Already?", TEMPORARY),
    (DOT, "354 Go on", UNCERTAIN),
]


@pytest.mark.parametrize(("phase", "line", "verdict"), REPLIES)
def test_reply(phase: Phase, line: str, verdict: OutcomeKind | str) -> None:
    code, _, text = line.partition(" ")
    assert classify(phase, int(code), enhanced_status(text), text) == verdict


def test_only_a_reply_that_begins_with_an_enhanced_status_has_one() -> None:
    assert enhanced_status("5.1.1 No such user") == "5.1.1"
    assert enhanced_status("No such user 5.1.1") == ""
    assert enhanced_status("5.1.1.9 is my version") == ""
    assert Reply(code=550, text="5.7.515").enhanced == "5.7.515"


def test_shown_code() -> None:
    assert shown_code(550, "5.1.1") == "550 5.1.1"
    assert shown_code(550, "") == "550"


def test_shown_text_is_one_line_without_codes_addresses_and_controls() -> None:
    text = '5.1.1 <jane+1@example.net>: gone\n5.1.1 ask "J D"@example.net\x1b[31m or post@example.net.'
    assert shown_text(text) == "[address]: gone ask [address] [31m or [address]"


def test_shown_text_is_short_and_never_ends_in_half_an_address() -> None:
    assert len(shown_text("word " * 100)) == 200
    assert shown_text("x" * 1990 + " jane@example.net").endswith("…")
    assert "jane" not in shown_text("a@b.c\n" * 300 + "   " * 80 + "jane.long-name@example.net")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2.0.0 Ok: queued as 4F2A1B9C", "4F2A1B9C"),
        ("OK id=1tEabc-000123-4K", "1tEabc-000123-4K"),
        ("Ok 0100018f2c-7d1e-000000", "0100018f2c-7d1e-000000"),
        ("2.0.0 OK", ""),
        ("Thank you", ""),
    ],
)
def test_the_servers_name_for_the_message(text: str, name: str) -> None:
    assert queue_id(text) == name
