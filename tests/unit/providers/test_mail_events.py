"""What mails to the bounce mailbox mean: our own samples, each with its expectation beside it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.events import EventKind
from digest.providers import incoming
from digest.providers.incoming import MAX_BYTES, Unreadable, take_apart, text_of
from digest.providers.mail_events import MailKind, read

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "bounces").glob("*.eml"))
BOUNCES = {EventKind.BOUNCED_HARD, EventKind.BOUNCED_SOFT}


def told(found):
    events = [" ".join(filter(None, (one.kind.value, one.code, one.address))) for one in found.events]
    return [found.kind.value, *events]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_row_49_a_mail_means_what_is_written_beside_it(path):
    assert told(read(path.read_bytes())) == path.with_suffix(".expected").read_text().splitlines()


@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if path.stem.startswith(("auto-", "leave-", "person"))]
)
def test_row_49_nothing_that_a_person_or_their_program_answers_counts_as_a_bounce(path):
    assert read(path.read_bytes()).events == ()


@pytest.mark.parametrize("name", ["dsn-no-such-user", "text-broken-boundary", "arf-redacted"])
def test_the_token_of_the_envelope_sender_is_found(name):
    (event,) = read(sample(name)).events
    assert event.token == "k1.11.aaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize("name", ["dsn-no-such-user", "dsn-headers-only", "arf-abuse", "text-qmail"])
def test_the_message_id_that_is_quoted_is_found(name):
    (event,) = read(sample(name)).events
    assert event.reference == "<d17.0123456789ab@blog.example>"


def test_the_same_mail_read_twice_is_the_same_events():
    first, second = read(sample("dsn-two-readers")), read(sample("dsn-two-readers"))
    assert first == second
    assert len({event.event_id for event in first.events}) == 2


def test_a_mail_to_leave_gives_its_token_and_its_sender_proves_nothing():
    assert read(sample("leave-by-mail")).leave_token == "k1.0123456789abcdef." + "a" * 40
    assert read(sample("leave-without-token")).kind is MailKind.UNKNOWN


def test_words_kept_of_a_bounce_hold_no_address():
    for path in SAMPLES:
        assert not any("@" in event.detail for event in read(path.read_bytes()).events), path.stem


def sample(name):
    return next(path for path in SAMPLES if path.stem == name).read_bytes()


# --- Built to be a burden --------------------------------------------------------------------------


def nested(depth, kind="multipart/mixed"):
    head = "From: MAILER-DAEMON@x.example\nMIME-Version: 1.0\n"
    opened = "".join(f'Content-Type: {kind}; boundary="b{level}"\n\n--b{level}\n' for level in range(depth))
    return (head + opened + "Content-Type: text/plain\n\nhello\n").encode()


def test_row_50_mails_within_mails_are_refused_before_they_are_parsed():
    assert read(nested(5)).kind is MailKind.UNKNOWN
    assert read(nested(5000)).kind is MailKind.UNREADABLE
    rfc822 = b"From: x@y.example\n" + b"Content-Type: message/rfc822\n\n" * 5000 + b"hello"
    assert read(rfc822).why == "mails within mails within mails"


@pytest.mark.parametrize("count", [101, 10_000])
def test_row_50_a_mail_of_many_parts_is_refused(count):
    many = b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * count + b"--b--\n"
    assert read(many).why == "too many parts"


def test_row_50_a_report_in_fifty_megabytes_is_read_from_its_beginning():
    huge = sample("dsn-no-such-user") + b"x" * (50 * 1024 * 1024)
    (event,) = read(huge).events
    assert event.kind is EventKind.BOUNCED_HARD
    with pytest.raises(Unreadable):
        take_apart(b"--x\n" * (MAX_BYTES // 4))


def test_row_50_a_report_about_many_recipients_is_cut():
    block = b"\nFinal-Recipient: rfc822; ann@reader.example\nAction: failed\nStatus: 5.1.1\n"
    whole = sample("dsn-no-such-user").replace(
        b"\n\nFinal-Recipient", block * 300 + b"\n\nFinal-Recipient", 1
    )
    assert len(read(whole).events) == 50


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_read(data):
    assert read(data).kind in MailKind


@given(st.data())
def test_any_damage_can_be_read(data):
    raw = bytearray(data.draw(st.sampled_from([path.read_bytes() for path in SAMPLES])))
    for _ in range(data.draw(st.integers(1, 10))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    assert read(bytes(raw)).kind in MailKind


def test_a_text_that_is_no_text_is_empty():
    mail = take_apart(b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nx\n--b--\n')
    assert text_of(mail.head) == ""
    assert incoming.field(mail.head, "subject") == ""
