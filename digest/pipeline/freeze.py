"""The freeze: an approved issue's audience, written down once and for all.

    APPROVED → FREEZING → a page of readers, their share, deliveries and progress (one transaction each)
             → … until nobody is left → every segment rendered → SENDING, with `expected` = rows | EMPTY

Resumable: after a crash it goes on behind the last page. Nothing is sent before the last segment is rendered:
an issue that one group of readers cannot get stays FREEZING, with its reason, and goes to nobody until the
template is mended or the issue cancelled, as does one that the gate refuses. From SENDING on a changed
template changes nothing.
Who gets what is ``delivery.plan``'s to say.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import structlog
from sqlalchemy import Connection

from digest.delivery import pages, plan
from digest.delivery.issue_states import IssueState
from digest.delivery.lanes import lane_of
from digest.editorial import content
from digest.editorial.themes import present
from digest.errors import GateRefused, PermanentError
from digest.model import Content
from digest.pipeline import gate
from digest.pipeline.drafting import hash_of
from digest.pipeline.renderings import render_segments
from digest.pipeline.tools import Tools
from digest.store import deliveries, installation, issues, notices, posts, progress, themes
from subscribers import store as people
from subscribers.model import Subscriber

log = structlog.get_logger()


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
    stuck: tuple[str, ...] = ()  # why issues stay FREEZING: they cannot be rendered


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
    ends = [_freeze_one(tools, issue, now) for issue in waiting]
    return Freezing(
        frozen=tuple(end for end in ends if isinstance(end, Frozen)),
        stuck=tuple(end for end in ends if isinstance(end, str)),
    )


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


def _freeze_one(tools: Tools, issue: issues.StoredIssue, now: datetime) -> Frozen | str | None:
    """Freeze one issue; return why where it cannot be rendered, None where it waits for the next run."""
    whole = _begun(tools, issue, now)
    if whole is None:
        return None
    audience = _Audience(
        issue=issue,
        content=frozenset(item.number for item in whole.items),
        speaking=cache(lambda language: tools.speaking(language).language),
    )
    size = pages.FIRST
    began = time.monotonic()
    while audience.freeze_page(tools, size, now):
        ended = time.monotonic()
        size, began = pages.next_size(size, ended - began), ended
        if tools.stopping():
            return None
    try:
        complete = render_segments(tools, issue.id, whole, now)
    except PermanentError as fault:
        return _tell_stuck(tools, issue, fault, now)
    return _finish(tools, issue, now) if complete else None


def _begun(tools: Tools, issue: issues.StoredIssue, now: datetime) -> Content | None:
    """Return the content of an issue that may be frozen as things stand; None where it is made anew first."""
    with tools.db.transaction() as conn:
        stored = issues.content(conn, issue.id)
        assert stored is not None, "an approved issue has content"
        whole = content.from_json(stored)
        found = hash_of(whole, tools)
        if found == issue.approved_hash:
            if issue.state is IssueState.APPROVED:
                issues.move(conn, issue.id, IssueState.FREEZING)
            return whole
        # Other templates, settings or renderer than those that were approved.
        log.warning("issue.changed", issue=issue.name, state=issue.state.value)
        if issue.state is IssueState.APPROVED:
            issues.move(conn, issue.id, IssueState.DRAFT, reason="changed since it was approved")
            return None
        # Its audience is partly written down: the same posts are approved anew, and all are rendered anew.
        issues.approve_anew(conn, issue.id, found, now)
    return whole


def _tell_stuck(tools: Tools, issue: issues.StoredIssue, fault: PermanentError, now: datetime) -> str:
    """Tell the operator, once, that a frozen issue cannot be rendered for all its readers; return why."""
    if isinstance(fault, GateRefused):
        return _tell_refused(tools, issue, fault, now)
    reason = f"cannot be rendered for all its readers: {fault}"
    with tools.db.transaction() as conn:
        issues.set_reason(conn, issue.id, reason)
        notices.alert(
            conn,
            nonce=f"unrenderable-{issue.name}",
            problem=f"The issue {issue.name} is held back: it cannot be rendered for all its readers.",
            detail=str(fault),
            what_to_do="Mend the template; the next run tries again. Nobody was mailed. To give the issue "
            f"up: `digest issue cancel {issue.name}`.",
            now=now,
        )
    log.warning("issue.blocked", issue=issue.name, reason=reason)
    return (
        f"{issue.name} {reason.rstrip('.')}. Nobody was mailed. Mend the template and the next run goes on, "
        f"or give it up: `digest issue cancel {issue.name}`"
    )


def _tell_refused(tools: Tools, issue: issues.StoredIssue, fault: GateRefused, now: datetime) -> str:
    """Tell the operator that the gate refuses what some readers would get; return it in one line."""
    with tools.db.transaction() as conn:
        issues.set_reason(conn, issue.id, str(fault))
        gate.tell(conn, issue.name, fault, now)
    log.warning("issue.refused", issue=issue.name, rules=",".join(fault.rules))
    return f"{issue.name} waits: {fault} Nobody was mailed; `digest issue show {issue.name}` says what to do"


@dataclass(frozen=True, kw_only=True)
class _Audience:
    """One issue's readers, page by page."""

    issue: issues.StoredIssue
    content: frozenset[int]
    speaking: Callable[[str], str]  # the language a reader is answered in, by the one they asked for

    def freeze_page(self, tools: Tools, size: int, now: datetime) -> bool:
        """Write down the next page of up to ``size`` readers; return whether there was one."""
        cadence = self.issue.kind.cadence
        assert cadence is not None, "a test has a named audience and is never frozen"
        with tools.db.transaction() as conn:
            found = issues.by_id(conn, self.issue.id)
            page = people.audience_page(conn, cadence, found.frozen_up_to, size, now)
            if not page or found.state is not IssueState.FREEZING:  # an operator cancelled it
                return False
            self._write(conn, page, plan.deadline(cadence, now), now)
            issues.set_frozen_up_to(conn, self.issue.id, page[-1].id)
        return True

    def _write(self, conn: Connection, page: list[Subscriber], deadline: datetime, now: datetime) -> None:
        ids = [reader.id for reader in page]
        had, owed = progress.had_through(conn, ids), progress.owed_numbers(conn, ids)
        mailable = posts.mailable_themes(
            conn,
            cutoff=self.issue.cutoff,
            above=min(had.get(reader, 0) for reader in ids),
            also=frozenset().union(*owed.values()),
        )
        known = themes.every(conn)
        marks: dict[int, int] = {}
        rows: list[dict[str, object]] = []
        shares: dict[plan.Reader, plan.Share] = {}
        segments: dict[tuple[tuple[int, ...], str], int] = {}
        for reader in page:
            alike = plan.Reader(
                had_through=had.get(reader.id, 0),
                owed=owed.get(reader.id, frozenset()),
                themes=present(reader.preferences.themes, known),
            )
            if alike not in shares:  # most readers of a page are alike, and a share may look at every post
                shares[alike] = plan.share(
                    alike, cutoff=self.issue.cutoff, themes=mailable, content=self.content
                )
            share = shares[alike]
            marks[reader.id] = share.had_through
            if share.paid:
                progress.pay(conn, reader.id, share.paid)
            if share.newly_owed:
                progress.owe(conn, reader.id, share.newly_owed)
            if share.numbers:
                same = share.numbers, self.speaking(reader.preferences.language)
                if same not in segments:
                    segments[same] = segment(conn, self.issue.id, *same)
                rows.append(
                    {
                        "issue_id": self.issue.id,
                        "segment_id": segments[same],
                        "subscriber_id": reader.id,
                        "lane": lane_of(reader.email),
                        "deadline": deadline,
                    }
                )
        deliveries.insert_many(conn, rows, now=now)
        progress.advance(conn, marks)


