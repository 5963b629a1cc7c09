"""Kills runs, at every failpoint or at random moments, lets them finish, and adds the verdicts up.

    publish a post → run, killed → run, killed → … → run to the end → the record against the ledger

One issue is one round; rounds follow each other on one installation, as they do in life.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from digest.chaos.stage import Stage
from digest.chaos.verdict import Case, Taken, Verdict, judge

_TRIES: Final = 8
"""How often a run that nobody kills may leave its issue unfinished before that counts as never."""

_START_S: Final = 60.0  # how long a run may take to its first mail before it counts as having none
_DEATHS_PER_ISSUE: Final = 8


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How the senders of a sweep work."""

    name: str
    pipelining: bool
    hold: bool


SCENARIOS: Final = (
    Scenario(name="resend, commands in one packet", pipelining=True, hold=False),
    Scenario(name="resend, commands one by one", pipelining=False, hold=False),
    Scenario(name="hold, commands in one packet", pipelining=True, hold=True),
)


@dataclass(kw_only=True)
class Round:
    """One issue, from the moment its post appears."""

    stage: Stage
    readers: set[str]
    hold: bool

    def __post_init__(self) -> None:
        self.name = self.stage.publish()
        self._before = len(self.stage.sink.taken())
        self._kills: set[int] = set()
        self._left: dict[str, int] = {}  # who left → how many mails had been taken by then

    def run(self, *, failpoint: str = "", kill_after: Callable[[int], float | None] | None = None) -> bool:
        """Run once; return whether it was killed: at a failpoint, or as ``kill_after`` says."""
        child = self.stage.start(failpoint=failpoint, hold=self.hold)
        if kill_after is not None:
            pause_s = kill_after(self.stage.runs)
            if pause_s is not None:
                time.sleep(pause_s)
                if child.poll() is None:
                    child.kill()
        killed = self.stage.ended(child)
        if killed:
            self._kills.add(self.stage.runs)
        return killed

    @property
    def kills(self) -> int:
        """Return how often its runs were killed."""
        return len(self._kills)

    @property
    def has_ended(self) -> bool:
        """Whether the issue says that it is done."""
        issue = self.stage.issue(self.name)
        return issue is not None and issue.state.value.startswith("done")

    def finish(self) -> bool:
        """Run as cron would until the issue has ended; return whether it has."""
        for _ in range(_TRIES):
            if self.has_ended:
                return True
            self.run()
        return self.has_ended

    def lose_a_reader(self, pick: Callable[[float, float], float]) -> None:
        """Let somebody leave who was not sent theirs, while no sender is alive."""
        served = {one.reader for one in self._taken()}
        waiting = sorted(self.readers - served - self._left.keys())
        if waiting:
            reader = waiting[int(pick(0, len(waiting) - 0.001))]
            self.stage.leave(reader)
            self._left[reader] = len(self.stage.sink.taken())

    def _taken(self) -> list[Taken]:
        return [one for one in self.stage.sink.taken(self._before) if one.reader in self.readers]

    def verdict(self) -> Verdict:
        """Return what became of it, and strike off whoever left."""
        issue = self.stage.issue(self.name)
        rows = self.stage.rows(issue.id) if issue else []
        frozen = {row.reader for row in rows}
        # Whoever left before the freeze is in no audience.
        early = self._left.keys() - frozen
        verdict = judge(
            Case(
                issue=self.name,
                ended=self.has_ended,
                expected=issue.expected if issue else None,
                readers=frozenset(self.readers - early),
                rows=rows,
                taken=self._taken(),
                left=self._left.keys(),
                after_leaving={
                    reader
                    for reader, then in self._left.items()
                    if any(one.reader == reader for one in self.stage.sink.taken(then))
                },
                kills=self._kills,
                connections=self.stage.connections,
                hold=self.hold,
            )
        )
        self.readers.difference_update(self._left)  # in place: the next round has the same set
        return verdict


def sweep(
    stage: Stage,
    readers: set[str],
    scenario: Scenario,
    advance: Callable[[int], None],
    stopping: Callable[[], bool],
) -> tuple[int, Verdict]:
    """Kill a run at its 1st, 2nd, … point until one lives to its end; return how many there were."""
    stage.sink.pipelining = scenario.pipelining
    total, point = Verdict(), 0
    while True:
        point += 1
        one = Round(stage=stage, readers=readers, hold=scenario.hold)
        killed = one.run(failpoint=f"any:{point}")
        if killed:
            one.finish()
        verdict = one.verdict()
        total += replace(verdict, broken=tuple(f"{what} at point {point}" for what in verdict.broken))
        if not killed:
            return point - 1, total
        advance(1)
        if stopping():
            return point, total


def at_random(
    stage: Stage,
    readers: set[str],
    *,
    kills: int,
    hold: bool,
    between: Callable[[float, float], float],
    advance: Callable[[int], None],
    stopping: Callable[[], bool],
) -> Verdict:
    """Kill runs at random moments, ``kills`` of them or until told to stop, on as many issues as it takes."""
    stage.sink.pipelining = True
    moment = _Moment(stage, between, per_death=max(1, len(readers) // _DEATHS_PER_ISSUE))
    total = Verdict()
    while total.kills < kills and not stopping():
        one = Round(stage=stage, readers=readers, hold=hold)
        while total.kills + one.kills < kills and not one.has_ended and not stopping():
            if one.run(kill_after=moment):
                advance(1)
                if len(one.readers) > len(readers) // 2 and between(0, 10) < 1:
                    one.lose_a_reader(between)
        one.finish()
        total += one.verdict()
    return total


class _Moment:
    """Chooses when a run dies: mostly while it sends, every fifth time wherever it is since its start."""

    def __init__(self, stage: Stage, between: Callable[[float, float], float], *, per_death: int) -> None:
        self._stage, self._between, self._per_death = stage, between, per_death
        self._mail_s = 0.02  # seconds a mail takes, as seen so far
        self._seen = (0.0, 0)

    def __call__(self, run: int) -> float | None:
        """Wait until the run has sent one mail, and return how much longer it has; None: it sends none."""
        if run % 5 == 0:
            return self._between(0, 1.5 * self._usual_start_s())
        if not self._stage.sink.wait_for_first(run, _START_S):
            return None
        self._learn()
        return self._between(0, 2 * self._per_death * self._mail_s)

    def _usual_start_s(self) -> float:
        starts = list(self._stage.sink.first_after_s.values())[-20:]
        return sum(starts) / len(starts) if starts else 1.0

    def _learn(self) -> None:
        """Measure the pace, so that each death costs an issue about as many mails."""
        now, count = time.monotonic(), len(self._stage.sink.taken())
        then, before = self._seen
        starts = self._usual_start_s()
        if then and count - before > 1 and now - then > starts:
            self._mail_s = min(0.2, max(0.001, (now - then - starts) / (count - before)))
        self._seen = (now, count)
