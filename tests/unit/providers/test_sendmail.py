"""What the backend for programs does beyond the contract."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.sendmail import DEFAULT_COMMAND, SendmailBackend
from tests.mail_programs import MailProgram, mail_program

ANN, BEN = "ann@example.net", "ben@example.net"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[MailProgram]:
    with mail_program(tmp_path) as program:
        yield program


def mail(number: int = 1, to: str = ANN, data: bytes = b"Subject: Hello\r\n\r\nHello\r\n") -> Message:
    return Message(delivery_id=number, envelope_from="news+t1@example.org", envelope_to=to, data=data)


def allow(ids: Sequence[int]) -> frozenset[int]:
    return frozenset(ids)


def never(ids: Sequence[int]) -> frozenset[int]:
    raise AssertionError("commit must not be reached")


def given(program: MailProgram, *messages: Message, **more: float) -> list[Outcome]:
    return list(SendmailBackend(program.command, **more).hand_over(messages, allow))


def test_the_envelope_goes_into_arguments_and_no_shell_reads_them(program: MailProgram) -> None:
    nasty = "$(touch${IFS}x);'`|&@example.net"
    given(program, mail(to=nasty))
    assert program.mails()[0].arguments == ["-i", "-f", "news+t1@example.org", "--", nasty]


def test_what_is_started_by_default_is_what_every_mail_server_brings() -> None:
    assert DEFAULT_COMMAND == ("/usr/sbin/sendmail", "-i", "-f", "{from}", "--", "{to}")


def test_an_address_that_looks_like_an_option_stays_an_address(program: MailProgram) -> None:
    assert given(program, mail(to="-bp@example.net"))[0].kind is OutcomeKind.ACCEPTED
    (outcome,) = SendmailBackend([str(program.path), "{to}"]).hand_over([mail(to="-bp@example.net")], never)
    assert outcome.kind is OutcomeKind.UNSENDABLE
    assert "hyphen" in outcome.detail
    assert "example.net" not in outcome.detail


def test_exit_codes_become_outcomes_one_by_one(program: MailProgram) -> None:
    program.answers(**{ANN: os.EX_NOUSER, BEN: os.EX_TEMPFAIL})
    ann, ben, third = given(program, mail(1, ANN), mail(2, BEN), mail(3, "cal@example.net"))
    assert (ann.kind, ann.code) == (OutcomeKind.REJECTED, "550 5.1.1")
    assert ann.detail == "exit 67: mail: [address]: told to say 67"
    assert (ben.kind, ben.code) == (OutcomeKind.TEMPORARY, "")
    assert third.kind is OutcomeKind.ACCEPTED
    assert [taken.to for taken in program.mails()] == ["cal@example.net"]


@pytest.mark.parametrize(("answer", "why"), [("die", "signal 9"), (33, "exit 33")])
def test_an_end_that_says_nothing_is_a_doubt(program: MailProgram, answer: int | str, why: str) -> None:
    program.answers(any=answer)
    (outcome,) = given(program, mail())
    assert outcome.kind is OutcomeKind.UNCERTAIN
    assert why in outcome.detail


def test_a_program_that_does_not_end_is_killed_and_a_doubt(program: MailProgram) -> None:
    program.answers(any="sleep")
    (outcome,) = given(program, mail(), timeout_s=0.2)
    assert outcome == Outcome(
        delivery_id=1, kind=OutcomeKind.UNCERTAIN, detail="the program did not end in time"
    )


@pytest.mark.parametrize("code", [os.EX_USAGE, os.EX_NOPERM, os.EX_CONFIG])
def test_a_program_that_refuses_us_is_told_after_the_mail_that_met_it(
    program: MailProgram, code: int
) -> None:
    """That mail is definitely not taken; the others of the batch were not handed over."""
    program.answers(any=code)
    outcomes: list[Outcome] = []
    with pytest.raises(BackendUnavailable, match="no reader is to blame") as caught:
        outcomes.extend(SendmailBackend(program.command).hand_over([mail(1), mail(2)], allow))
    assert caught.value.operator_must_act
    assert ANN not in str(caught.value)
    collected = SendmailBackend(program.command).hand_over([mail(1), mail(2)], allow)
    assert next(collected).kind is OutcomeKind.TEMPORARY


def test_a_program_that_is_not_there_is_told_before_the_commit_point(tmp_path: Path) -> None:
    backend = SendmailBackend([str(tmp_path / "no-such-program"), "{to}"])
    with pytest.raises(BackendUnavailable, match="no-such-program") as caught:
        list(backend.hand_over([mail()], never))
    assert caught.value.operator_must_act


def test_a_program_that_cannot_be_started_after_all_took_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o700)
    handing = SendmailBackend([str(broken), "{to}"]).hand_over([mail()], allow)
    assert next(handing).kind is OutcomeKind.TEMPORARY
    with pytest.raises(BackendUnavailable, match="cannot be started"):
        next(handing)


def test_no_room_for_the_mail_is_told_before_the_commit_point(
    program: MailProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(program.folder / "not-there"))
    with pytest.raises(BackendUnavailable, match="temporary files"):
        list(SendmailBackend(program.command).hand_over([mail()], never))


def test_a_long_mail_arrives_whole(program: MailProgram) -> None:
    """Longer than a pipe holds: the program reads it from a file, so it can never see half of one."""
    data = b"Subject: Long\r\n\r\n" + b"word word word\r\n" * 20_000
    given(program, mail(data=data))
    assert program.mails()[0].data == data
