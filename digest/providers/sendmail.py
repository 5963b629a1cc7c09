"""A backend that gives each mail to a program of this machine, as ``/usr/sbin/sendmail`` is.

    the mail in a nameless file → commit() → the program, that file its standard input → its exit code

A pipe would not do: when we die in the middle of writing, the program sees the end of its input and sends
half a mail. From a file it reads all of the mail or was never started. So the commit point comes before the
start.
What an exit code means is ``exit_codes``' to say. Neighbours: ``base`` holds the contract.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Final

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.base import Commit
from digest.providers.envelope import CannotWrite, wire_address
from digest.providers.exit_codes import Meaning, meaning
from digest.providers.replies import shown_text

FROM: Final = "{from}"
TO: Final = "{to}"
DEFAULT_COMMAND: Final = ("/usr/sbin/sendmail", "-i", "-f", FROM, "--", TO)
TIMEOUT_S: Final = 600.0
"""As long as SMTP waits for the reply to the final dot: shorter would double mail."""

_SAID_MAX_BYTES: Final = 2000


class SendmailBackend:
    """Starts ``command`` once for each mail; ``{from}`` and ``{to}`` in it stand for the envelope."""

    name = "sendmail"
    batch_size = 1

    def __init__(self, command: Sequence[str] = DEFAULT_COMMAND, *, timeout_s: float = TIMEOUT_S) -> None:
        self._command = tuple(command)
        self._timeout_s = timeout_s

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message.

        Raises BackendUnavailable when there is no such program, before the commit point; and after the
        outcome of a mail for which the program said that it refuses us, or could not be started.
        """
        program = self.program()
        for message in batch:
            outcome, refusal = self._hand_over(program, message, commit)
            yield outcome
            if refusal:
                raise BackendUnavailable(
                    f"{self._command[0]} {refusal}. Correct mail.command or the program's own set-up; "
                    "no reader is to blame.",
                    operator_must_act=True,
                )

    def close(self) -> None:
        """Nothing to let go of."""

    def program(self) -> str:
        """Return the path of the program. Raises BackendUnavailable where there is none we may start."""
        found = shutil.which(self._command[0])
        if found is None:
            raise BackendUnavailable(
                f"There is no program {self._command[0]} that may be started here. "
                "Correct mail.command, or install it.",
                operator_must_act=True,
            )
        return found

    def _hand_over(self, program: str, message: Message, commit: Commit) -> tuple[Outcome, str]:
        """Return what became of one mail, and why the program refuses us; empty where it does not."""
        try:
            arguments = self._arguments(message)
        except CannotWrite as error:
            return _outcome(message, OutcomeKind.UNSENDABLE, str(error)), ""
        mail, said = _held(message.data)
        with mail, said:
            if message.delivery_id not in commit([message.delivery_id]):
                return _outcome(message, OutcomeKind.WITHDRAWN), ""
            try:
                code = self._run([program, *arguments[1:]], mail, said)
            except OSError as error:  # it was not started, so it has nothing
                why = f"cannot be started: {error.strerror or error}"
                return _outcome(message, OutcomeKind.TEMPORARY, why), why
            return _judged(message, code, said)

    def _arguments(self, message: Message) -> list[str]:
        """Return the command with the envelope in it. Raises CannotWrite where that would not be safe."""
        sender, recipient = wire_address(message.envelope_from), wire_address(message.envelope_to)
        ends_options = "--" in self._command[: _place(self._command, TO)]
        if recipient.startswith("-") and not ends_options:
            raise CannotWrite("the address begins with a hyphen, and mail.command has no -- before {to}")
        return [part.replace(FROM, sender).replace(TO, recipient) for part in self._command]

    def _run(self, command: Sequence[str], mail: IO[bytes], said: IO[bytes]) -> int | None:
        """Return the program's exit code; None when it did not end in time and was killed.

        It leads a session of its own: Ctrl-C at our terminal is not meant for the mail in its hands.
        """
        with subprocess.Popen(  # noqa: S603 - the operator's own command, and no shell reads it
            command, stdin=mail, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        ) as process:
            try:
                return process.wait(self._timeout_s)
            except BaseException as error:
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    return None
                raise


def _place(command: Sequence[str], mark: str) -> int:
    """Return where the first part with that mark stands; behind the end where none has it."""
    return next((place for place, part in enumerate(command) if mark in part), len(command))


def _held(data: bytes) -> tuple[IO[bytes], IO[bytes]]:
    """Return two files without names: the mail, its lines ended by LF alone as programs of Unix read it, and
    an empty one for what the program says. Raises BackendUnavailable where there is no room for them."""
    try:
        mail, said = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
        mail.write(data.replace(b"\r\n", b"\n"))
        mail.seek(0)
    except OSError as error:
        raise BackendUnavailable(
            f"Cannot write a mail to the folder for temporary files: {error.strerror}. Check its space.",
            operator_must_act=True,
        ) from error
    return mail, said


def _judged(message: Message, code: int | None, said: IO[bytes]) -> tuple[Outcome, str]:
    """Return what the exit code says of the mail, and why the program refuses us, if it does."""
    if code is None or code < 0:
        how = "did not end in time" if code is None else f"was killed by signal {-code}"
        return _outcome(message, OutcomeKind.UNCERTAIN, f"the program {how}"), ""
    found: Meaning = meaning(code)
    said.seek(0)
    words = shown_text(said.read(_SAID_MAX_BYTES).decode("utf-8", "replace"))
    detail = f"exit {code}: {words or found.words}"
    if found.verdict == "pause":
        return _outcome(message, OutcomeKind.TEMPORARY, detail), f"refuses us ({detail})".rstrip(".")
    return _outcome(message, found.verdict, detail if code else words, found.code), ""


def _outcome(message: Message, kind: OutcomeKind, detail: str = "", code: str = "") -> Outcome:
    return Outcome(delivery_id=message.delivery_id, kind=kind, code=code, detail=detail)
