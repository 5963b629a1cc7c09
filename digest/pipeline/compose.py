"""From the store to an approved issue: due, choose, summarise, assemble, render once, approve.

    what is due → draft (unique name) → posts of its window → summaries (kept by content hash)
                → as the editor wants it → grouped → content + hash
                → rendered once for everybody's view → the gate → APPROVED | EMPTY | BLOCKED

Nothing new means no mail: the issue is EMPTY and says why. A template that cannot be rendered, a fault in the
editor's overrides, and an error the gate finds, BLOCK the issue: nobody is mailed half of it, and the next
tick tries again. ``drafted`` is also what preview shows.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from digest.cadence import due as due_times
from digest.delivery import plan
from digest.delivery.issue_states import IssueState
from digest.editorial import assemble, content, related
from digest.errors import ConfigurationError, PermanentError, TemplateFault, UnsafeHeader
from digest.model import Content, Edition, IssueKind, Item, Post
from digest.pipeline import gate, pictures, press, shaping
from digest.pipeline.fitting import fitted
from digest.pipeline.shaping import Edited, overrides_file
from digest.pipeline.summaries import summarised
from digest.pipeline.tools import Tools
from digest.quality.report import Report
from digest.store import findings, installation, issues, notices, posts, progress, sponsors, themes
from subscribers.model import Cadence

log = structlog.get_logger()

SENTENCES = {
    IssueKind.EVERY_POST: 3,
    IssueKind.DAILY: 3,
    IssueKind.WEEKLY: 3,
    IssueKind.FORTNIGHTLY: 2,
    IssueKind.MONTHLY: 1,
    IssueKind.RESEND: 3,
    IssueKind.TEST: 3,
}
"""Sentences of a summary, by how much a mail of that kind has to hold."""


_LOOKED_AT = 200
"""The newest posts of a site among which related ones are looked for."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """An issue whose time has come."""

    name: str
    kind: IssueKind
    due_at: datetime
    period_start: date | None
    period_end: date
    sent_on: date  # the local day it is scheduled for
    too_late: bool = False  # its time passed longer ago than we catch up


@dataclass(frozen=True, kw_only=True)
class Composed:
    """What became of one due issue."""

    name: str
    state: IssueState
    reason: str = ""
    subject: str = ""
    items: int = 0
    overridden: tuple[str, ...] = ()  # what the editor's file changed
    overrides_used_for: str = ""  # the issue that the file's table was used for before, so not for this one


def compose(tools: Tools, now: datetime) -> list[Composed]:
    """Make every issue that is due, and try again those that were blocked."""
    return [_compose_one(tools, due, now) for due in whats_due(tools, now)]


# --- What is due -----------------------------------------------------------------------------------


def whats_due(tools: Tools, now: datetime) -> list[Due]:
    """Return the issues whose time has come and that are not made yet; the database decides."""
    with tools.db.read() as conn:
        since = installation.installed_at(conn)
        candidates = [
            _by_clock(tools, cadence, due_times.last_due(cadence, tools.schedule, now), now)
            for cadence in Cadence
            if cadence is not Cadence.EVERY_POST
        ]
        number = installation.last_number(conn)
        if number > issues.last_cutoff(conn, IssueKind.EVERY_POST):
            candidates.append(_by_post(number, tools.schedule.zone, now))
        return [due for due in candidates if due.due_at >= since and _is_open(conn, due)]


def _by_clock(tools: Tools, cadence: Cadence, due_at: datetime, now: datetime) -> Due:
    start, end = due_times.period(cadence, tools.schedule, due_at)
    day = due_times.due_day(cadence, tools.schedule, due_at)
    return Due(
        name=due_times.issue_name(cadence, day),
        kind=IssueKind(cadence.value),
        due_at=due_at,
        period_start=start,
        period_end=end,
        sent_on=day,
        too_late=now - due_at > tools.schedule.max_late,
    )


def _by_post(number: int, zone: ZoneInfo, now: datetime) -> Due:
    today = now.astimezone(zone).date()
    return Due(
        name=due_times.post_issue_name(number),
        kind=IssueKind.EVERY_POST,
        due_at=now,
        period_start=None,
        period_end=today,
        sent_on=today,
    )


def _is_open(conn: Connection, due: Due) -> bool:
    """Return whether the issue is still to be made: unknown, or stuck half-way."""
    found = issues.find(conn, due.name)
    return found is None or found.state in (IssueState.DRAFT, IssueState.BLOCKED)


def upcoming(tools: Tools, now: datetime) -> list[Due]:
    """Return the next issue of every cadence, as it would be named and dated."""
    with tools.db.read() as conn:
        number = installation.last_number(conn)
    by_clock = [
        _by_clock(tools, cadence, due_times.next_due(cadence, tools.schedule, now), now)
        for cadence in Cadence
        if cadence is not Cadence.EVERY_POST
    ]
    return [_by_post(number, tools.schedule.zone, now), *by_clock] if number else by_clock


# --- One issue -------------------------------------------------------------------------------------


def _compose_one(tools: Tools, due: Due, now: datetime) -> Composed:
    with (
        tools.db.read() as conn
    ):  # looking for readers may take long, and whoever writes must not wait for it
        cutoff = installation.last_number(conn)
        nothing = _nothing_to_send(conn, due, cutoff, now)
    with tools.db.transaction() as conn:
        new = issues.start(conn, name=due.name, kind=due.kind, cutoff=cutoff, due_at=due.due_at, now=now)
        started = new or issues.by_name(conn, due.name)
        if started.state is IssueState.BLOCKED:
            issues.move(conn, started.id, IssueState.DRAFT, reason="")
        if new and due.too_late:  # one that was begun in time and held up is still sent
            ended: Composed | None = _missed(conn, due, now)
        else:
            _supersede_older(conn, started)
            ended = Composed(name=due.name, state=IssueState.EMPTY, reason=nothing) if nothing else None
        if ended is not None:
            issues.move(conn, started.id, ended.state, reason=ended.reason, cutoff=cutoff, ended_at=now)
    if ended is not None:
        log.info("issue.not_made", issue=due.name, state=ended.state.value, reason=ended.reason)
        return ended
    try:
        draft = drafted(tools, due, cutoff=cutoff, leave_out=started.id)
        if draft is None:
            return _end_empty(tools, started.id, due, "every post of its window was withdrawn", now)
        made = fitted(draft.content, draft.content.window, tools)
        report = gate.looked_at(tools, draft.content, made, now)
    except (TemplateFault, UnsafeHeader, ConfigurationError) as fault:
        return _block(tools, started.id, due.name, fault, now)
    refused = _refused(tools, started, report, now)
    return refused or _approve(tools, started, replace(draft, edition=made.edition), cutoff, now)


def _end_empty(tools: Tools, issue_id: int, due: Due, reason: str, now: datetime) -> Composed:
    with tools.db.transaction() as conn:
        issues.move(conn, issue_id, IssueState.EMPTY, reason=reason, ended_at=now)
    return Composed(name=due.name, state=IssueState.EMPTY, reason=reason)


def _supersede_older(conn: Connection, newer: issues.StoredIssue) -> None:
    """End older drafts of the same kind that were never approved: the newer one has their posts (rule j)."""
    for stuck in issues.in_states(conn, {IssueState.DRAFT, IssueState.BLOCKED}):
        if stuck.kind is newer.kind and stuck.id < newer.id:
            issues.move(conn, stuck.id, IssueState.SUPERSEDED, reason=f"its posts are in {newer.name}")


def _missed(conn: Connection, due: Due, now: datetime) -> Composed:
    """Tell the operator of an issue whose time passed unnoticed; return how it ends."""
    reason = "its time passed while nothing was running; its posts go into the next issue"
    notices.alert(
        conn,
        nonce=f"late-{due.name}",
        problem=f"The issue {due.name} was not sent: {reason}.",
        detail=f"It was due at {due.due_at:%Y-%m-%d %H:%M} UTC.",
        what_to_do="Nothing is lost. To catch up on older due times, raise schedule.max_late_hours.",
        now=now,
    )
    return Composed(name=due.name, state=IssueState.SUPERSEDED, reason=reason)


def _nothing_to_send(conn: Connection, due: Due, cutoff: int, now: datetime) -> str:
    """Return why there is nothing to send, or an empty string when there is."""
    cadence = due.kind.cadence
    assert cadence is not None, "tests are not due by themselves"
    readers = progress.readers_behind(conn, cadence, cutoff, now)
    if not readers.any:
        return f"nobody receives the {cadence.value} issue"
    if not readers.behind:
        return "nothing new since the issue before"
    return ""


def _block(
    tools: Tools, issue_id: int, name: str, fault: PermanentError | ConfigurationError, now: datetime
) -> Composed:
    reason = "; ".join(str(fault).splitlines())
    problem, mend = "it cannot be rendered", "Mend the template or the post"
    if isinstance(fault, ConfigurationError):
        problem, mend = "the editor's overrides are faulty", "Mend the overrides file"
    with tools.db.transaction() as conn:
        issues.move(conn, issue_id, IssueState.BLOCKED, reason=reason)
        notices.alert(
            conn,
            nonce=f"blocked-{name}",
            problem=f"The issue {name} is held back: {problem}.",
            detail=reason,
            what_to_do=f"{mend}; the next run tries again. Nobody got it.",
            now=now,
        )
    log.warning("issue.blocked", issue=name, reason=reason)
    return Composed(name=name, state=IssueState.BLOCKED, reason=reason)


def _refused(tools: Tools, issue: issues.StoredIssue, report: Report, now: datetime) -> Composed | None:
    """Keep what the gate found; block the issue and tell the operator where that keeps it from being sent."""
    with tools.db.transaction() as conn:
        findings.keep(conn, issue.id, gate.as_kept(report.findings))
        refusal = gate.refusal(conn, issue.id, report)
        if refusal is None:
            return None
        issues.move(conn, issue.id, IssueState.BLOCKED, reason=str(refusal))
        gate.tell(conn, issue.name, refusal, now)
    log.warning("issue.refused", issue=issue.name, rules=",".join(refusal.rules))
    return Composed(name=issue.name, state=IssueState.BLOCKED, reason=str(refusal))


def _tell_editor(conn: Connection, tools: Tools, name: str, edition: Edition, now: datetime) -> None:
    """Tell the editor what was made, and that it goes out: nothing waits for them."""
    items = [edition.lead, *(item for section in edition.sections for item in section.items)]
    facts = {
        "issue": name,
        "title": edition.title,
        "posts": "\n".join(item.title for item in items if item),
        "sends_at": f"{now.astimezone(ZoneInfo(tools.publication.zone)):%A %d %B %Y, %H:%M}",
    }
    notices.to_editor(conn, address=tools.editor_address, nonce=name, facts=facts, now=now)


def _approve(tools: Tools, issue: issues.StoredIssue, draft: Draft, cutoff: int, now: datetime) -> Composed:
    with tools.db.transaction() as conn:
        issues.save_draft(
            conn,
            issue.id,
            cutoff=cutoff,
            subject=draft.edition.subject,
            content=content.to_json(draft.content),
            content_hash=draft.content_hash,
        )
        for post_id, key in draft.edited.moved.items():  # who gets it goes by the post's theme
            themes.move_post(conn, post_id, key)
        issues.approve(conn, issue.id, draft.content_hash, now)
        if tools.editor_address:
            _tell_editor(conn, tools, issue.name, draft.edition, now)
    if draft.content.overridden:
        log.info("issue.overridden", issue=issue.name, what=", ".join(draft.content.overridden))
    if draft.edited.used_for:
        log.info("issue.overrides_used", issue=issue.name, used_for=draft.edited.used_for)
    log.info("issue.approved", issue=issue.name, items=draft.edition.count, hash=draft.content_hash[:12])
    return Composed(
        name=issue.name,
        state=IssueState.APPROVED,
        subject=draft.edition.subject,
        items=draft.edition.count,
        overridden=draft.content.overridden,
        overrides_used_for=draft.edited.used_for,
    )


# --- The draft -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An issue's content, and how it looks to a reader who wants everything in its own window."""

    content: Content
    content_hash: str
    edition: Edition
    edited: Edited


