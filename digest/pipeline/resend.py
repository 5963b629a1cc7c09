"""Mailing a post once more, marked as updated, to readers who have had it: ``digest post resend``.

    who had it (the ledger) → content as the post stands now → one issue of its own → the next run sends it

It goes through the same ledger as every issue and writes neither progress nor what is owed. A reader who
joined after the post, or whose mail of it was refused, gets no correction of what they never had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from digest.delivery import plan
from digest.delivery.issue_states import IssueState
from digest.delivery.lanes import lane_of
from digest.editorial import assemble, content
from digest.editorial.themes import present
from digest.errors import NotAllowed
from digest.model import Content, Edition, IssueKind, Post, PostState, Rendering
from digest.pipeline import drafting, gate, pictures, press
from digest.pipeline.freeze import segment
from digest.pipeline.summaries import summarised
from digest.pipeline.tools import Tools
from digest.quality.report import Report
from digest.store import appearances, deliveries, installation, issues, themes
from digest.store.appearances import PastReader
from subscribers.model import Cadence

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Resend:
    """One resend, before or after it was queued."""

    name: str  # of the issue; empty while it is only looked at
    subject: str
    readers: int


def planned(tools: Tools, post: Post, cadence: Cadence | None) -> Resend:
    """Return what a resend would be; raise NotAllowed where nobody would get it."""
    with tools.db.read() as conn:
        readers = _audience(conn, tools, post, cadence)
        recent = issues.recent_subjects(conn)
    _, edition = _made(tools, post, "resend", recent)
    return Resend(name="", subject=edition.subject, readers=len(readers))


def resend(tools: Tools, post: Post, cadence: Cadence | None, *, despite_findings: bool = False) -> Resend:
    """Queue a post as it stands now for those who had it; the next run sends it.

    Raises NotAllowed where nobody had it, the public pages do not answer, or the gate refuses the mail
    (unless ``despite_findings``), and TemplateFault where it cannot be rendered: nothing is queued then.
    """
    _refuse_while_unreachable(tools)
    now = tools.clock()
    pictures.look(tools, [(IssueKind.RESEND, post)], now)
    with tools.db.read() as conn:
        readers = _audience(conn, tools, post, cadence)
        number = post.number or 0
        name = issues.next_resend(conn, number)
        recent = issues.recent_subjects(conn)
    whole, edition = _made(tools, post, name, recent)
    made = {
        language: gate.rendered_and_checked(tools, whole, whole.window, language, now)
        for language in sorted({_language(reader, tools) for reader in readers})
    }
    for _, report in made.values():
        _refuse_what_the_gate_refuses(report, despite_findings=despite_findings)
    digest = drafting.hash_of(whole, tools)
    with tools.db.transaction() as conn:
        started = issues.start(conn, name=name, kind=whole.kind, cutoff=number, due_at=now, now=now)
        if started is None:
            raise NotAllowed(f"{name} was made a moment ago by somebody else; look at it before another.")
        issues.save_draft(
            conn,
            started.id,
            cutoff=number,
            subject=edition.subject,
            content=content.to_json(whole),
            content_hash=digest,
        )
        issues.approve(conn, started.id, digest, now)
        issues.move(conn, started.id, IssueState.FREEZING)
        _queue(conn, tools, started, {language: mail for language, (mail, _) in made.items()}, readers)
        issues.move(conn, started.id, IssueState.SENDING, frozen_at=now, expected=len(readers))
    log.info("post.resent", post=post.id, issue=name, expected=len(readers))
    return Resend(name=name, subject=edition.subject, readers=len(readers))


def _refuse_while_unreachable(tools: Tools) -> None:
    with tools.db.read() as conn:
        live = installation.is_live(conn)
    silence = tools.reachable() if live else ""
    if silence:
        raise NotAllowed(
            f"The public pages do not answer ({silence.rstrip('.')}), so readers could not unsubscribe. "
            "Start `digest web` (or `digest serve`), then resend."
        )


def _refuse_what_the_gate_refuses(report: Report, *, despite_findings: bool) -> None:
    refused = gate.refused_by(report)
    if refused is not None and not despite_findings:
        raise NotAllowed(
            f"Nothing was sent: {str(refused).rstrip('.')}. Mend it and resend, or say --despite-findings to "
            "send it as it is."
        )


def _audience(conn: Connection, tools: Tools, post: Post, cadence: Cadence | None) -> list[PastReader]:
    """Return who has had the post and wants its theme still; raise NotAllowed where there is nobody."""
    if post.state is not PostState.MAILABLE or post.number is None:
        raise NotAllowed(f"Post {post.id} is {post.state.value}; only what readers have had can be resent.")
    had = appearances.readers_who_had(conn, post.number, cadence=cadence, now=tools.clock())
    known = themes.every(conn)
    shown = any(one.key == post.theme_key and one.shown for one in known)
    key = post.theme_key if shown else ""
    wanted = [reader for reader in had if plan.wants(present(reader.themes, known), key)]
    if not wanted:
        whom = f"reader on the {cadence.value} cadence" if cadence else "reader"
        raise NotAllowed(
            f"No {whom} has had post {post.id} yet. Readers who have not get it, as it stands, in their next "
            f"issue; `digest why post {post.id}` tells more."
        )
    return wanted


def _made(tools: Tools, post: Post, name: str, recent: Sequence[str]) -> tuple[Content, Edition]:
    """Return a resend's content, and how it looks in the publication's language."""
    summaries = summarised(tools, [post], drafting.SENTENCES[IssueKind.RESEND])
    items = assemble.items_of([post], {post.id: summaries[post.content_hash]}, tools.publication.zone)
    with tools.db.read() as conn:
        own = tuple(one for one in themes.every(conn) if one.key == post.theme_key and one.shown)
    today = tools.clock().astimezone(tools.schedule.zone).date()
    whole = Content(
        name=name,
        kind=IssueKind.RESEND,
        period_start=None,
        period_end=today,
        sent_on=today,
        items=pictures.settle(tools, items, IssueKind.RESEND),
        window=tuple(item.number for item in items),
        themes=own,
        recent_subjects=tuple(recent),
    )
    return whole, press.edition(whole, whole.window, tools)


def _language(reader: PastReader, tools: Tools) -> str:
    """Return the language a reader is answered in."""
    return tools.speaking(reader.language).language


def _queue(
    conn: Connection,
    tools: Tools,
    issue: issues.StoredIssue,
    renderings: Mapping[str, Rendering],  # by language
    readers: Sequence[PastReader],
) -> None:
    now = tools.clock()
    segments = {language: segment(conn, issue.id, (issue.cutoff,), language) for language in renderings}
    for language, rendering in renderings.items():
        issues.keep_rendering(conn, segments[language], rendering, renderer=content.RENDERER, now=now)
    rows: list[dict[str, object]] = [
        {
            "issue_id": issue.id,
            "segment_id": segments[_language(reader, tools)],
            "subscriber_id": reader.id,
            "lane": lane_of(reader.email),
            "deadline": plan.deadline(Cadence.WEEKLY, now),
        }
        for reader in readers
    ]
    deliveries.insert_many(conn, rows, now=now)
