"""What the SMTP backend makes of servers and networks that fail. Time-outs are scaled down."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.smtp import SmtpBackend, SmtpConfig, Timeouts
from tests.smtp_servers import CA_FILE, Peer, closed_port, mail_sink, raw_server, server_tls

PATIENT = Timeouts(connect=5, banner=5, command=5, data=5, block=5, final=5, quit=0.2)
DATA = b"Subject: Hello\r\n\r\nOne line.\r\n"


def message(number: int = 1, *, to: str = "jane@example.net", data: bytes = DATA) -> Message:
    return Message(delivery_id=number, envelope_from="news@example.org", envelope_to=to, data=data)


def config(port: int, **changes: Any) -> SmtpConfig:
    plain = {"security": "none", "local_hostname": "client.test", "timeouts": PATIENT}
    return SmtpConfig(host="127.0.0.1", port=port, **(plain | changes))


def allow(ids: Sequence[int]) -> frozenset[int]:
    return frozenset(ids)


def never(ids: Sequence[int]) -> frozenset[int]:
    raise AssertionError("commit must not be reached")


def hand_over(
    port: int, *messages: Message, commit: Callable[[Sequence[int]], frozenset[int]] = allow, **changes: Any
) -> list[Outcome]:
    backend = SmtpBackend(config(port, **changes))
    try:
        return list(backend.hand_over(messages or [message()], commit))
    finally:
        backend.close()


def unavailable(port: int, **changes: Any) -> BackendUnavailable:
    with pytest.raises(BackendUnavailable) as caught:
        hand_over(port, commit=never, **changes)
    return caught.value


# --- Connecting -------------------------------------------------------------------------------------


def test_row_24_a_refused_connection_is_tried_again_later() -> None:
    error = unavailable(closed_port())
    assert not error.operator_must_act
    assert "refused" in str(error)


@pytest.mark.parametrize(("banner", "operator"), [("421 4.3.2 Busy", False), ("554 5.7.1 Go away", True)])
def test_row_27_a_refusing_banner_waits_or_asks_for_the_operator(banner: str, operator: bool) -> None:
    with raw_server(lambda peer: peer.say(banner)) as port:
        error = unavailable(port)
    assert error.operator_must_act is operator
    assert banner in str(error)


def test_row_26_a_silent_server_is_tried_again_later() -> None:
    with raw_server(lambda peer: peer.until_end() and None) as port:
        error = unavailable(port, timeouts=Timeouts(banner=0.2, quit=0.2))
    assert not error.operator_must_act


def test_row_26_a_banner_may_come_later_than_a_connection_may() -> None:
    """The phases have time-outs of their own: RFC 5321 §4.5.3.2.1 grants the banner five minutes."""

    def late(peer: Peer) -> None:
        peer.wait(0.4)
        accept_one(peer)

    with raw_server(late) as port:
        outcomes = hand_over(port, timeouts=Timeouts(connect=0.2, quit=0.2))
    assert outcomes[0].kind is OutcomeKind.ACCEPTED


def test_a_server_that_hangs_up_at_ehlo_is_tried_again_later() -> None:
    def hang_up(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.expect("EHLO")

    with raw_server(hang_up) as port:
        assert not unavailable(port).operator_must_act


def test_a_refused_greeting_waits_or_asks_for_the_operator() -> None:
    def refuse(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.expect("EHLO")
        peer.say("450 4.3.2 Not now")
        peer.until_end()

    with raw_server(refuse) as port:
        assert not unavailable(port).operator_must_act


# --- TLS and AUTH -----------------------------------------------------------------------------------


def test_row_28_missing_starttls_stops_before_any_password() -> None:
    heard: list[str] = []

    def stripped(peer: Peer) -> None:
        peer.greet("AUTH PLAIN LOGIN")
        heard.append(peer.until_end().decode())

    with raw_server(stripped) as port:
        error = unavailable(port, security="starttls", username="news", password="s3cret")
    assert error.operator_must_act
    assert heard == [""]


@pytest.mark.parametrize("certificate", ["wrong-name", "expired"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_row_29_a_certificate_that_does_not_verify_needs_the_operator(
    certificate: str, security: str
) -> None:
    def offer(peer: Peer) -> None:
        if security == "starttls":
            peer.greet("STARTTLS")
            peer.expect("STARTTLS")
            peer.say("220 Go")
        with pytest.raises(ssl.SSLError):
            peer.encrypt(server_tls(certificate))

    with raw_server(offer) as port:
        error = unavailable(port, security=security, ca_file=CA_FILE)
    assert error.operator_must_act
    assert "certificate" in str(error)


def test_row_29_a_certificate_of_an_unknown_authority_needs_the_operator() -> None:
    with mail_sink(starttls=server_tls()) as sink:
        assert unavailable(sink.port, security="starttls").operator_must_act


def test_tls_to_a_plain_port_needs_the_operator() -> None:
    def plain(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.until_end()

    with raw_server(plain) as port:
        assert unavailable(port, security="tls").operator_must_act


def test_an_unreadable_ca_file_needs_the_operator() -> None:
    error = unavailable(closed_port(), security="tls", ca_file="no-such-file.pem")
    assert error.operator_must_act
    assert "no-such-file.pem" in str(error)


def test_row_28_words_slipped_in_before_tls_are_forgotten() -> None:
    """An answer injected beside the 220 must not count as said inside TLS (RFC 3207 §4.2)."""
    heard: list[str] = []

    def inject(peer: Peer) -> None:
        peer.greet("STARTTLS")
        peer.expect("STARTTLS")
        peer.raw(b"220 Go\r\n250-evil.test\r\n250 AUTH PLAIN\r\n")
        peer.encrypt(server_tls())
        heard.append(peer.expect("EHLO"))
        peer.say("250 raw.test")  # the true server offers no AUTH
        peer.until_end()

    with raw_server(inject) as port:
        error = unavailable(port, security="starttls", ca_file=CA_FILE, username="news", password="s3cret")
    assert heard == ["ehlo client.test"]
    assert "neither AUTH PLAIN nor LOGIN" in str(error)


@pytest.mark.parametrize(
    ("reply", "operator"), [("454 4.7.0 TLS not available", False), ("501 No parameters", True)]
)
def test_row_28_a_refused_starttls_never_continues_in_plain_text(reply: str, operator: bool) -> None:
    rest: list[bytes] = []

    def refuse(peer: Peer) -> None:
        peer.greet("STARTTLS")
        peer.expect("STARTTLS")
        peer.say(reply)
        rest.append(peer.until_end())

    with raw_server(refuse) as port:
        assert unavailable(port, security="starttls").operator_must_act is operator
    assert rest == [b""]


def test_the_password_is_not_sent_to_a_server_that_refused_the_user_name() -> None:
    rest: list[bytes] = []

    def refuse(peer: Peer) -> None:
        peer.greet("AUTH LOGIN")
        peer.expect("AUTH LOGIN")
        peer.say("334 VXNlcm5hbWU6")
        peer.expect("")
        peer.say("535 5.7.8 Never heard of you")
        rest.append(peer.until_end())

    with raw_server(refuse) as port:
        assert unavailable(port, username="news", password="s3cret").operator_must_act
    assert rest == [b""]


@pytest.mark.parametrize(
    ("reply", "operator"), [("535 5.7.8 Wrong password", True), ("454 4.7.0 Try later", False)]
)
def test_row_30_refused_credentials_stop_and_never_show_the_secret(reply: str, operator: bool) -> None:
    def refuse(peer: Peer) -> None:
        peer.greet("AUTH PLAIN")
        token = peer.expect("AUTH PLAIN").split()[-1]
        peer.say(f"{reply} {token} s3cret")
        peer.until_end()

    with raw_server(refuse) as port:
        error = unavailable(port, username="news", password="s3cret")
    assert error.operator_must_act is operator
    assert reply[:9] in str(error)
    assert "s3cret" not in str(error)
    assert "AG5ld3M" not in str(error)  # base64 of the user name after its NUL


# --- Refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA"])
def test_row_31_a_4xx_is_temporary_wherever_it_comes(phase: str) -> None:
    with mail_sink() as sink:
        sink.refusals[phase] = "451 4.7.1 Greylisted, jane@example.net, come back"
        (outcome,) = hand_over(sink.port)
    assert outcome == Outcome(
        delivery_id=1,
        kind=OutcomeKind.TEMPORARY,
        code="451 4.7.1",
        detail="Greylisted, [address], come back",
    )
    assert sink.accepted == []


def test_row_32_an_unknown_recipient_is_rejected_and_the_next_one_gets_mail() -> None:
    with mail_sink() as sink:
        sink.refusals["RCPT gone@example.net"] = "550 5.1.1 No such user"
        outcomes = hand_over(sink.port, message(1, to="gone@example.net"), message(2))
        assert [outcome.kind for outcome in outcomes] == [OutcomeKind.REJECTED, OutcomeKind.ACCEPTED]
        assert outcomes[0].code == "550 5.1.1"
        assert (sink.resets, sink.greetings) == (1, 1)


@pytest.mark.parametrize("phase", ["RCPT", "DATA"])
def test_row_33_a_full_mailbox_sent_as_552_is_temporary(phase: str) -> None:
    with mail_sink() as sink:
        sink.refusals[phase] = "552 5.2.2 Mailbox full"
        assert hand_over(sink.port)[0].kind is OutcomeKind.TEMPORARY


@pytest.mark.parametrize("phase", ["MAIL", "RCPT"])
@pytest.mark.parametrize(
    "reply", ["550 5.7.26 Unauthenticated", "550 5.7.515 Access denied", "554 Relay access denied"]
)
def test_row_34_a_refusal_of_us_as_a_sender_blames_nobody(phase: str, reply: str) -> None:
    with mail_sink() as sink:
        sink.refusals[phase] = reply
        error = unavailable(sink.port)
    assert error.operator_must_act
    assert reply in str(error)


def test_row_34_a_refusal_of_us_in_reply_to_the_dot_stops_the_next_message() -> None:
    """After the commit point nothing is raised; the one message is simply not accepted."""
    with mail_sink() as sink:
        sink.refusals["DATA"] = "554 5.7.1 Blocked by policy"
        backend = SmtpBackend(config(sink.port))
        (outcome,) = backend.hand_over([message(1)], allow)
        assert (outcome.kind, outcome.code) == (OutcomeKind.TEMPORARY, "554 5.7.1")
        with pytest.raises(BackendUnavailable) as caught:
            list(backend.hand_over([message(2)], never))
        assert caught.value.operator_must_act
        sink.refusals.clear()
        (outcome,) = backend.hand_over([message(2)], allow)
        assert outcome.kind is OutcomeKind.ACCEPTED
        backend.close()


def test_row_35_a_message_over_the_servers_size_is_unsendable_without_asking() -> None:
    with mail_sink(size_limit=20) as sink:
        (outcome,) = hand_over(sink.port, commit=never)
    assert outcome.kind is OutcomeKind.UNSENDABLE
    assert "at most 20" in outcome.detail


@pytest.mark.parametrize(
    ("phase", "reply"), [("MAIL", "552 5.3.4 Too big"), ("DATA", "552 Message too large")]
)
def test_row_35_a_size_refusal_is_unsendable(phase: str, reply: str) -> None:
    with mail_sink() as sink:
        sink.refusals[phase] = reply
        assert hand_over(sink.port)[0].kind is OutcomeKind.UNSENDABLE


# --- The moment before the dot, and after it --------------------------------------------------------


def accept_one(peer: Peer) -> None:
    peer.greet()
    peer.until_body()
    peer.body()
    peer.say("250 2.0.0 Ok: queued as RAW00001")
    peer.until_end()


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["cut", "half_close"])
def test_row_36_a_drop_before_the_dot_is_temporary(step: str, how: str) -> None:
    def drop(peer: Peer) -> None:
        peer.greet()
        for command in ("MAIL", "RCPT", "DATA"):
            peer.expect(command)
            if command == step:
                break
            peer.say("250 OK")
        getattr(peer, how)()

    with raw_server(drop) as port:
        assert hand_over(port, commit=never)[0].kind is OutcomeKind.TEMPORARY


def test_row_36_a_cut_in_the_middle_of_the_body_is_temporary() -> None:
    big = message(data=b"Subject: Big\r\n\r\n" + b"0123456789 line\r\n" * 500_000)

    def cut(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.cut()

    with raw_server(cut) as port:
        assert hand_over(port, big, commit=never)[0].kind is OutcomeKind.TEMPORARY


def test_a_server_that_stops_reading_the_body_is_temporary() -> None:
    big = message(data=b"Subject: Big\r\n\r\n" + b"0123456789 line\r\n" * 1_000_000)
    done: list[bool] = []

    def deaf(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.wait(1.0)
        done.append(True)

    with raw_server(deaf) as port:
        outcomes = hand_over(port, big, commit=never, timeouts=Timeouts(block=0.2, quit=0.2))
    assert outcomes[0].kind is OutcomeKind.TEMPORARY


def test_a_server_that_gives_up_while_we_commit_never_sees_the_dot() -> None:
    """It answered or hung up before the end, so the message is definitely not accepted."""
    peers: list[Peer] = []
    rest: list[bytes] = []

    def shut_down(peer: Peer) -> None:
        peers.append(peer)  # before the 354: the client may be at its commit point right after it
        peer.greet()
        peer.until_body()
        rest.append(peer.until_end())

    def commit(ids: Sequence[int]) -> frozenset[int]:
        peers[0].say("421 4.3.2 Shutting down")
        return frozenset(ids)

    with raw_server(shut_down) as port:
        (outcome,) = hand_over(port, commit=commit)
    assert outcome.kind is OutcomeKind.TEMPORARY
    assert not rest[0].endswith(b"\r\n.\r\n")


@pytest.mark.parametrize("how", ["withdrawn", "raised", "frozen", "frozen in the commit"])
def test_row_14_without_leave_to_send_the_dot_stays_unsent(how: str) -> None:
    rest: list[bytes] = []
    clock = [100.0]

    def watch(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        rest.append(peer.until_end())

    def commit(ids: Sequence[int]) -> frozenset[int]:
        if how == "raised":
            raise RuntimeError("no ledger")
        if how == "frozen in the commit":  # durable already, and nobody was told yet
            clock[0] += 5.1
        return frozenset() if how == "withdrawn" else frozenset(ids)

    def monotonic() -> float:
        if how == "frozen":
            clock[0] += 5.1  # every look at the clock finds the process frozen for so long
        return clock[0]

    with raw_server(watch) as port:
        backend = SmtpBackend(config(port), monotonic=monotonic)
        if how == "raised":
            with pytest.raises(RuntimeError, match="no ledger"):
                list(backend.hand_over([message()], commit))
        else:
            (outcome,) = backend.hand_over([message()], commit)
            expected = OutcomeKind.WITHDRAWN if how == "withdrawn" else OutcomeKind.TEMPORARY
            assert outcome.kind is expected
    assert rest == [DATA.removesuffix(b"\r\n")]


@pytest.mark.parametrize(
    "how", ["cut", "half_close", "silence", "babble", "drip", "endless", "one long line", "preliminary"]
)
def test_row_37_no_clear_reply_after_the_dot_is_uncertain(how: str) -> None:
    def lose_the_reply(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        if how == "silence":
            peer.until_end()
        elif how == "babble":
            peer.raw(b"\xff\xfeOK, perhaps\r\n")
            peer.until_end()
        elif how == "drip":  # a reply that never ends, slower than any bound on silence notices
            peer.drip(b"2", every_s=0.05)
        elif how == "endless":
            peer.drip(b"250-more\r\n" * 1000, every_s=0.001)
        elif how == "one long line":
            peer.drip(b"250 more " * 1000, every_s=0.001)
        elif how == "preliminary":
            peer.say("354 Still going ahead")
            assert peer.until_end() == b""  # nothing more to a server out of step
        else:
            getattr(peer, how)()

    with raw_server(lose_the_reply) as port:
        (outcome,) = hand_over(port, timeouts=Timeouts(final=0.5, quit=0.2))
    assert outcome.kind is OutcomeKind.UNCERTAIN


def test_row_37_after_an_uncertain_message_the_next_one_gets_a_new_connection() -> None:
    def lose_the_reply(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        peer.cut()

    with raw_server(lose_the_reply, accept_one) as port:
        outcomes = hand_over(port, message(1), message(2))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.UNCERTAIN, OutcomeKind.ACCEPTED]


def test_row_38_421_in_reply_to_the_dot_is_a_clear_no() -> None:
    def refuse(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        peer.say("421 4.3.2 Closing")
        assert peer.until_end() == b""  # no RSET: the server has said goodbye

    with raw_server(refuse, accept_one) as port:
        outcomes = hand_over(port, message(1), message(2))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.TEMPORARY, OutcomeKind.ACCEPTED]


def test_row_39_a_late_250_within_the_final_time_out_is_accepted() -> None:
    def slow(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        peer.wait(0.5)
        peer.say("250 OK")
        peer.until_end()

    with raw_server(slow) as port:
        timeouts = Timeouts(connect=0.3, banner=0.3, command=0.3, data=0.3, block=0.3, final=5, quit=0.2)
        assert hand_over(port, timeouts=timeouts)[0].kind is OutcomeKind.ACCEPTED


# --- Odd servers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        b"250 " + b"x" * 4000,
        b"250-first\r\n250-second\r\n250 third",
        b"250 na\xc3\xafve \xff\xfe bytes",
        b"250",
        b"299 unheard of, and yet yes",
    ],
    ids=["long", "lines", "not-ascii", "bare", "other-2xx"],
)
def test_row_41_strange_but_clear_acceptances_are_acceptances(reply: bytes) -> None:
    def strange(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        peer.say(reply)
        peer.until_end()

    with raw_server(strange) as port:
        (outcome,) = hand_over(port)
    assert outcome.kind is OutcomeKind.ACCEPTED
    assert len(outcome.detail) <= 200


@pytest.mark.parametrize("reply", [b"what?", b"999 never", b"2x0 typo", b"354 too soon", b""])
def test_row_41_a_reply_that_makes_no_sense_before_the_dot_is_temporary(reply: bytes) -> None:
    def confuse(peer: Peer) -> None:
        peer.greet()
        peer.expect("MAIL")
        peer.say(reply)
        peer.until_end()

    with raw_server(confuse) as port:
        assert hand_over(port, commit=never)[0].kind is OutcomeKind.TEMPORARY


def test_row_42_a_server_that_ends_the_session_after_each_message_loses_nothing() -> None:
    def once(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        peer.raw(b"250 OK\r\n421 4.7.0 One message per session\r\n")
        peer.until_end()

    with raw_server(once, once, accept_one) as port:
        outcomes = hand_over(port, message(1), message(2), message(3))
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}


@pytest.mark.parametrize("how", ["refused", "hung up"])
def test_row_42_a_failing_rset_means_a_new_connection(how: str) -> None:
    def refuse(peer: Peer) -> None:
        peer.greet()
        peer.expect("MAIL")
        peer.say("451 Later")
        peer.expect("RSET")
        if how == "refused":
            peer.say("502 Never heard of it")
            peer.until_end()

    with raw_server(refuse, accept_one) as port:
        outcomes = hand_over(port, message(1), message(2))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.TEMPORARY, OutcomeKind.ACCEPTED]


def test_row_43_a_server_without_any_extension_gets_plain_commands_and_the_same_bytes() -> None:
    seen: list[str] = []
    bodies: list[bytes] = []

    def old(peer: Peer) -> None:
        peer.say("220 old.test")
        peer.expect("EHLO")
        peer.say("500 What?")
        peer.expect("HELO")
        peer.say("250 old.test")
        peer.until_body()
        bodies.append(peer.body())
        peer.say("250 OK")
        seen.extend(peer.heard)
        peer.until_end()

    with raw_server(old) as port:
        assert hand_over(port)[0].kind is OutcomeKind.ACCEPTED
    assert seen[2:4] == ["MAIL FROM:<news@example.org>", "RCPT TO:<jane@example.net>"]
    assert bodies == [DATA.removesuffix(b"\r\n")]


def test_row_43_an_address_that_needs_smtputf8_is_rejected_where_it_is_not_offered() -> None:
    with mail_sink(smtputf8=False) as sink:
        outcomes = hand_over(sink.port, message(1, to="jürgen@example.net"), message(2))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.REJECTED, OutcomeKind.ACCEPTED]
    assert outcomes[0].code == "553 5.6.7"
    assert "SMTPUTF8" in outcomes[0].detail
    assert "jürgen" not in outcomes[0].detail


def test_row_44_an_international_domain_goes_out_as_its_a_label() -> None:
    with mail_sink(smtputf8=False) as sink:
        hand_over(sink.port, message(to="jane@bücher.example"))
    assert sink.accepted[0].recipients == ["jane@xn--bcher-kva.example"]


def test_closing_on_a_dead_connection_is_quiet() -> None:
    def die(peer: Peer) -> None:
        peer.greet()
        peer.until_body()
        peer.body()
        peer.say("250 OK")
        peer.cut()

    with raw_server(die) as port:
        backend = SmtpBackend(config(port))
        list(backend.hand_over([message()], allow))
        backend.close()
        backend.close()
