"""PIPELINING (RFC 2920): what a server that is told three commands at once may answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.smtp import SmtpBackend, SmtpConfig, Timeouts
from tests.smtp_servers import Peer, raw_server

PATIENT = Timeouts(connect=5, banner=5, command=5, data=5, block=5, final=5, quit=0.2)


def messages(*addresses: str) -> list[Message]:
    return [
        Message(
            delivery_id=number,
            envelope_from="news@example.org",
            envelope_to=address,
            data=b"Subject: Hello\r\n\r\nOne line.\r\n",
        )
        for number, address in enumerate(addresses, 1)
    ]


def hand_over(port: int, *addresses: str) -> list[Outcome]:
    def allow(ids: Sequence[int]) -> frozenset[int]:
        return frozenset(ids)

    backend = SmtpBackend(
        SmtpConfig(
            host="127.0.0.1", port=port, security="none", local_hostname="client.test", timeouts=PATIENT
        )
    )
    try:
        return list(backend.hand_over(messages(*addresses), allow))
    finally:
        backend.close()


def hear_all(peer: Peer) -> None:
    """Hear the whole group before answering any of it: a client that waits between them would hang."""
    for word in ("MAIL", "RCPT", "DATA"):
        peer.expect(word)


def take(peer: Peer) -> None:
    peer.say("354 Go ahead")
    peer.body()
    peer.say("250 2.0.0 queued as 4XyZ12abcd")


def test_all_three_commands_go_out_before_the_first_reply() -> None:
    def script(peer: Peer) -> None:
        peer.greet("PIPELINING")
        hear_all(peer)
        peer.say("250 sender ok", "250 recipient ok")
        take(peer)

    with raw_server(script) as port:
        (outcome,) = hand_over(port, "jane@example.net")
    assert (outcome.kind, outcome.provider_id) == (OutcomeKind.ACCEPTED, "4XyZ12abcd")


def test_without_the_offer_each_command_waits_for_its_reply() -> None:
    def script(peer: Peer) -> None:
        peer.greet("8BITMIME")
        peer.until_body()
        peer.body()
        peer.say("250 2.0.0 queued as 4XyZ12abcd")
        assert peer.heard[-3:] == ["MAIL FROM:<news@example.org>", "RCPT TO:<jane@example.net>", "DATA"]

    with raw_server(script) as port:
        assert hand_over(port, "jane@example.net")[0].kind is OutcomeKind.ACCEPTED


def test_a_refused_recipient_costs_the_next_mail_nothing() -> None:
    """The replies to the rest of the group are read before the next mail, on the same connection."""

    def script(peer: Peer) -> None:
        peer.greet("PIPELINING")
        hear_all(peer)
        peer.say("250 sender ok", "550 5.1.1 nobody", "503 5.5.1 no recipients")
        peer.expect("RSET")
        peer.say("250 reset")
        hear_all(peer)
        peer.say("250 sender ok", "250 recipient ok")
        take(peer)

    with raw_server(script) as port:
        first, second = hand_over(port, "nobody@example.net", "jane@example.net")
    assert (first.kind, first.code) == (OutcomeKind.REJECTED, "550 5.1.1")
    assert second.kind is OutcomeKind.ACCEPTED


def test_a_server_that_wants_a_message_without_a_recipient_is_left() -> None:
    """RFC 2920 §3.1: some answer 354 although every recipient was refused. No dot is ever sent there."""

    def refuses(peer: Peer) -> None:
        peer.greet("PIPELINING")
        hear_all(peer)
        peer.say("250 sender ok", "550 5.1.1 nobody", "354 Go ahead")
        assert peer.until_end() == b""

    def takes(peer: Peer) -> None:
        peer.greet("PIPELINING")
        hear_all(peer)
        peer.say("250 sender ok", "250 recipient ok")
        take(peer)

    with raw_server(refuses, takes) as port:
        first, second = hand_over(port, "nobody@example.net", "jane@example.net")
    assert (first.kind, second.kind) == (OutcomeKind.REJECTED, OutcomeKind.ACCEPTED)


def test_a_server_that_hangs_up_in_the_middle_of_its_replies_has_taken_nothing() -> None:
    def script(peer: Peer) -> None:
        peer.greet("PIPELINING")
        hear_all(peer)
        peer.say("250 sender ok", "450 4.2.1 later")
        peer.cut()

    with raw_server(script) as port:
        (outcome,) = hand_over(port, "jane@example.net")
    assert outcome.kind is OutcomeKind.TEMPORARY


def test_a_refused_sender_blames_no_reader() -> None:
    def script(peer: Peer) -> None:
        peer.greet("PIPELINING")
        hear_all(peer)
        peer.say("550 5.7.1 not you", "503 5.5.1 no sender", "503 5.5.1 no sender")

    with raw_server(script) as port, pytest.raises(BackendUnavailable, match="refuses us as a sender"):
        hand_over(port, "jane@example.net")
