"""Postfix's own faulty server, smtp-sink: a program we did not write says no in every way it knows."""

from __future__ import annotations

from collections import Counter

import pytest

from digest.errors import BackendUnavailable
from digest.model import OutcomeKind
from digest.providers.smtp_config import Timeouts
from tests.faults.test_smtp_faults import hand_over, message, never
from tests.postfix import smtp_sink, until

K = OutcomeKind


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_row_31_a_4xx_from_smtp_sink_is_temporary(command: str) -> None:
    with smtp_sink("-r", command) as sink:
        (outcome,) = hand_over(sink.port)
    assert (outcome.kind, outcome.code) == (K.TEMPORARY, "450 4.3.0")


def test_row_32_an_unknown_recipient_at_smtp_sink_is_rejected() -> None:
    with smtp_sink("-f", "RCPT", "-B", "550 5.1.1 No such mailbox") as sink:
        (outcome,) = hand_over(sink.port, commit=never)
    assert (outcome.kind, outcome.code) == (K.REJECTED, "550 5.1.1")


@pytest.mark.parametrize(
    ("options", "operator"),
    [(["-Q", "CONNECT"], False), (["-f", "CONNECT"], True), (["-q", "CONNECT"], False)],
    ids=["421", "500", "hangs up"],
)
def test_row_27_smtp_sink_refuses_the_connection(options: list[str], operator: bool) -> None:
    with smtp_sink(*options) as sink, pytest.raises(BackendUnavailable) as caught:
        hand_over(sink.port, commit=never)
    assert caught.value.operator_must_act is operator


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_row_36_smtp_sink_hangs_up_before_the_dot(command: str) -> None:
    with smtp_sink("-q", command) as sink:
        (outcome,) = hand_over(sink.port, commit=never)
        assert (outcome.kind, sink.kept()) == (K.TEMPORARY, [])


def test_row_37_smtp_sink_keeps_the_mail_and_hangs_up_after_the_dot() -> None:
    with smtp_sink("-q", ".") as sink:
        (outcome,) = hand_over(sink.port)
        assert outcome.kind is K.UNCERTAIN
        until(lambda: sink.kept() == ["jane@example.net"], "the mail it kept")


def test_row_38_smtp_sink_says_421_to_the_dot() -> None:
    with smtp_sink("-Q", ".") as sink:
        (outcome,) = hand_over(sink.port)
    assert (outcome.kind, outcome.code[:3]) == (K.TEMPORARY, "421")


def test_row_39_smtp_sink_takes_its_time_over_the_dot() -> None:
    """Longer than any other time-out: only the wait for the final reply allows so much."""
    with smtp_sink("-W", ".:1") as sink:
        timeouts = Timeouts(connect=0.5, banner=0.5, command=0.5, data=0.5, block=0.5, final=20, quit=0.2)
        (outcome,) = hand_over(sink.port, timeouts=timeouts)
    assert outcome.kind is K.ACCEPTED


def test_row_42_smtp_sink_ends_after_some_messages_and_nothing_is_lost_or_doubled() -> None:
    """It exits at its third message without a word: that one is in doubt, those after it were not sent."""
    told: Counter[OutcomeKind] = Counter()
    with smtp_sink("-M", "3") as sink:
        try:
            for number in range(1, 6):
                told.update(outcome.kind for outcome in hand_over(sink.port, message(number)))
        except BackendUnavailable:
            told["unavailable"] += 1  # type: ignore[index]
        kept = len(sink.kept())
    assert told[K.ACCEPTED] <= kept <= told[K.ACCEPTED] + told[K.UNCERTAIN] == 3
    assert told["unavailable"] == 1  # type: ignore[index]


def test_row_42_smtp_sink_ends_after_some_sessions() -> None:
    """``-n`` counts only together with ``-c``."""
    with smtp_sink("-c", "-n", "2") as sink:
        outcomes = hand_over(sink.port, message(1)) + hand_over(sink.port, message(2))
        with pytest.raises(BackendUnavailable):
            hand_over(sink.port, message(3), commit=never)
        assert [outcome.kind for outcome in outcomes] == [K.ACCEPTED, K.ACCEPTED]
        assert len(sink.kept()) == 2


@pytest.mark.parametrize("lacking", ["-p", "-8", "-E", "-e"])
def test_row_43_smtp_sink_without_an_extension_gets_the_same_mail(lacking: str) -> None:
    with smtp_sink(lacking) as sink:
        outcomes = hand_over(sink.port, message(1), message(2))
        assert [outcome.kind for outcome in outcomes] == [K.ACCEPTED, K.ACCEPTED]
        until(lambda: len(sink.kept()) == 2, "both mails")
        bodies = {path.read_text().partition("\n\n")[2].strip() for path in sink.folder.iterdir()}
    assert bodies == {"One line."}
