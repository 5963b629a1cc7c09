"""What became of an issue, by the mail server's record and by our ledger: do the promises hold?

Pure. P1: nobody is skipped silently. P2: at most one copy too many for each mail in hand at a death, and each
is flagged. P3: with ``on_uncertain = "hold"`` none. P4: whoever left is sent nothing more. Neighbours:
``sink`` keeps the record, ``stage`` reads the ledger, ``drive`` adds verdicts up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from digest.delivery.states import FINAL, DeliveryState


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A mail the server took responsibility for."""

    reader: str
    run: int  # the number of the sender that brought it


@dataclass(frozen=True, kw_only=True)
class Row:
    """One delivery as our ledger has it in the end."""

    reader: str
    state: DeliveryState
    flagged: bool  # it says that it may have arrived twice


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything that is known of one issue."""

    issue: str
    ended: bool  # the issue says that it is done
    expected: int | None  # the size of the audience it says it was frozen for
    readers: frozenset[str]  # who should be in it
    rows: Sequence[Row]
    taken: Sequence[Taken]
    left: Collection[str] = ()  # who left while no sender was alive, not having been sent theirs
    after_leaving: Collection[str] = ()  # who was sent one all the same
    kills: Collection[int] = ()  # runs that were killed
    connections: int = 1  # W: mails in hand at most
    hold: bool = False  # on_uncertain = "hold"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The counts, and every promise that was broken."""

    deliveries: int = 0
    kills: int = 0
    lost: int = 0
    duplicated: int = 0  # readers who were sent two
    flagged: int = 0  # deliveries that say they may have arrived twice
    unflagged: int = 0  # readers who were sent two, of whom the ledger does not say so
    held: int = 0  # deliveries that wait for a person
    worst_per_kill: int = 0  # readers sent two because of one and the same death
    left: int = 0
    mailed_after_leaving: int = 0
    broken: tuple[str, ...] = field(default=())  # "P1: …", one for each promise and issue

    def __add__(self, other: Verdict) -> Verdict:
        """Return both together."""
        return Verdict(
            deliveries=self.deliveries + other.deliveries,
            kills=self.kills + other.kills,
            lost=self.lost + other.lost,
            duplicated=self.duplicated + other.duplicated,
            flagged=self.flagged + other.flagged,
            unflagged=self.unflagged + other.unflagged,
            held=self.held + other.held,
            worst_per_kill=max(self.worst_per_kill, other.worst_per_kill),
            left=self.left + other.left,
            mailed_after_leaving=self.mailed_after_leaving + other.mailed_after_leaving,
            broken=self.broken + other.broken,
        )


def judge(case: Case) -> Verdict:
    """Return the verdict on one issue."""
    copies = Counter(one.reader for one in case.taken)
    rows = {row.reader: row for row in case.rows}
    doubled = {reader for reader, count in copies.items() if count > 1}
    flagged = {row.reader for row in case.rows if row.flagged}
    # A held delivery is nobody's loss: the ledger names it, and a person decides.
    asked_for = {row.reader for row in case.rows if row.state is not DeliveryState.HELD} - set(case.left)
    counts = Verdict(
        deliveries=len(case.taken),
        kills=len(case.kills),
        lost=sum(not copies[reader] for reader in asked_for) + len(case.readers - rows.keys()),
        duplicated=len(doubled),
        flagged=len(flagged),
        unflagged=len(doubled - flagged),
        held=sum(row.state is DeliveryState.HELD for row in case.rows),
        worst_per_kill=max(_by_death(case.taken).values(), default=0),
        left=len(case.left),
        mailed_after_leaving=len(case.after_leaving),
    )
    broken = [*_broken(case, counts, max(copies.values(), default=0))]
    return counts + Verdict(broken=tuple(f"{promise} ({case.issue})" for promise in broken))


def _by_death(taken: Sequence[Taken]) -> Counter[int]:
    """Return, for each run, how many readers were sent one by it and another by a later one."""
    first: dict[str, int] = {}
    blamed: Counter[int] = Counter()
    for one in taken:
        if one.reader in first:
            blamed[first[one.reader]] += 1
        first.setdefault(one.reader, one.run)
    return blamed


def _broken(case: Case, counts: Verdict, most: int) -> list[str]:
    """Return every promise this issue broke, with how."""
    settled = sum(row.state in FINAL or row.state is DeliveryState.HELD for row in case.rows)
    checks = {
        "P1: it did not come to its end": not case.ended,
        f"P1: {counts.lost} readers were skipped": counts.lost > 0,
        f"P1: its {len(case.rows)} deliveries, {settled} of them settled, are not the {case.expected} it "
        "was frozen for": not len(case.rows) == settled == case.expected,
        f"P2: {counts.unflagged} readers were sent two and the ledger does not say so": counts.unflagged > 0,
        f"P2: one death cost {counts.worst_per_kill} second copies, with {case.connections} connections": (
            counts.worst_per_kill > case.connections
        ),
        f"P2: a reader was sent {most} copies": most > 2,
        f"P3: {counts.duplicated} readers were sent two, though doubt is to be held": (
            case.hold and counts.duplicated > 0
        ),
        f"P4: {counts.mailed_after_leaving} readers were mailed after they had left": (
            counts.mailed_after_leaving > 0
        ),
    }
    return [what for what, is_broken in checks.items() if is_broken]
