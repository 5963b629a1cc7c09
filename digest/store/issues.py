"""Issues, their drafts and their segments. States follow ``delivery.issue_states``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from digest.delivery.issue_states import ALLOWED, IssueState
from digest.errors import NotAllowed, UnknownName
from digest.model import IssueKind, Rendering
from digest.store import dialect
from digest.store.tables import issue, segment
from subscribers.model import Cadence


@dataclass(frozen=True, kw_only=True)
class StoredIssue:
    """One issue as it stands, without its content."""

    id: int
    name: str
    kind: IssueKind
    state: IssueState
    reason: str  # why it is blocked, empty, superseded or cancelled
    due_at: datetime
    created_at: datetime
    cutoff: int  # newest post number it covers
    subject: str
    content_hash: str
    approved_hash: str
    frozen_up_to: int
    frozen_at: datetime | None
    expected: int | None  # size of the frozen audience
    ended_at: datetime | None


_SHOWN = [issue.c[name] for name in StoredIssue.__dataclass_fields__]


def _stored(row: Row[Any]) -> StoredIssue:
    values = dict(row._mapping)
    return StoredIssue(**values | {"kind": IssueKind(values["kind"]), "state": IssueState(values["state"])})


def start(
    conn: Connection, *, name: str, kind: IssueKind, cutoff: int, due_at: datetime, now: datetime
) -> StoredIssue | None:
    """Create the draft of that name; None when there is one already (a second tick makes no second issue)."""
    row = {
        "name": name,
        "kind": kind.value,
        "state": IssueState.DRAFT.value,
        "due_at": due_at,
        "created_at": now,
        "cutoff": cutoff,
    }
    if not dialect.insert_or_ignore(conn, issue, [row]):
        return None
    return by_name(conn, name)


def start_trial(conn: Connection, *, of: str, content: dict[str, Any], now: datetime) -> StoredIssue:
    """Create an approved issue with a named audience: ``test-1-weekly``. It writes nobody's progress."""
    count = conn.execute(select(func.count()).where(issue.c.kind == IssueKind.TEST)).scalar_one()
    name = f"test-{count + 1}-{of}"[:80]
    started = start(conn, name=name, kind=IssueKind.TEST, cutoff=0, due_at=now, now=now)
    assert started is not None, "trials are counted under the writer's lock"
    conn.execute(update(issue).where(issue.c.id == started.id).values(content=content))
    approve(conn, started.id, "", now)
    move(conn, started.id, IssueState.FREEZING)
    return by_id(conn, started.id)


def next_resend(conn: Connection, number: int) -> str:
    """Return the name of the next resend of a post: ``resend-12-1``, then ``resend-12-2``."""
    again = select(func.count()).where(issue.c.kind == IssueKind.RESEND, issue.c.cutoff == number)
    return f"resend-{number}-{conn.execute(again).scalar_one() + 1}"


def find(conn: Connection, name: str) -> StoredIssue | None:
    """Return the issue of that name, or None."""
    row = conn.execute(select(*_SHOWN).where(issue.c.name == name)).one_or_none()
    return _stored(row) if row else None


def by_name(conn: Connection, name: str) -> StoredIssue:
    """Return the issue of that name; raise UnknownName when there is none."""
    found = find(conn, name)
    if found is None:
        raise UnknownName(f"There is no issue named {name!r}; `digest issue list` shows the names.")
    return found


def by_id(conn: Connection, issue_id: int) -> StoredIssue:
    """Return the issue with that id."""
    return _stored(conn.execute(select(*_SHOWN).where(issue.c.id == issue_id)).one())


def newest(
    conn: Connection,
    limit: int,
    *,
    states: Collection[IssueState] = frozenset(IssueState),
    kinds: Collection[IssueKind] = frozenset(IssueKind),
) -> list[StoredIssue]:
    """Return the newest issues in these states and of these kinds, newest first."""
    wanted = issue.c.state.in_(sorted(states)), issue.c.kind.in_(sorted(kinds))
    statement = select(*_SHOWN).where(*wanted).order_by(issue.c.due_at.desc(), issue.c.id.desc())
    return [_stored(row) for row in conn.execute(statement.limit(limit))]


