"""Lanes at work in one delivery run: what may be claimed, what is heard of each, and the waits between.

    claim: every lane that is open and has no pace → then each lane that has one, as far as its pace allows
    heard: three refusals for now in a row → the lane is closed and slowed, for every process → others go on

A mail that waits for its lane is not claimed, so it stands in nobody's way. Paces are this process's own:
several of them share none. Neighbours: ``delivery.lanes`` decides, ``store.claims`` takes, ``sender`` calls
this.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from digest.delivery import lanes as rules
from digest.delivery import warm_up
from digest.delivery.lanes import Slowed
from digest.model import Outcome, OutcomeKind
from digest.pipeline.tools import Tools
from digest.store import claims
from digest.store import lanes as stored
from digest.store.claims import Claim

log = structlog.get_logger()

STAY_MAX_S: Final = 600.0
"""How long a run waits for the paces of its lanes: then feeds are polled, and the next one goes on."""

_LOOK_S: Final = 0.5  # between two looks at whether we are asked to stop
_SPREAD_S: Final = 6.0  # a pace is kept over so many seconds: less would mean a claim for each mail


class Lanes:
    """Shared by the senders of one run. Every method may be called from any thread.

    ``live`` False, test mode: all mail goes to the operator, and no lane means anything.
    """

    def __init__(
        self,
        tools: Tools,
        *,
        live: bool,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tools = tools
        self._live = live
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._began = monotonic()
        self._budgets: dict[str, _Budget] = {}
        self._busy: dict[str, set[str]] = defaultdict(set)  # lane → the senders with mail of it
        self._hungry: set[str] = set()  # lanes with a pace, and perhaps more mail
        self._closed: dict[str, Slowed] = {}  # closed in this run
        self._refusals: Counter[str] = Counter()  # in a row
        self._taken: dict[str, tuple[float, int]] = {}  # since when, how many
        self._told = False  # that the warm-up's bound is reached

    # --- Claiming ---

    def claim(
        self,
        conn: Connection,
        *,
        owner: str,
        limit: int,
        now: datetime,
        only: int | None = None,
        doubtless: bool = False,
    ) -> list[Claim]:
        """Take deliveries that may go now, as ``claims.claim`` does."""
        how: dict[str, Any] = {"owner": owner, "now": now, "doubtless": doubtless}
        if only is not None or not self._live:
            return claims.claim(conn, limit=limit, only=only, **how)
        at_most = self._left_today(conn, now) if self._tools.warm_up else None
        slow = stored.slowed(conn)
        paced = self._paced(slow, now)
        closed = frozenset(lane for lane, one in slow.items() if one.is_closed(now))
        with self._lock:
            # The day's bound does not rise by waiting.
            self._hungry -= self._hungry if at_most == 0 else closed
        taken: list[Claim] = []
        # First, as they are the bounded ones; half of the room stays for notices and all other lanes.
        for lane in paced.keys() - closed:
            room = limit // 2 - len(taken)
            room = room if at_most is None else min(room, at_most - len(taken))
            taken += self._claim_paced(conn, lane, pace=paced[lane], room=room, how=how)
        how["issues_at_most"] = None if at_most is None else at_most - len(taken)
        without = closed.union(paced)
        return taken + claims.claim(conn, limit=limit - len(taken), without=without, **how)

    def _claim_paced(
        self, conn: Connection, lane: str, *, pace: int | None, room: int, how: dict[str, Any]
    ) -> list[Claim]:
        """Take mail of one lane, as much as its pace and its connections allow."""
        allowed = self._allowed(lane, pace, how["owner"], room)
        if room <= 0:  # not for want of patience: a wait would bring nothing
            return []
        taken = claims.claim(conn, limit=allowed, lane=lane, **how) if allowed > 0 else []
        with self._lock:
            if allowed > 0 and len(taken) < allowed:
                self._hungry.discard(lane)
            else:
                self._hungry.add(lane)
            if allowed > 0:
                self._budgets[lane].give_back(allowed - len(taken))
            if taken:
                self._busy[lane].add(how["owner"])
        return taken

    def _allowed(self, lane: str, pace: int | None, owner: str, room: int) -> int:
        """Return how many mails of a lane a sender may take now, and count them as taken."""
        at_once = self._tools.lanes.at_once.get(lane)
        with self._lock:
            self._busy[lane].discard(owner)  # it comes back, so it is done with what it had
            if at_once is not None and len(self._busy[lane]) >= at_once:
                return 0
            budget = self._budgets.setdefault(lane, _Budget(self._monotonic()))
            return budget.take(room, pace, self._monotonic())

    def _paced(self, slow: dict[str, Slowed], now: datetime) -> dict[str, int | None]:
        """Return the lanes that are claimed one by one, each with its mails a minute."""
        limits = self._tools.lanes
        named = {*limits.per_minute, *limits.at_once, *slow}
        paces = {lane: rules.pace_of(lane, slow.get(lane), limits, now) for lane in sorted(named)}
        return {lane: pace for lane, pace in paces.items() if pace is not None or lane in limits.at_once}

    def _left_today(self, conn: Connection, now: datetime) -> int | None:
        """Return how many issue mails the warm-up allows still; None where it is over."""
        today = warm_up.today(stored.warm_up_for_claim(conn, now), now)
        if today is None:
            return None
        left = max(0, today.at_most - stored.sent_since(conn, today.since))
        if not left and not self._told:
            self._told = True
            log.info("warm_up.reached", day=today.day, at_most=today.at_most, until=today.until.isoformat())
        return left

    # --- Between two claims ---

    def wait(self) -> bool:
        """Wait for the paces of lanes that may have more mail; return whether to claim again."""
        with self._lock:
            hungry = self._hungry - self._shut()
            now = self._monotonic()
            soonest = min((self._budgets[lane].next_in(now) for lane in hungry), default=0.0)
        if not hungry or now - self._began > STAY_MAX_S:
            return False
        end = now + max(soonest, _LOOK_S)
        while not self._tools.stopping() and self._monotonic() < end:
            self._sleep(_LOOK_S)
        return not self._tools.stopping()

    def parted(self, waiting: list[Claim]) -> tuple[list[Claim], list[Claim]]:
        """Return the claims whose lane is still open, and those whose lane was closed meanwhile."""
        if not self._closed:  # nearly always
            return waiting, []
        shut = self._shut()
        return (
            [claim for claim in waiting if claim.lane not in shut],
            [claim for claim in waiting if claim.lane in shut],
        )

    def _shut(self) -> set[str]:
        """Return the lanes that were closed in this run and are closed still."""
        now = self._tools.clock()
        return {lane for lane, slow in list(self._closed.items()) if slow.is_closed(now)}

    # --- What is heard ---

    def heard(self, claim: Claim, outcome: Outcome) -> None:
        """Count one outcome, outside of any transaction; close and slow the lane where it makes a burst."""
        lane = claim.lane
        if not (self._live and lane):
            return
        with self._lock:
            if outcome.kind is OutcomeKind.ACCEPTED:
                self._refusals.pop(lane, None)
                since, count = self._taken.get(lane, (self._monotonic(), 0))
                self._taken[lane] = since, count + 1
                return
            if not rules.counts(outcome.kind, outcome.code):
                return
            self._refusals[lane] += 1
            if self._refusals[lane] < rules.BURST or lane in self._shut():
                return
            self._refusals.pop(lane)
        self._slow(lane, f"{outcome.code} {outcome.detail}".strip())

    def _slow(self, lane: str, why: str) -> None:
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            known = stored.slowed_to_change(conn)
            slow = rules.slowed(known.get(lane), why, now, pace=self._pace_so_far(lane))
            stored.keep_slowed(conn, known | {lane: slow}, now)
        with self._lock:
            self._closed[lane] = slow
        log.warning(
            "lane.slowed",
            lane=lane,
            until=slow.until.isoformat(),
            per_minute=slow.per_minute(now),
            reason=why,
        )

    def _pace_so_far(self, lane: str) -> int:
        """Return what the lane was allowed, or else how many mails a minute it took in this run."""
        allowed = self._tools.lanes.per_minute.get(lane)
        with self._lock:
            since, count = self._taken.get(lane, (self._monotonic(), 0))
        minutes = max(1.0, (self._monotonic() - since) / 60)
        return allowed or max(round(count / minutes), 2 * rules.SLOWEST)


class _Budget:
    """How many mails of a lane may go now: it fills by the pace, up to what goes in some seconds."""

    def __init__(self, now: float) -> None:
        self._at = now
        self._mails = 1.0
        self._a_second = 0.0  # mails; 0 where there is no pace

    def take(self, wanted: int, pace: int | None, now: float) -> int:
        """Return how many of the wanted mails may go, and count them as gone."""
        self._a_second = (pace or 0) / 60
        if pace is None:
            return max(0, wanted)
        full = max(1.0, _SPREAD_S * self._a_second)
        self._mails = min(full, self._mails + (now - self._at) * self._a_second)
        self._at = now
        granted = max(0, min(wanted, int(self._mails)))
        self._mails -= granted
        return granted

    def next_in(self, now: float) -> float:
        """Return in how many seconds the next mail may go; 0 where that does not hang on the pace."""
        if not self._a_second:
            return 0.0
        return max(0.0, (1 - self._mails) / self._a_second - (now - self._at))

    def give_back(self, mails: int) -> None:
        """Count mails as not gone after all."""
        self._mails += mails