def to_be_shown(tools: Tools, now: datetime) -> list[tuple[IssueKind, Post]]:
    """Return the posts of every issue that is due, each with the issue's kind: whose pictures to look at."""
    with tools.db.read() as conn:
        cutoff = installation.last_number(conn)
    return [(due.kind, post) for due in whats_due(tools, now) for post in shown_in(tools, due, cutoff)]


def shown_in(tools: Tools, due: Due, cutoff: int) -> list[Post]:
    """Return the posts that a draft of this issue can show."""
    with tools.db.read() as conn:
        begun = issues.find(conn, due.name)
        numbers, _, _ = _numbers(conn, due, cutoff, begun.id if begun else None)
        return posts.by_numbers(conn, numbers)


def _numbers(
    conn: Connection, due: Due, cutoff: int, leave_out: int | None
) -> tuple[tuple[int, ...], int, Set[int]]:
    """Return every number an issue can show, the cutoff before it, and what is owed to somebody."""
    after = issues.last_cutoff(conn, due.kind, before=leave_out)
    owed = progress.owed_on_cadence(conn, due.kind.cadence, cutoff) if due.kind.cadence else frozenset()
    mailable = posts.mailable_themes(conn, cutoff=cutoff)
    return plan.content_numbers(mailable, after=after, cutoff=cutoff, owed=owed), after, owed


