"""What the exit code of a mail program means."""

from __future__ import annotations

import os

import pytest

from digest.model import OutcomeKind
from digest.providers.exit_codes import meaning


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (os.EX_OK, OutcomeKind.ACCEPTED),
        (os.EX_USAGE, "pause"),
        (os.EX_DATAERR, OutcomeKind.UNSENDABLE),
        (os.EX_NOINPUT, "pause"),
        (os.EX_NOUSER, OutcomeKind.REJECTED),
        (os.EX_NOHOST, OutcomeKind.REJECTED),
        (os.EX_UNAVAILABLE, OutcomeKind.TEMPORARY),
        (os.EX_SOFTWARE, OutcomeKind.UNCERTAIN),
        (os.EX_OSERR, OutcomeKind.TEMPORARY),
        (os.EX_OSFILE, OutcomeKind.TEMPORARY),
        (os.EX_CANTCREAT, OutcomeKind.TEMPORARY),
        (os.EX_IOERR, OutcomeKind.UNCERTAIN),
        (os.EX_TEMPFAIL, OutcomeKind.TEMPORARY),
        (os.EX_PROTOCOL, OutcomeKind.UNCERTAIN),
        (os.EX_NOPERM, "pause"),
        (os.EX_CONFIG, "pause"),
        (127, "pause"),
    ],
)
def test_every_code_of_sysexits_has_its_meaning(code: int, verdict: str) -> None:
    assert meaning(code).verdict == verdict
    assert meaning(code).words


@pytest.mark.parametrize("code", [1, 2, 63, 79, 255])
def test_another_code_says_nothing_so_the_mail_may_have_gone(code: int) -> None:
    assert meaning(code).verdict is OutcomeKind.UNCERTAIN


def test_only_codes_about_the_reader_count_against_the_reader() -> None:
    """The rules of bounces read these codes: a mailbox that is not there, a host that is not there."""
    told = {code: meaning(code).code for code in range(256) if meaning(code).code}
    assert told == {os.EX_NOUSER: "550 5.1.1", os.EX_NOHOST: "550 5.1.2"}
