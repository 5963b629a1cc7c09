"""Signatures, judged by dkimpy, which is not ours."""

from __future__ import annotations

import re

import pytest

from digest.providers import dkim
from digest.providers.dkim import relaxed_body, signed
from digest.providers.dkim_keys import SigningKey
from tests.dkim_keys import dated_now, two_keys, verdicts
from tests.finished_mails import message


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> list[SigningKey]:
    return two_keys(tmp_path_factory.mktemp("keys"))


def a_mail(keys: list[SigningKey], data: bytes = b"") -> bytes:
    return signed(data or dated_now(message().data), [one.key for one in keys])


def test_rsa_and_ed25519_signatures_both_verify(keys: list[SigningKey]) -> None:
    assert verdicts(a_mail(keys), keys) == [True, True]


def test_the_mail_behind_the_signatures_is_untouched(keys: list[SigningKey]) -> None:
    data = dated_now(message().data)
    assert a_mail(keys, data).endswith(data)
    assert a_mail([], data) == data


def test_the_same_mail_is_signed_alike_on_every_attempt(keys: list[SigningKey]) -> None:
    data = dated_now(message().data)
    assert a_mail(keys, data) == a_mail(keys, data)


@pytest.mark.parametrize("name", dkim.OVERSIGNED)
def test_a_field_added_on_the_way_breaks_the_signature(name: str, keys: list[SigningKey]) -> None:
    """A second From, a Reply-To where there was none: neither may pass for ours."""
    added = f"{name}: somebody else <a@elsewhere.example>\r\n".encode()
    assert verdicts(added + a_mail(keys), keys) == [False, False]


@pytest.mark.parametrize(
    "name", ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"]
)
def test_a_field_taken_away_breaks_the_signature(name: str, keys: list[SigningKey]) -> None:
    pattern = rf"(?m)^{name}: (?:.*\r\n)(?:[ \t].*\r\n)*".encode()
    without, count = re.subn(pattern, b"", a_mail(keys))
    assert count == 1
    assert verdicts(without, keys) == [False, False]


def test_what_mail_servers_do_in_good_faith_breaks_nothing(keys: list[SigningKey]) -> None:
    """Trace fields, another folding, more spaces, empty lines at the end (relaxed/relaxed)."""
    data = a_mail(keys)
    changed = b"Received: from a by b\r\nReturn-Path: <x@y.example>\r\n" + data + b"\r\n\r\n"
    changed = changed.replace(b"MIME-Version: 1.0", b"MIME-Version:   1.0 ")
    changed = changed.replace(b"multipart/alternative;\r\n boundary", b"multipart/alternative; boundary")
    assert changed != data
    assert verdicts(changed, keys) == [True, True]


def test_a_changed_word_of_the_body_breaks_the_signature(keys: list[SigningKey]) -> None:
    data = a_mail(keys)
    assert verdicts(data.replace(b">Leave<", b">Leavf<"), keys) == [False, False]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n\r\n",
        b"no line end",
        b"two  spaces\tand a tab \t\r\n and  \r\n  more\t\r\n\r\n\r\n",
        b" \r\n \r\n",
        b"words \r\n\r\n \r\n",
    ],
)
def test_odd_bodies_are_signed_as_verifiers_read_them(body: bytes, keys: list[SigningKey]) -> None:
    head = dated_now(message().data).partition(b"\r\n\r\n")[0]
    assert verdicts(a_mail(keys, head + b"\r\n\r\n" + body), keys) == [True, True]


def test_a_field_that_occurs_twice_is_signed_twice(keys: list[SigningKey]) -> None:
    data = b"Subject: lower\r\nFrom: a@quietbench.example\r\nSubject: upper\r\n\r\nwords\r\n"
    mail = a_mail(keys, data)
    assert verdicts(mail, keys) == [True, True]
    assert b"Subject:Subject:Subject" in mail.replace(b"\r\n  ", b"")
    assert b" t=" not in mail.partition(b"From: a@")[0]  # no Date, no time


def test_relaxed_bodies_need_no_change_where_they_are_relaxed_already() -> None:
    assert relaxed_body(b"a b\r\nc\r\n") == b"a b\r\nc\r\n"
    assert relaxed_body(b"") == b""


def test_a_last_line_without_its_end_is_read_as_it_will_travel() -> None:
    """SMTP ends every line (RFC 5321 §2.3.7), and then the space before it counts for nothing."""
    assert relaxed_body(b"words ") == b"words\r\n"


def test_no_line_of_a_signature_is_long(keys: list[SigningKey]) -> None:
    for line in a_mail(keys).partition(b"\r\nTo:")[0].split(b"\r\n"):
        assert len(line) <= 78


def test_the_signature_holds_two_weeks_from_the_date_of_the_mail(keys: list[SigningKey]) -> None:
    found = re.search(rb"t=(\d+); x=(\d+);", a_mail(keys, message().data))
    assert found is not None
    assert int(found[1]) == 1781416800  # Sunday 14 June 2026, 06:00 UTC
    assert int(found[2]) - int(found[1]) == 14 * 24 * 3600
