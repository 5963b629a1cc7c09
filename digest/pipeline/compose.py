"""From the store to an approved issue: due, choose, summarise, assemble, render once, approve.

    what is due → draft (unique name) → posts of its window → summaries (kept by content hash)
                → as the editor wants it → grouped → content + hash
                → rendered once for everybody's view → the gate → APPROVED | EMPTY | BLOCKED

Nothing new means no mail: the issue is EMPTY and says why. A template that cannot be rendered, a fault in the
editor's overrides, and an error the gate finds, BLOCK the issue: nobody is mailed half of it, and the next
tick tries again. Neighbours: ``due_issues``, ``drafting``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from digest.delivery.issue_states import IssueState
from digest.editorial import content
from digest.errors import ConfigurationError, PermanentError, TemplateFault, UnsafeHeader
from digest.model import Edition
from digest.pipeline import gate
from digest.pipeline.drafting import Draft, drafted
from digest.pipeline.due_issues import Due, whats_due
from digest.pipeline.fitting import fitted
from digest.pipeline.tools import Tools
from digest.quality.report import Report
from digest.store import findings, installation, issues, notices, progress, themes

log = structlog.get_logger()


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
