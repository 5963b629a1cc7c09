"""A backend that speaks SMTP, one recipient per transaction, on one connection it keeps open.

The order is the promise (RFC 5321 §4.1.1.4, RFC 1047):

    MAIL → RCPT → DATA → 354 → the body → commit() → the dot → the reply

Before the dot a server must forget everything when the connection ends (§4.1.1.10), so all trouble
until then is harmless. After the dot only a reply is proof: silence is UNCERTAIN.

Neighbours: ``smtp_config`` says where, ``smtp_connection`` opens and secures the connection,
``envelope`` writes the octets, ``replies`` reads the answers, ``base`` holds the contract.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from digest.errors import BackendUnavailable
from digest.failpoints import Passing, nothing_fails
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.base import Commit
from digest.providers.envelope import TERMINATOR, CannotWrite, Written, write
from digest.providers.replies import Phase, Reply, classify, queue_id, shown_code, shown_text
from digest.providers.smtp_config import SmtpConfig, Timeouts
from digest.providers.smtp_connection import Connection, connect, say_goodbye

__all__ = ["SmtpBackend", "SmtpConfig", "Timeouts"]

# Longer between commit and dot, and this process was frozen: somebody else may have taken the message over.
# Counted from before the commit, as nobody can tell on which side of it a process stood still.
COMMIT_TO_DOT_MAX_S: Final = 5.0
_BLOCK_OCTETS: Final = 65_536

log = structlog.get_logger()


class SmtpBackend:
    """Hands messages to one SMTP server. Belongs to one thread; connects when first needed.

    ``monotonic`` is the clock that notices a frozen process.
    """

    name = "smtp"
    batch_size = 1

    def __init__(
        self,
        config: SmtpConfig,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        passing: Passing = nothing_fails,
    ) -> None:
        self._config = config
        self._passing = passing
        self._monotonic = monotonic
        self._wire: Connection | None = None
        self._carried = 0  # transactions begun on this connection
        self._unclean = False  # a refused transaction is still open at the server
        self._unanswered = 0  # commands of a pipelined group whose replies were not read yet
        self._refused_us: BackendUnavailable | None = None  # heard too late to raise; raised at the next call

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message.

        Raises BackendUnavailable when the server cannot be used or refuses us as a sender; nothing was
        committed for that message then. A refusal of us in reply to the dot comes too late to raise: that
        message is TEMPORARY, and the next call raises. What ``commit`` raises passes through.
        """
        for message in batch:
            try:
                outcome = self._hand_over(message, commit)
            except BaseException:
                self._drop()  # whatever stopped us, no later message may meet a half-said conversation
                raise
            yield outcome

    def close(self) -> None:
        """Say QUIT and let go of the connection. Never raises."""
        wire, self._wire = self._wire, None
        if wire is not None:
            say_goodbye(wire, within_s=self._config.timeouts.quit)

    def _hand_over(self, message: Message, commit: Commit) -> Outcome:
        """Connect or reuse → offer → commit → end the message → hear the reply."""
        if self._refused_us is not None:
            refusal, self._refused_us = self._refused_us, None
            raise refusal
        wire = self._ready()
        try:
            written = write(message, wire.esmtp_features)
        except CannotWrite as error:
            told = str(error)
            return Outcome(delivery_id=message.delivery_id, kind=error.kind, code=error.code, detail=told)
        self._carried += 1
        not_taken = self._offer(wire, written, message)
        if not_taken is not None:
            return not_taken
        self._passing("smtp.body")
        asked_at = self._monotonic()
        allowed = commit([message.delivery_id])
        self._passing("smtp.allowed")
        if message.delivery_id not in allowed:
            self._drop()
            return _outcome(message, OutcomeKind.WITHDRAWN)
        if self._monotonic() - asked_at > COMMIT_TO_DOT_MAX_S:
            self._drop()
            return _outcome(message, OutcomeKind.TEMPORARY, detail="this process stood still before the dot")
        if wire.has_spoken():
            self._drop()
            return _outcome(
                message, OutcomeKind.TEMPORARY, detail="the server ended the session before the dot"
            )
        return self._finish(wire, message)

    def _ready(self) -> Connection:
        """Return a connection ready for MAIL: the kept one while it is sound, else a new one."""
        wire = self._wire
        if wire is not None and self._carried >= self._config.messages_per_connection:
            self.close()
        elif wire is not None and (wire.has_spoken() or not self._reset(wire)):
            self._drop()  # an idle server that speaks says 421, or has hung up
        if self._wire is None:
            self._wire = connect(self._config, self._passing)
            self._carried, self._unclean = 0, False
            log.info("smtp.connected", host=self._config.host, port=self._config.port)
        return self._wire

    def _reset(self, wire: Connection) -> bool:
        """Clear a refused transaction; False where the server does not say that it did."""
        if not self._unclean:
            return True
        self._unclean = False
        try:
            return wire.ask("RSET", within_s=self._config.timeouts.command).code == 250
        except OSError:
            return False

    def _offer(self, wire: Connection, written: Written, message: Message) -> Outcome | None:
        """Bring the message up to, not including, its end. Return an outcome only if that failed."""
        phase = Phase.MAIL
        try:
            for phase, reply, wanted in self._answers(wire, written):
                if reply.code not in wanted:
                    refused = self._judged(phase, reply, message)
                    self._hear_out(phase)
                    return refused
            for start in range(0, len(written.body), _BLOCK_OCTETS):
                wire.say(written.body[start : start + _BLOCK_OCTETS], within_s=self._config.timeouts.block)
        except OSError as error:  # smtplib's errors are OSErrors too
            self._lost(phase, error)
            return _outcome(message, OutcomeKind.TEMPORARY, detail=_shown_error(error))
        return None

    def _answers(self, wire: Connection, written: Written) -> Iterator[tuple[Phase, Reply, set[int]]]:
        """Yield each command's phase, its reply, and the codes that let the conversation go on.

        A server that offers PIPELINING (RFC 2920) hears all three at once: one round trip instead of three.
        """
        timeouts = self._config.timeouts
        commands = (
            (Phase.MAIL, f"MAIL {written.mail}\r\n".encode(), timeouts.command, {250}),
            (Phase.RCPT, f"RCPT {written.rcpt}\r\n".encode(), timeouts.command, {250, 251}),
            (Phase.DATA, b"DATA\r\n", timeouts.data, {354}),
        )
        at_once = wire.has_extn("pipelining")
        if at_once:
            wire.say(b"".join(words for _, words, _, _ in commands), within_s=timeouts.block)
            self._unanswered = len(commands)
        for phase, words, within_s, wanted in commands:
            if not at_once:
                wire.say(words, within_s=timeouts.block)
                self._unanswered = 1
            reply = wire.reply(within_s=timeouts.command if at_once else within_s)
            self._unanswered -= 1
            yield phase, reply, wanted

    def _hear_out(self, phase: Phase) -> None:
        """Read what is still to come of a pipelined group, one of whose commands was refused."""
        try:
            while self._wire is not None and self._unanswered:
                self._unanswered -= 1
                if self._wire.reply(within_s=self._config.timeouts.data).code == 354:
                    # It waits for a message without a recipient (RFC 2920 §3.1): leave, and it forgets.
                    self._drop()
        except OSError as error:
            self._lost(phase, error)

    def _finish(self, wire: Connection, message: Message) -> Outcome:
        """Send the dot and return what its reply says; without one, nobody knows."""
        try:
            wire.say(TERMINATOR, within_s=self._config.timeouts.block)
            self._passing("smtp.dot")
            reply = wire.reply(within_s=self._config.timeouts.final)
        except OSError as error:
            self._lost(Phase.DOT, error)
            return _outcome(message, OutcomeKind.UNCERTAIN, detail=_shown_error(error))
        self._passing("smtp.answered")
        return self._judged(Phase.DOT, reply, message)

    def _judged(self, phase: Phase, reply: Reply, message: Message) -> Outcome:
        """Return what the reply says of the message, leaving the connection fit for the next one."""
        verdict = classify(phase, reply.code, reply.enhanced, reply.text)
        if reply.code == 421 or _out_of_step(phase, reply.code):
            self._drop()
        elif verdict is not OutcomeKind.ACCEPTED:
            self._unclean = True
        if verdict == "pause":
            error = self._pause(reply)
            if phase is not Phase.DOT:
                raise error
            self._refused_us = error
            verdict = OutcomeKind.TEMPORARY
        return _outcome(message, verdict, reply)

    def _pause(self, reply: Reply) -> BackendUnavailable:
        said = f"{shown_code(reply.code, reply.enhanced)} {shown_text(reply.text)}".rstrip().rstrip(".")
        return BackendUnavailable(
            f"The mail server {self._config.where} refuses us as a sender: {said}. "
            "Correct what it names; no reader is to blame.",
            operator_must_act=True,
        )

    def _lost(self, phase: Phase, error: OSError) -> None:
        log.warning(
            "smtp.connection_lost", host=self._config.host, phase=phase.value, error=_shown_error(error)
        )
        self._drop()

    def _drop(self) -> None:
        """Close without a word: the server forgets a message whose end it has not seen."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()


def _out_of_step(phase: Phase, code: int) -> bool:
    """Return whether the reply answers something we did not say, so that nothing after it can be trusted."""
    return code < 400 and not (phase is Phase.DOT and code < 300)


def _outcome(message: Message, kind: OutcomeKind, reply: Reply | None = None, *, detail: str = "") -> Outcome:
    if reply is None:
        return Outcome(delivery_id=message.delivery_id, kind=kind, detail=detail)
    return Outcome(
        delivery_id=message.delivery_id,
        kind=kind,
        code=shown_code(reply.code, reply.enhanced),
        detail=shown_text(reply.text),
        provider_id=queue_id(reply.text) if kind is OutcomeKind.ACCEPTED else "",
    )


def _shown_error(error: OSError) -> str:
    return shown_text(error.strerror or str(error))
