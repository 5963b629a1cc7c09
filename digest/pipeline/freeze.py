"""The freeze: an approved issue's audience, written down once and for all.

    APPROVED → FREEZING → a page of readers, their share, deliveries and progress (one transaction each)
             → … until nobody is left → SENDING, with `expected` = rows | EMPTY

Resumable: after a crash it goes on behind the last page. Nothing is sent before the last page is written.
Who gets what is ``delivery.plan``'s to say.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.delivery import plan
from digest.delivery.issue_states import IssueState
from digest.editorial import content
from digest.pipeline.tools import Tools
from digest.store import deliveries, installation, issues, notices, posts, progress
from subscribers import store as people
from subscribers.model import Subscriber

log = structlog.get_logger()

PAGE = 500
"""Readers per transaction: short enough that sign-ups and unsubscribes never wait."""


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What one freeze wrote down."""

    name: str
    expected: int


@dataclass(frozen=True, kw_only=True)
class Freezing:
    """What one run of ``freeze`` did."""

    frozen: tuple[Frozen, ...] = ()
    refused: str = ""  # why approved issues have to wait


def freeze(tools: Tools, now: datetime, *, rehearsing: bool = False) -> Freezing:
    """Freeze every approved issue, and finish freezes that were interrupted.

    Refused in live mode while our public pages do not answer: every issue carries an unsubscribe link, and
    a link that leads nowhere is a complaint.
    """
    with tools.db.read() as conn:
        waiting = issues.in_states(conn, {IssueState.APPROVED, IssueState.FREEZING})
        live = installation.is_live(conn)
    if waiting and live and not rehearsing:
        silence = tools.reachable()
        if silence:
            return Freezing(refused=_tell_unreachable(tools, silence, now))
    frozen = (_freeze_one(tools, issue, now) for issue in waiting)
    return Freezing(frozen=tuple(one for one in frozen if one is not None))


def _tell_unreachable(tools: Tools, silence: str, now: datetime) -> str:
    """Tell the operator, once a day, why approved issues wait; return it in one line."""
    log.warning("freeze.refused", reason=silence)
    with tools.db.transaction() as conn:
        notices.alert(
            conn,
            nonce=f"unreachable-{now.date().isoformat()}",
            problem="Approved issues wait: the public pages do not answer, so readers could not unsubscribe.",
            detail=silence,
            what_to_do="Start `digest web` (or `digest serve`), or correct publication.public_url.",
            now=now,
        )
    return (
        f"approved issues wait, because the public pages do not answer ({silence.rstrip('.')}). "
        "Start `digest web` (or `digest serve`), or correct publication.public_url"
    )


def _freeze_one(tools: Tools, issue: issues.StoredIssue, now: datetime) -> Frozen | None:
    with tools.db.transaction() as conn:
        stored = issues.content(conn, issue.id)
        assert stored is not None, "an approved issue has content"
        whole = content.from_json(stored)
        if issue.state is IssueState.APPROVED:
            found = content.content_hash(whole, templates_hash=tools.templates_hash)
            if found != issue.approved_hash:
                # Another template set or renderer than the one that was approved: approve anew.
                issues.move(conn, issue.id, IssueState.DRAFT, reason="changed since it was approved")
                log.warning("issue.changed", issue=issue.name)
                return None
            issues.move(conn, issue.id, IssueState.FREEZING)
        themes = posts.mailable_themes(conn, cutoff=issue.cutoff)
    audience = _Audience(
        issue=issue,
        themes=themes,
        content=frozenset(item.number for item in whole.items),
        language=tools.publication.language,
    )
    while audience.freeze_page(tools, now):
        pass
    return _finish(tools, issue, now)


@dataclass(frozen=True, kw_only=True)
class _Audience:
    """One issue's readers, page by page."""

    issue: issues.StoredIssue
    themes: dict[int, str]
    content: frozenset[int]
    language: str

    def freeze_page(self, tools: Tools, now: datetime) -> bool:
        """Write down the next page; return whether there was one."""
        cadence = self.issue.kind.cadence
        assert cadence is not None, "a test has a named audience and is never frozen"
        with tools.db.transaction() as conn:
            after = issues.by_id(conn, self.issue.id).frozen_up_to
            page = people.audience_page(conn, cadence, after, PAGE, now)
            if not page:
                return False
            self._write(conn, page, plan.deadline(cadence, now), now)
            issues.set_frozen_up_to(conn, self.issue.id, page[-1].id)
        return True

    def _write(self, conn: Connection, page: list[Subscriber], deadline: datetime, now: datetime) -> None:
        ids = [reader.id for reader in page]
        had, owed = progress.had_through(conn, ids), progress.owed_numbers(conn, ids)
        marks: dict[int, int] = {}
        rows: list[dict[str, object]] = []
        segments: dict[tuple[tuple[int, ...], str], int] = {}
        for reader in page:
            share = plan.share(
                plan.Reader(
                    had_through=had.get(reader.id, 0),
                    owed=owed.get(reader.id, frozenset()),
                    themes=reader.preferences.themes,
                ),
                cutoff=self.issue.cutoff,
                themes=self.themes,
                content=self.content,
            )
            marks[reader.id] = share.had_through
            if share.paid:
                progress.pay(conn, reader.id, share.paid)
            if share.newly_owed:
                progress.owe(conn, reader.id, share.newly_owed)
            if share.numbers:
                alike = share.numbers, reader.preferences.language or self.language
                if alike not in segments:
                    segments[alike] = segment(conn, self.issue.id, *alike)
                rows.append(
                    {
                        "issue_id": self.issue.id,
                        "segment_id": segments[alike],
                        "subscriber_id": reader.id,
                        "lane": "issue",
                        "deadline": deadline,
                    }
                )
        deliveries.add(conn, rows, now=now)
        progress.advance(conn, marks)


def segment(conn: Connection, issue_id: int, numbers: tuple[int, ...], language: str) -> int:
    """Return the segment of readers who get exactly these posts in this language."""
    key = hashlib.sha256(json.dumps([list(numbers), language]).encode()).hexdigest()
    return issues.segment_id(conn, issue_id, key=key, numbers=numbers, language=language)


_NOBODY = "none of its readers had anything coming"


def _finish(tools: Tools, issue: issues.StoredIssue, now: datetime) -> Frozen:
    """Write the size of the audience; from here on the issue is sent, and only to it.

    An issue that nobody gets ends here: what is new is not what its readers want.
    """
    with tools.db.transaction() as conn:
        expected = sum(deliveries.counts(conn, issue.id).values())
        sizes = {"frozen_at": now, "expected": expected}
        if expected:
            issues.move(conn, issue.id, IssueState.SENDING, **sizes)
        else:
            issues.move(conn, issue.id, IssueState.EMPTY, reason=_NOBODY, ended_at=now, **sizes)
    log.info("issue.frozen", issue=issue.name, expected=expected)
    return Frozen(name=issue.name, expected=expected)
