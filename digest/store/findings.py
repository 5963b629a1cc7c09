"""What the gate found in an issue, and what an operator accepted of it: kept with the issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from digest.store.tables import issue


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The findings of one issue, as JSON has them."""

    findings: tuple[Mapping[str, Any], ...] = ()  # each with its "key", "rule" and "severity"
    accepted: tuple[Mapping[str, Any], ...] = ()  # each with "because", "at", "rules" and "keys"

    @property
    def accepted_keys(self) -> frozenset[str]:
        """What no longer keeps the issue from being sent."""
        return frozenset(key for one in self.accepted for key in one["keys"])


def of_issue(conn: Connection, issue_id: int) -> Kept:
    """Return what is kept of an issue; nothing where the gate has not looked at it."""
    row = conn.execute(select(issue.c.findings, issue.c.accepted).where(issue.c.id == issue_id)).one()
    return Kept(findings=tuple(row.findings or ()), accepted=tuple(row.accepted or ()))


def keep(conn: Connection, issue_id: int, found: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found in an issue's rendering, instead of what was found before."""
    conn.execute(update(issue).where(issue.c.id == issue_id).values(findings=list(found)))


def add(conn: Connection, issue_id: int, found: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found in one more rendering of the issue, each thing once."""
    known = of_issue(conn, issue_id).findings
    keys = {one["key"] for one in known}
    new = [one for one in found if one["key"] not in keys]
    if new:
        keep(conn, issue_id, [*known, *new])


def accept(conn: Connection, issue_id: int, acceptance: Mapping[str, Any]) -> None:
    """Record that an operator accepts findings, and why; earlier acceptances stay."""
    kept = of_issue(conn, issue_id).accepted
    conn.execute(update(issue).where(issue.c.id == issue_id).values(accepted=[*kept, dict(acceptance)]))