def in_states(conn: Connection, states: Collection[IssueState]) -> list[StoredIssue]:
    """Return the issues in any of these states, oldest first."""
    statement = select(*_SHOWN).where(issue.c.state.in_([state.value for state in states]))
    return [_stored(row) for row in conn.execute(statement.order_by(issue.c.id))]


def frozen_between(conn: Connection, first: datetime, until: datetime) -> list[StoredIssue]:
    """Return the issues that were frozen from ``first`` up to before ``until``, oldest first."""
    statement = select(*_SHOWN).where(issue.c.frozen_at >= first, issue.c.frozen_at < until)
    return [_stored(row) for row in conn.execute(statement.order_by(issue.c.frozen_at, issue.c.id))]


def content(conn: Connection, issue_id: int) -> dict[str, Any] | None:
    """Return the stored content as JSON values; None while there is no draft."""
    found: dict[str, Any] | None = conn.execute(
        select(issue.c.content).where(issue.c.id == issue_id)
    ).scalar_one()
    return found


def save_draft(
    conn: Connection, issue_id: int, *, cutoff: int, subject: str, content: dict[str, Any], content_hash: str
) -> None:
    """Write a draft's content and its hash."""
    conn.execute(
        update(issue)
        .where(issue.c.id == issue_id, issue.c.state.in_([IssueState.DRAFT, IssueState.BLOCKED]))
        .values(cutoff=cutoff, subject=subject, content=content, content_hash=content_hash)
    )


def move(conn: Connection, issue_id: int, to: IssueState, **changes: Any) -> None:
    """Change an issue's state along the table; raise NotAllowed where the table has no way."""
    came_from = [state for state, allowed in ALLOWED.items() if to in allowed]
    statement = (
        update(issue).where(issue.c.id == issue_id, issue.c.state.in_(came_from)).values(state=to, **changes)
    )
    if conn.execute(statement).rowcount != 1:
        found = by_id(conn, issue_id)
        raise NotAllowed(f"Issue {found.name} is {found.state}: it cannot become {to}.")


def approve(conn: Connection, issue_id: int, content_hash: str, now: datetime) -> None:
    """Approve exactly this content; any other is refused at the freeze."""
    move(conn, issue_id, IssueState.APPROVED, approved_hash=content_hash, approved_at=now)


def back_to_draft(conn: Connection, number: int, reason: str) -> list[str]:
    """Make approved issues that could show a post be made anew; return their names."""
    names = []
    for approved in in_states(conn, {IssueState.APPROVED}):
        stored = content(conn, approved.id)
        if stored and any(item["number"] == number for item in stored["items"]):
            move(conn, approved.id, IssueState.DRAFT, reason=reason)
            names.append(approved.name)
    return names


def approve_anew(conn: Connection, issue_id: int, content_hash: str, now: datetime) -> None:
    """Approve the content of an issue being frozen under mended templates; no older rendering stays."""
    conn.execute(
        update(issue)
        .where(issue.c.id == issue_id, issue.c.state == IssueState.FREEZING)
        .values(content_hash=content_hash, approved_hash=content_hash, approved_at=now)
    )
    nothing = {
        "subject": None,
        "html": None,
        "text": None,
        "nonce": None,
        "renderer": None,
        "rendered_at": None,
    }
    conn.execute(update(segment).where(segment.c.issue_id == issue_id).values(nothing))


def set_reason(conn: Connection, issue_id: int, reason: str) -> None:
    """Keep why an issue stays in its state."""
    conn.execute(update(issue).where(issue.c.id == issue_id).values(reason=reason))


def set_frozen_up_to(conn: Connection, issue_id: int, subscriber_id: int) -> None:
    """Remember how far the freeze has come."""
    conn.execute(update(issue).where(issue.c.id == issue_id).values(frozen_up_to=subscriber_id))


_CUT = (
    IssueState.EMPTY,
    IssueState.FREEZING,
    IssueState.SENDING,
    IssueState.STOPPED,
    IssueState.DONE,
    IssueState.DONE_WITH_HOLDS,
    IssueState.CANCELLED,
)