def segment(conn: Connection, issue_id: int, numbers: tuple[int, ...], language: str) -> int:
    """Return the segment of readers who get exactly these posts in this language."""
    key = hashlib.sha256(json.dumps([list(numbers), language]).encode()).hexdigest()
    return issues.segment_id(conn, issue_id, key=key, numbers=numbers, language=language)


_NOBODY = "none of its readers had anything coming"


def _finish(tools: Tools, issue: issues.StoredIssue, now: datetime) -> Frozen | None:
    """Write the size of the audience; from here on the issue is sent, and only to it.

    An issue that nobody gets ends here: what is new is not what its readers want.
    """
    with (
        tools.db.read() as conn
    ):  # nothing is added to a whole audience, and counting a million takes a while
        expected = sum(deliveries.counts(conn, issue.id).values())
    with tools.db.transaction() as conn:
        if issues.by_id(conn, issue.id).state is not IssueState.FREEZING:
            return None  # an operator cancelled it; the sweep ends what was queued
        sizes = {"frozen_at": now, "expected": expected}
        if expected:
            issues.move(conn, issue.id, IssueState.SENDING, reason="", **sizes)
        else:
            issues.move(conn, issue.id, IssueState.EMPTY, reason=_NOBODY, ended_at=now, **sizes)
    log.info("issue.frozen", issue=issue.name, expected=expected)
    return Frozen(name=issue.name, expected=expected)