def drafted(tools: Tools, due: Due, *, cutoff: int, leave_out: int | None = None) -> Draft | None:
    """Return the draft of an issue as things stand, or None while there is nothing to show in it.

    Stores nothing but summaries. Raises ConfigurationError for a fault in the editor's overrides.

    ``leave_out`` is the issue's own id, whose cutoff must not count as the one before.
    """
    overrides = overrides_file(tools)
    with tools.db.read() as conn:
        numbers, after, owed = _numbers(conn, due, cutoff, leave_out)
        chosen = posts.by_numbers(conn, numbers)
        editing = shaping.read(conn, overrides, due.name, due.kind)
        running = sponsors.on(conn, due.sent_on)
        recent = issues.recent_subjects(conn)
        older = posts.never_mailed(conn, _LOOKED_AT) if due.kind is IssueKind.EVERY_POST else []
    if not chosen:
        return None
    summaries = summarised(tools, chosen, SENTENCES[due.kind])
    items = assemble.items_of(
        chosen, {post.id: summaries[post.content_hash] for post in chosen}, tools.publication.zone
    )
    made = Content(
        name=due.name,
        kind=due.kind,
        period_start=due.period_start,
        period_end=due.period_end,
        sent_on=due.sent_on,
        items=pictures.settle(tools, items, due.kind),
        window=_window(numbers, after, owed),
        sponsors=tuple(running),
        related=_related(chosen, older, tools),
        next_on=_next_on(tools, due),
        recent_subjects=tuple(recent),
    )
    edited = shaping.edited(made, editing)
    whole = shaping.grouped(edited.content, editing)
    edition = press.edition(whole, whole.window, tools)
    return Draft(content=whole, content_hash=hash_of(whole, tools), edition=edition, edited=edited)


def _next_on(tools: Tools, due: Due) -> date | None:
    """Return the day on which the next issue of the same kind is due, where that goes by the clock."""
    cadence = due.kind.cadence
    if cadence in (None, Cadence.EVERY_POST):
        return None
    schedule = tools.schedule
    return due_times.next_due(cadence, schedule, due.due_at).astimezone(schedule.zone).date()


def _related(chosen: Sequence[Post], older: Sequence[Post], tools: Tools) -> tuple[Item, ...]:
    """Return what a mail of the newest post points to."""
    newest = max(chosen, key=lambda post: post.number or 0)
    found = related.related(newest, older, dull=(tools.publication.name,))
    return assemble.related_items(found, tools.publication.zone)


def _window(numbers: tuple[int, ...], after: int, owed: Set[int]) -> tuple[int, ...]:
    """Return what whoever is up to date gets; where that is nothing, what is owed to somebody, else all."""
    new = tuple(number for number in numbers if number > after)
    return new or tuple(number for number in numbers if number in owed) or numbers


def hash_of(whole: Content, tools: Tools) -> str:
    """Return the hash of a content as these tools would render it."""
    return content.content_hash(whole, publication=tools.publication, templates_hash=tools.templates_hash)
