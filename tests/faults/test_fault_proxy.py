"""A network that fails anywhere: whatever is cut, what we say became of a mail is what became of it."""

from __future__ import annotations

import socket
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from digest.errors import BackendUnavailable
from digest.model import Outcome, OutcomeKind
from digest.providers.smtp_config import Timeouts
from subscribers.model import Cadence
from tests.fault_proxy import Way, fault_proxy
from tests.faults.test_smtp_faults import hand_over, message, never, unavailable
from tests.installation import Clock, a_post, installation, join, publish
from tests.smtp_servers import MailSink, mail_sink

K = OutcomeKind
IMPATIENT = Timeouts(connect=5, banner=0.5, command=0.5, data=0.5, block=0.5, final=0.5, quit=0.05)


def told(port: int, **changes: object) -> OutcomeKind | None:
    """Return what became of one mail, as we see it; None: it could not even be begun."""
    try:
        (outcome,) = hand_over(port, **changes)
    except BackendUnavailable:
        return None
    return outcome.kind


def length_of_a_conversation(sink: MailSink) -> tuple[int, int]:
    with fault_proxy(sink.port) as proxy:
        assert told(proxy.port) is K.ACCEPTED
    sink.accepted.clear()
    return proxy.passed_up, proxy.passed_down


@pytest.mark.parametrize("then", ["cut", "half_close"])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_row_36_wherever_the_line_is_cut_we_never_claim_what_we_do_not_know(
    direction: str, then: str
) -> None:
    """Cut after every number of octets: accepted means it is there, temporary means it is not."""
    found = set()
    with mail_sink() as sink:
        total = length_of_a_conversation(sink)[direction == "down"]
        for count in range(1, total + 1, 1 if then == "cut" else 3):
            way = {direction: Way(after=count, then=then)}  # type: ignore[arg-type]
            with fault_proxy(sink.port, **way) as proxy:
                kind = told(proxy.port, timeouts=IMPATIENT)
            is_there = bool(sink.accepted)
            sink.accepted.clear()
            assert kind is K.UNCERTAIN or (kind is K.ACCEPTED) == is_there, f"{kind} after {count} octets"
            found.add(kind)
    assert {None, K.ACCEPTED} <= found
    assert (K.TEMPORARY in found) or direction == "down"


def test_row_36_a_cut_in_the_body_costs_nothing() -> None:
    """So long a body that most of it was still to be written when the line went dead."""
    big = message(data=b"Subject: Big\r\n\r\n" + b"0123456789 line\r\n" * 1_000_000)
    with mail_sink(size_limit=50_000_000) as sink, fault_proxy(sink.port, up=Way(after=100_000)) as proxy:
        (outcome,) = hand_over(proxy.port, big, commit=never)
    assert (outcome.kind, sink.accepted) == (K.TEMPORARY, [])


def test_row_37_a_reply_to_the_dot_that_never_comes_leaves_the_mail_in_doubt() -> None:
    swallow = Way(after=b"354 End data with <CR><LF>.<CR><LF>\r\n", then="black_hole")
    with mail_sink() as sink, fault_proxy(sink.port, down=swallow) as proxy:
        assert told(proxy.port, timeouts=IMPATIENT) is K.UNCERTAIN
        assert len(sink.accepted) == 1


def test_row_26_a_banner_may_be_minutes_late() -> None:
    """Scaled down: longer than a connection may take, shorter than a banner may."""
    patient = Timeouts(connect=0.2, banner=20, command=20, data=20, block=20, final=20, quit=0.2)
    with mail_sink() as sink, fault_proxy(sink.port, down=Way(delay_s=0.4)) as proxy:
        assert told(proxy.port, timeouts=patient) is K.ACCEPTED


def test_row_40_a_250_after_the_final_time_out_changes_nothing() -> None:
    """We gave up before it came: the mail is in doubt, and the connection is not used again."""
    with mail_sink() as sink, fault_proxy(sink.port) as proxy:

        def slow_from_now_on(ids: object) -> frozenset[int]:
            proxy.down = Way(delay_s=1.0)
            return frozenset([1])

        (outcome,) = hand_over(proxy.port, commit=slow_from_now_on, timeouts=IMPATIENT)
        assert (outcome.kind, len(sink.accepted)) == (K.UNCERTAIN, 1)
        proxy.down = Way()
        assert told(proxy.port) is K.ACCEPTED
        assert proxy.connections == 2


@pytest.mark.parametrize("direction", ["up", "down"])
def test_row_46_a_network_that_swallows_everything_is_given_up_in_time(direction: str) -> None:
    way = {direction: Way(after=b"MAIL" if direction == "up" else b"250 HELP\r\n", then="black_hole")}
    with mail_sink() as sink, fault_proxy(sink.port, **way) as proxy:  # type: ignore[arg-type]
        assert told(proxy.port, commit=never, timeouts=IMPATIENT) in (None, K.TEMPORARY)
        assert sink.accepted == []


def test_row_25_a_connection_nobody_answers_is_given_up_and_tried_later() -> None:
    """A full backlog: the kernel drops our first packet, as a network that is gone does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        with ExitStack() as waiting:
            for _ in range(4):
                one = waiting.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            error = unavailable(port, timeouts=Timeouts(connect=0.3, quit=0.05))
    assert not error.operator_must_act


def test_row_46_an_issue_cut_short_by_the_network_goes_on_ten_minutes_later(tmp_path: Path) -> None:
    """The line dies in the body of a mail, and nobody answers for ten minutes."""
    readers = [f"reader{number}@reader.example" for number in range(5)]
    clock = Clock()
    with mail_sink() as sink, fault_proxy(sink.port) as proxy:
        smtp = {"host": "127.0.0.1", "port": proxy.port, "security": "none", "connections": 1}
        with installation(tmp_path, clock=clock, mail={"backend": "smtp"}, smtp=smtp) as app:
            for reader in readers:
                join(app, reader, Cadence.EVERY_POST)
            clock.pass_time(minutes=1)
            app.run()  # the welcomes
            sink.accepted.clear()
            publish(app, a_post("One"))
            proxy.up = Way(after=b"reader2", then="cut")
            app.run()
            assert len(sink.accepted) == 4
            proxy.up = Way(after=0, then="cut")
            clock.pass_time(minutes=6)
            assert app.run().trouble
            proxy.up = Way()
            clock.pass_time(minutes=10)
            app.run()
        copies = Counter(address for mail in sink.accepted for address in mail.recipients)
        assert copies == Counter(readers)


def test_the_proxy_passes_what_it_is_told_to_pass() -> None:
    outcomes: list[Outcome] = []
    with mail_sink() as sink, fault_proxy(sink.port) as proxy:
        outcomes += hand_over(proxy.port, message(1), message(2))
    assert [outcome.kind for outcome in outcomes] == [K.ACCEPTED, K.ACCEPTED]
    assert (proxy.connections, len(sink.accepted)) == (1, 2)
