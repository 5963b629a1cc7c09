"""The draft of an issue: its posts, their summaries, as the editor wants it, grouped.

``drafted`` is what preview shows and what ``compose`` approves. Stores nothing but summaries.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from digest.cadence import due as due_times
from digest.delivery import plan
from digest.editorial import assemble, content, related
from digest.model import Content, Edition, IssueKind, Item, Post
from digest.pipeline import pictures, press, shaping
from digest.pipeline.due_issues import Due, whats_due
from digest.pipeline.shaping import Edited, overrides_file
from digest.pipeline.summaries import summarised
from digest.pipeline.tools import Tools
from digest.store import installation, issues, posts, progress, sponsors
from subscribers.model import Cadence

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
