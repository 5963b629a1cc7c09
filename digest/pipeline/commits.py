"""The commit point of every connection, in groups: one durable transaction for all that wait for one.

    sender: body sent ─► pass_point(claim, the mail before) ─┐
    sender: body sent ─► pass_point(claim, the mail before) ─┼─► one transaction ─► each: the dot, or not
    sender: body sent ─► pass_point(claim, the mail before) ─┘

A disk makes some hundred transactions durable a second, however many wait for each. While one group is
written the next gathers, so no sender waits longer than for two. A mail that was accepted is written with its
own connection's next commit point: so at most one delivery of each connection is past its commit point in the
ledger (promise P2). Neighbours: ``sender`` is the only caller, ``store.commit_points`` holds the statements.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.delivery.breaker import Way
from digest.model import Message
from digest.pipeline.tools import Tools
from digest.providers.keys import call_key
from digest.store import breaker, commit_points, doubts, installation
from digest.store.claims import Claim
from digest.store.commit_points import Accepted

GATHER_S = 0.004
"""How long a group that is not complete waits for more: about what making it durable takes."""


@dataclass(frozen=True, kw_only=True)
class InHand:
    """A claimed delivery with its finished message."""

    claim: Claim
    message: Message


@dataclass(kw_only=True)
class _Wait:
    """What one sender asks for, and the answer."""

    hand: Sequence[InHand]  # empty: nothing more to send, only the mail before is written
    before: Accepted | None
    allowed: frozenset[int] = frozenset()
    kept: bool = False  # the mail before was written: its fence was still good
    answered: bool = False
    error: BaseException | None = None


class Commits:
    """Writes commit points for all senders of one run. Every method may be called from any thread."""

    def __init__(self, tools: Tools, *, provider: str, way: Way, live: bool, senders: int) -> None:
        """Use these tools; ``provider`` and ``live`` are kept with each delivery."""
        self._tools = tools
        self._way = way
        self._can_be_asked = provider in tools.patience
        self._senders = senders  # at most so many wait at a time
        self._provider = provider
        self._live = live
        self._turn = threading.Condition()
        self._waiting: list[_Wait] = []
        self._writing = False

    def pass_point(self, hand: Sequence[InHand], before: Accepted | None) -> tuple[frozenset[int], bool]:
        """Return which of these may be sent, and whether the mail before them was written; durable then.

        Raises what the database raised; then nothing was allowed and nothing was written.
        """
        mine = _Wait(hand=hand, before=before)
        with self._turn:
            self._waiting.append(mine)
            if len(self._waiting) >= self._senders:
                self._turn.notify_all()
            while self._writing and not mine.answered:
                self._turn.wait()
            if not mine.answered:
                self._writing = True
                self._turn.wait_for(lambda: len(self._waiting) >= self._senders, timeout=GATHER_S)
                group, self._waiting = self._waiting, []
        if not mine.answered:
            self._answer(group)
        if mine.error is not None:
            raise mine.error
        return mine.allowed, mine.kept

    def _answer(self, group: Sequence[_Wait]) -> None:
        """Write a group, as the one sender whose turn it is, and wake the others."""
        error: BaseException | None = None
        try:
            self._write(group)
        except BaseException as caught:  # noqa: BLE001 - handed to every sender that waits, and raised there
            error = caught
        with self._turn:
            for wait in group:
                wait.error, wait.answered = error, True
            self._writing = False
            self._turn.notify_all()

    def _write(self, group: Sequence[_Wait]) -> None:
        taken = [wait.before for wait in group if wait.before is not None]
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            kept = commit_points.accept(conn, taken, now=now)
            if kept:
                breaker.close(conn, self._way)
            allowed = frozenset() if installation.paused_since(conn) else self._commit(conn, group, now)
        for wait in group:
            wait.kept = wait.before is not None and wait.before.claim.id in kept
            wait.allowed = allowed.intersection(one.claim.id for one in wait.hand)

    def _commit(self, conn: Connection, group: Sequence[_Wait], now: datetime) -> frozenset[int]:
        claims = [one.claim for wait in group for one in wait.hand]
        allowed = commit_points.commit(
            conn, claims, provider=self._provider, test_mode=not self._live, now=now
        )
        if self._can_be_asked:
            for wait in group:
                _keep_what_is_asked_about(conn, [one for one in wait.hand if one.claim.id in allowed])
        return allowed


def _keep_what_is_asked_about(conn: Connection, hand: Sequence[InHand]) -> None:
    """Keep what a later question about lost replies needs: the key of the call and each mail's hash."""
    if hand:
        going = sorted(hand, key=lambda one: one.claim.id)
        doubts.keep_chunk(conn, [one.claim.id for one in going], call_key([one.message for one in going]))
        hashes = {one.claim.id: hashlib.sha256(one.message.data).hexdigest() for one in going}
        commit_points.keep_hashes(conn, hashes)