def last_cutoff(conn: Connection, kind: IssueKind, *, before: int | None = None) -> int:
    """Return the cutoff of the newest issue of that kind that was frozen or empty; 0 when there is none.

    ``before`` leaves one issue id out: the one being drafted.
    """
    statement = select(func.coalesce(func.max(issue.c.cutoff), 0)).where(
        issue.c.kind == kind, issue.c.state.in_(_CUT)
    )
    if before is not None:
        statement = statement.where(issue.c.id != before)
    cutoff: int = conn.execute(statement).scalar_one()
    return cutoff


_FROZEN = tuple(state for state in _CUT if state is not IssueState.EMPTY)


def frozen_through(conn: Connection) -> int:
    """Return the newest post number that some issue's audience was written down for; 0 when there is none."""
    statement = select(func.coalesce(func.max(issue.c.cutoff), 0)).where(
        issue.c.kind.in_(list(Cadence)), issue.c.state.in_(_FROZEN)
    )
    cutoff: int = conn.execute(statement).scalar_one()
    return cutoff


def recent_subjects(conn: Connection, limit: int = 26) -> list[str]:
    """Return the subjects of the newest issues: mailboxes thread mails with equal ones."""
    statement = select(issue.c.subject).where(issue.c.subject != "").order_by(issue.c.id.desc()).limit(limit)
    return list(conn.execute(statement).scalars())


def recent_headings(conn: Connection, kind: IssueKind, limit: int = 4) -> tuple[str, ...]:
    """Return the headings that were found in the text of the newest issues of a kind."""
    statement = select(issue.c.content).where(issue.c.kind == kind, issue.c.content.is_not(None))
    contents = conn.execute(statement.order_by(issue.c.id.desc()).limit(limit)).scalars()
    found = [
        theme["name"] for content in contents if content for theme in content["themes"] if theme["passing"]
    ]
    return tuple(dict.fromkeys(found))


# --- Segments --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StoredSegment:
    """The readers of one issue who receive identical content."""

    id: int
    issue_id: int
    numbers: tuple[int, ...]  # the posts they get, oldest first
    language: str
    rendering: Rendering | None  # None until the end of the freeze


def _segment(row: Row[Any]) -> StoredSegment:
    rendering = None
    if row.html is not None:
        rendering = Rendering(subject=row.subject, html=row.html, text=row.text, nonce=row.nonce)
    return StoredSegment(
        id=row.id,
        issue_id=row.issue_id,
        numbers=tuple(row.numbers),
        language=row.language,
        rendering=rendering,
    )


def segment_id(conn: Connection, issue_id: int, *, key: str, numbers: Sequence[int], language: str) -> int:
    """Return the id of the segment with this key, made if new."""
    row = {"issue_id": issue_id, "key": key, "numbers": list(numbers), "language": language}
    dialect.insert_or_ignore(conn, segment, [row])
    statement = select(segment.c.id).where(segment.c.issue_id == issue_id, segment.c.key == key)
    found: int = conn.execute(statement).scalar_one()
    return found


def segment_by_id(conn: Connection, wanted: int) -> StoredSegment:
    """Return a segment with its rendering."""
    return _segment(conn.execute(select(segment).where(segment.c.id == wanted)).one())


def unrendered(conn: Connection, issue_id: int) -> list[StoredSegment]:
    """Return an issue's segments that have no rendering yet, oldest first."""
    missing = segment.c.issue_id == issue_id, segment.c.html.is_(None)
    statement = select(segment).where(*missing).order_by(segment.c.id)
    return [_segment(row) for row in conn.execute(statement)]


def keep_rendering(
    conn: Connection, wanted: int, rendering: Rendering, *, renderer: str, now: datetime
) -> None:
    """Store a segment's rendering unless it has one: what is sent is never rendered twice."""
    conn.execute(
        update(segment)
        .where(segment.c.id == wanted, segment.c.html.is_(None))
        .values(
            subject=rendering.subject,
            html=rendering.html,
            text=rendering.text,
            nonce=rendering.nonce,
            renderer=renderer,
            rendered_at=now,
        )
    )
