"""The backend of every provider that is called by HTTP; what differs between them is in their wires.

    letters → pace → commit() → one call, from the survivors → what its answer means → outcomes

The commit point lies before the first byte of the call. Where not a byte went out the mails are safely tried
again; from the first byte on only a plain answer is proof. Neighbours: ``wire`` is what a provider's module
offers, ``verdicts`` reads answers, ``net.exchange`` makes the calls, ``base`` holds the contract.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import structlog

from digest.errors import BackendUnavailable, CallFailed
from digest.model import Message, Outcome, OutcomeKind
from digest.net.call import Answer, Call
from digest.net.exchange import Exchange
from digest.providers import verdicts
from digest.providers.base import Commit, Doubt
from digest.providers.keys import call_key
from digest.providers.letter import CannotExpress, Letter, letter_of
from digest.providers.pace import Pace
from digest.providers.replies import shown_text
from digest.providers.verdicts import Reading
from digest.providers.wire import Records, Wire

COMMIT_TO_CALL_MAX_S: Final = 5.0
"""Longer between commit and call, and this process was frozen: somebody else may have the message."""

ABSENT_BELIEVED_AFTER_S: Final = 20 * 60
"""Records can run a quarter of an hour late: until then they can say yes, and their no says nothing."""

log = structlog.get_logger()


class HttpBackend:
    """Hands messages to one provider. Belongs to one thread; shares its pace with the others.

    ``monotonic`` is the clock that notices a frozen process.
    """

    def __init__(
        self,
        wire: Wire,
        exchange: Exchange,
        pace: Pace,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = wire
        self._exchange = exchange
        self._pace = pace
        self._monotonic = monotonic
        self.name = wire.name
        self.batch_size = wire.habits.batch_size

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message, a call for as many as the provider takes at once."""
        for start in range(0, len(batch), self.batch_size):
            yield from self._hand_over(batch[start : start + self.batch_size], commit)

    def reconcile(self, doubts: Sequence[Doubt]) -> Iterator[Outcome]:
        """Yield what became of doubtful messages: by the same call under the same key, else by look-up."""
        for chunk, members in groupby(sorted(doubts, key=_by_chunk), key=lambda doubt: doubt.chunk):
            together = list(members)
            if self._may_replay(chunk, together):
                yield from self._replay(chunk, together)
            else:
                for doubt in together:
                    yield self._looked_up(doubt)

    def check(self) -> str:
        """Return why the provider does not accept our key; empty when it does. Sends nothing."""
        try:
            answer = self._make(self._wire.check())
        except CallFailed as error:
            return str(error)
        if answer.status == 200 and not verdicts.is_html(answer):
            return ""
        said = verdicts.words_of(answer) or "no words"
        return f"{self._title} answers {answer.status}: {shown_text(said)}"

    def close(self) -> None:
        """Let go of the connection."""
        self._exchange.close()

    @property
    def _title(self) -> str:
        return self._wire.habits.title

    def _hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        ready: list[tuple[Message, Letter]] = []
        for message in batch:
            try:
                letter = letter_of(message)
                self._wire.send([letter], message.key)  # to learn before the commit point what does not fit
            except CannotExpress as error:
                detail = str(error)
                yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.UNSENDABLE, detail=detail)
            else:
                ready.append((message, letter))
        if not ready:
            return
        ready.sort(key=lambda pair: pair[0].delivery_id)  # a replay finds the same order
        self._pace.wait(self._title)
        asked_at = self._monotonic()
        allowed = commit([message.delivery_id for message, _ in ready])
        going = [(message, letter) for message, letter in ready if message.delivery_id in allowed]
        for message, _ in ready:
            if message.delivery_id not in allowed:
                yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.WITHDRAWN)
        if not going:
            return
        letters = [letter for _, letter in going]
        if self._monotonic() - asked_at > COMMIT_TO_CALL_MAX_S:
            yield from _all(letters, OutcomeKind.TEMPORARY, "this process stood still before the call")
            return
        yield from self._called(letters, call_key([message for message, _ in going]))

    def _called(self, letters: Sequence[Letter], key: str) -> Iterator[Outcome]:
        """Make the call and yield its outcomes; raise at the end where the provider refuses us."""
        try:
            answer = self._make(self._wire.send(letters, key))
        except CallFailed as error:
            kind = OutcomeKind.UNCERTAIN if error.sent else OutcomeKind.TEMPORARY
            yield from _all(letters, kind, str(error))
            log.warning("provider.call_failed", backend=self.name, cause=error.cause, sent=error.sent)
            if not error.sent:
                raise BackendUnavailable(
                    f"Cannot talk to {self._title}: {str(error).rstrip('.')}.",
                    operator_must_act=error.cause in ("tls", "address"),
                ) from error
            return
        reading = self._read(answer, letters)
        if reading.wait_s:
            self._pace.hold(reading.wait_s)
        yield from reading.outcomes
        if reading.pause:
            raise BackendUnavailable(
                f"{self._title} does not take our mail: {reading.pause.rstrip('.')}. "
                "Correct what it names; no reader is to blame.",
                operator_must_act=True,
            )

    def _read(self, answer: Answer, letters: Sequence[Letter]) -> Reading:
        return self._wire.read(answer, letters) or verdicts.general(answer, letters)

    def _make(self, call: Call) -> Answer:
        """Make a call; should the answer quote one of our secrets, nobody sees it after here."""
        answer = self._exchange.make(call)
        body = answer.body
        for secret in self._wire.secrets:
            body = body.replace(secret.encode(), b"[secret]")
        return replace(answer, body=body)

    def _may_replay(self, chunk: str, doubts: Sequence[Doubt]) -> bool:
        """Return whether the very same call can be made again while the provider knows its key."""
        messages = [doubt.message for doubt in doubts if doubt.message is not None and doubt.may_replay]
        whole = len(messages) == len(doubts) and call_key(messages) == chunk != ""
        return whole and all(doubt.age_s < self._wire.habits.key_life_s for doubt in doubts)

    def _replay(self, chunk: str, doubts: Sequence[Doubt]) -> Iterator[Outcome]:
        letters = [letter_of(doubt.message) for doubt in doubts if doubt.message is not None]
        try:
            reading = self._read(self._make(self._wire.send(letters, chunk)), letters)
        except CallFailed:
            return  # asked about again later
        for outcome in reading.outcomes:
            if (
                outcome.kind is not OutcomeKind.TEMPORARY
            ):  # this call was not taken: of the first it says nothing
                yield outcome

    def _looked_up(self, doubt: Doubt) -> Outcome:
        """Return what the provider's records say of one message."""
        records = self._wire if isinstance(self._wire, Records) else None
        if records is None or doubt.message is None:
            return _one(doubt, OutcomeKind.TEMPORARY, f"{self._title} cannot be asked about it")
        if doubt.age_s < self._wire.habits.look_up_after_s:
            return _one(doubt, OutcomeKind.UNCERTAIN, "too early to ask")
        return self._answered(doubt, records, letter_of(doubt.message))

    def _answered(self, doubt: Doubt, records: Records, letter: Letter) -> Outcome:
        """Return what the answer to a look-up says."""
        try:
            answer = self._make(records.look_up(letter, doubt.submitted_at))
            found = records.found(answer, letter, doubt.submitted_at) if answer.status == 200 else None
        except (CallFailed, ValueError, TypeError, KeyError, AttributeError):  # or in no shape we know
            return _one(doubt, OutcomeKind.UNCERTAIN, f"{self._title}'s records cannot be read")
        if answer.status != 200:
            return _one(doubt, OutcomeKind.UNCERTAIN, f"{self._title}'s records answer {answer.status}")
        if found is not None:
            return found
        if doubt.age_s < ABSENT_BELIEVED_AFTER_S:
            return _one(doubt, OutcomeKind.UNCERTAIN, f"not in {self._title}'s records yet")
        return _one(doubt, OutcomeKind.TEMPORARY, f"not in {self._title}'s records")


def _by_chunk(doubt: Doubt) -> tuple[str, int]:
    return doubt.chunk, doubt.delivery_id


def _all(letters: Sequence[Letter], kind: OutcomeKind, detail: str) -> Iterator[Outcome]:
    for letter in letters:
        yield Outcome(delivery_id=letter.delivery_id, kind=kind, detail=detail)


def _one(doubt: Doubt, kind: OutcomeKind, detail: str) -> Outcome:
    return Outcome(delivery_id=doubt.delivery_id, kind=kind, detail=detail)
