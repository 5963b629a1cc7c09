"""``digest chaos``: sets the stage, kills what was asked for, and returns the figures."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from digest.chaos.drive import SCENARIOS, at_random, sweep
from digest.chaos.stage import Stage
from digest.chaos.verdict import Verdict

SWEPT_READERS: Final = 6
"""Readers of a sweep: connections send more than one mail, and yet every point can be visited."""

Advance = Callable[[int], None]
Progress = Callable[[str, int], AbstractContextManager[Advance]]
"""Opens a progress line: what is done, and how many kills are coming; 0 where nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What to do."""

    kills: int  # at random moments
    readers: int
    connections: int
    database: str = ""  # empty: a SQLite file of its own
    hold: bool = False
    every_failpoint: bool = False


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One scenario of a sweep."""

    scenario: str
    points: int
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was found."""

    system: str  # of the database
    connections: int
    on_uncertain: str  # of the random kills; each sweep names its own
    swept: tuple[Swept, ...]
    random: Verdict
    first_mail_s: float  # the median time from a start to its first mail
    first_mail_worst_s: float
    said: str  # what runs said on stderr that was no expected word; empty when nothing

    @property
    def total(self) -> Verdict:
        """Return all verdicts together."""
        return sum((one.verdict for one in self.swept), self.random)


def run(
    wishes: Wishes, between: Callable[[float, float], float], progress: Progress, stopping: Callable[[], bool]
) -> Figures:
    """Do it all, or until told to stop: the figures are of what was done by then."""
    with Stage(database=wishes.database, connections=wishes.connections, between=between) as stage:
        swept: list[Swept] = []
        readers: set[str] = set()
        if wishes.every_failpoint:
            readers = _join(stage, readers, SWEPT_READERS)
            for scenario in SCENARIOS:
                if stopping():
                    break
                with progress(scenario.name, 0) as advance:
                    points, verdict = sweep(stage, readers, scenario, advance, stopping)
                swept.append(Swept(scenario=scenario.name, points=points, verdict=verdict))
        random = Verdict()
        if wishes.kills:
            readers = _join(stage, readers, wishes.readers)
            with progress("killed at random", wishes.kills) as advance:
                random = at_random(
                    stage,
                    readers,
                    kills=wishes.kills,
                    hold=wishes.hold,
                    between=between,
                    advance=advance,
                    stopping=stopping,
                )
        starts = sorted(stage.sink.first_after_s.values())
        return Figures(
            system=_system(stage),
            connections=wishes.connections,
            on_uncertain="hold" if wishes.hold else "resend",
            swept=tuple(swept),
            random=random,
            first_mail_s=starts[len(starts) // 2] if starts else 0.0,
            first_mail_worst_s=starts[-1] if starts else 0.0,
            said=_unexpected(stage.errors()),
        )


def _join(stage: Stage, readers: set[str], count: int) -> set[str]:
    """Bring the readers up to so many; nobody comes back who has left."""
    new = [f"reader{number:06d}@example.org" for number in range(len(readers) + 1, count + 1)]
    stage.join(new)
    return readers | set(new)


def _unexpected(said: str) -> str:
    """Return the lines that are more than a later run finding an earlier one not quite gone."""
    return "\n".join(line for line in said.splitlines() if "Another `digest run` is at work" not in line)


def _system(stage: Stage) -> str:
    with stage.app.database.read() as conn:
        version = ".".join(map(str, conn.dialect.server_version_info or ()))
    return f"{stage.app.database.dialect} {version}, Python {sys.version.split()[0]}"
