"""The SMTP backend with a real server that behaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.smtp import SmtpBackend, SmtpConfig
from tests.smtp_servers import CA_FILE, MailSink, mail_sink, server_tls

DATA = b"From: News <news@example.org>\r\nSubject: Hello\r\n\r\n.One line.\r\n"


def message(number: int = 1, **changes: Any) -> Message:
    values = {"envelope_from": "news@example.org", "envelope_to": "jane@example.net", "data": DATA}
    return Message(delivery_id=number, **(values | changes))


def allow(ids: Sequence[int]) -> frozenset[int]:
    return frozenset(ids)


def backend(sink: MailSink, **changes: Any) -> SmtpBackend:
    plain = {"host": "127.0.0.1", "port": sink.port, "security": "none", "local_hostname": "client.test"}
    return SmtpBackend(SmtpConfig(**(plain | changes)))


def send(sink: MailSink, *messages: Message, **changes: Any) -> list[Outcome]:
    sender = backend(sink, **changes)
    try:
        return list(sender.hand_over(messages or [message()], allow))
    finally:
        sender.close()


def test_a_message_arrives_as_it_was_built_and_its_queue_id_is_kept() -> None:
    with mail_sink() as sink:
        outcomes = send(sink)
    assert outcomes == [
        Outcome(
            delivery_id=1,
            kind=OutcomeKind.ACCEPTED,
            code="250 2.0.0",
            detail="Ok: queued as SINK0001",
            provider_id="SINK0001",
        )
    ]
    (received,) = sink.accepted
    assert (received.sender, received.recipients, received.data) == (
        "news@example.org",
        ["jane@example.net"],
        DATA,
    )
    assert received.options == [f"SIZE={len(DATA)}"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_and_logged_in(security: str) -> None:
    tls = {"starttls": server_tls()} if security == "starttls" else {"implicit_tls": server_tls()}
    users = {"news@example.org": "pässword"}
    with mail_sink(users=users, **tls) as sink:
        outcomes = send(
            sink,
            message(1),
            message(2),
            security=security,
            ca_file=CA_FILE,
            username="news@example.org",
            password="pässword",
        )
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.ACCEPTED] * 2
    assert [received.user for received in sink.accepted] == ["news@example.org"] * 2


@pytest.mark.parametrize("missing", ["PLAIN", "LOGIN"])
def test_either_of_plain_and_login_is_enough(missing: str) -> None:
    with mail_sink(users={"news": "s3cret"}, without_auth=[missing]) as sink:
        send(sink, username="news", password="s3cret")
    assert sink.accepted[0].user == "news"


@pytest.mark.parametrize("missing", ["PLAIN", "LOGIN"])
def test_wrong_credentials_need_the_operator(missing: str) -> None:
    with (
        mail_sink(users={"news": "s3cret"}, without_auth=[missing]) as sink,
        pytest.raises(BackendUnavailable, match="does not accept the user name and password: 535") as caught,
    ):
        send(sink, username="news", password="wr0ng")
    assert caught.value.operator_must_act
    assert "wr0ng" not in str(caught.value)


def test_one_connection_carries_many_messages_and_is_renewed_in_time() -> None:
    with mail_sink() as sink:
        send(sink, *[message(number) for number in range(1, 6)], messages_per_connection=2)
    assert len(sink.accepted) == 5
    assert sink.greetings == 3


def test_a_connection_is_kept_between_calls() -> None:
    with mail_sink() as sink:
        sender = backend(sink)
        for number in (1, 2, 3):
            list(sender.hand_over([message(number)], allow))
        sender.close()
    assert sink.greetings == 1


def test_an_address_outside_ascii_goes_out_where_smtputf8_is_offered() -> None:
    with mail_sink() as sink:
        send(sink, message(envelope_to="jürgen@bücher.example"))
    assert sink.accepted[0].recipients == ["jürgen@xn--bcher-kva.example"]
    assert "SMTPUTF8" in sink.accepted[0].options


def test_eight_bit_text_is_declared() -> None:
    data = "Subject: Hello\r\n\r\nGrüße\r\n".encode()
    with mail_sink() as sink:
        send(sink, message(data=data))
    assert sink.accepted[0].data == data
    assert "BODY=8BITMIME" in sink.accepted[0].options


def test_the_null_sender_is_written_as_empty_brackets() -> None:
    with mail_sink() as sink:
        outcomes = send(sink, message(envelope_from=""))
    assert outcomes[0].kind is OutcomeKind.ACCEPTED
    assert sink.accepted[0].sender in ("", "<>")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet=". \tab-", max_size=998), max_size=12))
def test_row_45_any_lines_arrive_unchanged(lines: list[str]) -> None:
    """Leading dots above all: they are doubled on the way and must be single again at the end."""
    data = "".join(f"{line}\r\n" for line in ["Subject: Hello", "", *lines]).encode()
    list(_shared.hand_over([message(data=data)], allow))
    assert _sink.accepted[-1].data == data


_sink: MailSink
_shared: SmtpBackend


@pytest.fixture(autouse=True, scope="module")
def _one_sink_for_the_property() -> Any:
    global _sink, _shared  # noqa: PLW0603  (hypothesis cannot take a function's fixture)
    with mail_sink() as _sink:
        _shared = backend(_sink)
        yield
        _shared.close()
