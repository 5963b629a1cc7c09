"""What a report says of one recipient, whichever shape it came in."""

from __future__ import annotations

from dataclasses import dataclass, field

from digest.delivery.events import EventKind


@dataclass(frozen=True, kw_only=True)
class Report:
    """One recipient's line of a report."""

    kind: EventKind
    address: str = field(default="", repr=False)  # as the report names it; empty where it does not
    code: str = ""  # enhanced status
    detail: str = ""  # the words, shortened, without addresses
