"""The account of an issue: every reader it was frozen for, in exactly one place (promise P1)."""

from __future__ import annotations

from dataclasses import dataclass

from digest.delivery.states import FINAL, DeliveryState
from digest.pipeline.status import NotableDelivery
from digest.pipeline.tools import Tools
from digest.store import deliveries, held, issues

_SHOWN = frozenset({DeliveryState.HELD, DeliveryState.UNCERTAIN})


@dataclass(frozen=True, kw_only=True)
class IssueReport:
    """What became of every reader of one issue."""

    issue: str
    state: str
    expected: int | None  # readers it was frozen for; None before the freeze is complete
    counts: dict[str, int]  # by state; those nobody is in are left out
    counted: int  # all of them together
    final: int  # nothing more will happen to these
    flagged: int  # may have arrived twice
    held: int  # wait for a person
    uncertain: int  # may or may not have arrived; the next run decides or asks
    on_their_way: int  # queued or in a sender's hands
    notable: tuple[NotableDelivery, ...]  # held, uncertain or flagged; at most 1000

    @property
    def adds_up(self) -> bool:
        """Whether every reader of the frozen audience has exactly one delivery."""
        return self.expected is None or self.counted == self.expected


def report(tools: Tools, name: str) -> IssueReport:
    """Return the account of an issue; raise UnknownName."""
    with tools.db.read() as conn:
        issue = issues.by_name(conn, name)
        counts = deliveries.counts(conn, issue.id)
        flagged = deliveries.flagged(conn, issue.id)
        notable = held.notable(conn, issue.id, _SHOWN)
    counted = sum(counts.values())
    final = sum(counts.get(state, 0) for state in FINAL)
    waiting, uncertain = (counts.get(state, 0) for state in (DeliveryState.HELD, DeliveryState.UNCERTAIN))
    return IssueReport(
        issue=issue.name,
        state=issue.state.value,
        expected=issue.expected,
        counts={state.value: count for state, count in sorted(counts.items())},
        counted=counted,
        final=final,
        flagged=flagged,
        held=waiting,
        uncertain=uncertain,
        on_their_way=counted - final - waiting - uncertain,
        notable=tuple(NotableDelivery(**row._mapping) for row in notable),
    )
