"""The life of an issue, as a table.

    DRAFT → BLOCKED | EMPTY | SUPERSEDED | APPROVED → FREEZING → SENDING ⇄ STOPPED
                                                                    → DONE | DONE_WITH_HOLDS | CANCELLED

Pure. ``pipeline.compose`` makes drafts, ``pipeline.freeze`` and ``pipeline.deliver`` carry them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from digest.delivery.states import FINAL, DeliveryState


class IssueState(StrEnum):
    """Where one issue stands."""

    DRAFT = "draft"  # assembled, not approved
    BLOCKED = "blocked"  # cannot be rendered or fails the gate; the reason is kept, nothing was sent
    EMPTY = "empty"  # nothing new, or nobody to send to: final, and the reason is kept
    SUPERSEDED = "superseded"  # a newer draft took its posts over: final
    APPROVED = "approved"  # its content hash is fixed; sending refuses another
    FREEZING = "freezing"  # the audience is being written down, resumable
    SENDING = "sending"  # every delivery exists; some are not final
    STOPPED = "stopped"  # an operator stopped it; may go on
    DONE = "done"  # every delivery is final and the counts add up
    DONE_WITH_HOLDS = "done_with_holds"  # as DONE, but some deliveries wait for a person
    CANCELLED = "cancelled"  # stopped for good


ENDED = frozenset({IssueState.EMPTY, IssueState.SUPERSEDED, IssueState.DONE, IssueState.CANCELLED})

ALLOWED: Mapping[IssueState, frozenset[IssueState]] = {
    IssueState.DRAFT: frozenset(
        {IssueState.BLOCKED, IssueState.EMPTY, IssueState.SUPERSEDED, IssueState.APPROVED}
    ),
    # The mend was made (a template, a setting): the draft is made anew.
    IssueState.BLOCKED: frozenset({IssueState.DRAFT, IssueState.SUPERSEDED, IssueState.EMPTY}),
    # Back to a draft when its content hash changes.
    IssueState.APPROVED: frozenset({IssueState.DRAFT, IssueState.FREEZING, IssueState.CANCELLED}),
    # Empty when the freeze finds that nobody gets anything: the archive lists only what was sent.
    IssueState.FREEZING: frozenset({IssueState.SENDING, IssueState.EMPTY, IssueState.CANCELLED}),
    IssueState.SENDING: frozenset(
        {IssueState.STOPPED, IssueState.DONE, IssueState.DONE_WITH_HOLDS, IssueState.CANCELLED}
    ),
    IssueState.STOPPED: frozenset({IssueState.SENDING, IssueState.CANCELLED}),
    # A person decided on the last held delivery, or asked for one to be sent again.
    IssueState.DONE_WITH_HOLDS: frozenset({IssueState.DONE, IssueState.SENDING}),
    IssueState.EMPTY: frozenset(),
    IssueState.SUPERSEDED: frozenset(),
    IssueState.DONE: frozenset(),
    IssueState.CANCELLED: frozenset(),
}


def settled(counts: Mapping[DeliveryState, int], expected: int) -> IssueState:
    """Return SENDING, DONE or DONE_WITH_HOLDS for a frozen issue with these deliveries (promise P1).

    ``expected`` is the audience written down at the freeze: an issue is never done while the rows do
    not add up to it.
    """
    final = sum(counts.get(state, 0) for state in FINAL)
    held = counts.get(DeliveryState.HELD, 0)
    if final + held < expected:
        return IssueState.SENDING
    return IssueState.DONE_WITH_HOLDS if held else IssueState.DONE
