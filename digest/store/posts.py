"""Posts, and the summaries made of them.

Neighbours: ``recognition`` keeps their names, ``themes`` the topics they belong to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from digest.model import FoundPost, Image, Post, PostState, Summary
from digest.store import dialect, installation
from digest.store.tables import post, summary, theme


def insert_found(
    conn: Connection,
    found: FoundPost,
    *,
    feed_id: int,
    content_hash: str,
    state: PostState,
    theme_key: str,
    now: datetime,
    because: str = "",
    until: datetime | None = None,
    fuse_id: int | None = None,
) -> tuple[int, int | None]:
    """Store a post seen for the first time; return its id, and its number when it is mailable."""
    number = installation.next_number(conn) if state is PostState.MAILABLE else None
    values = _content(found, content_hash)
    statement = (
        insert(post)
        .values(
            number=number,
            state=state,
            held_because=because,
            held_until=until,
            fuse_id=fuse_id,
            feed_id=feed_id,
            first_seen_at=now,
            updated_at=now,
            theme_key=theme_key,
            **values,
        )
        .returning(post.c.id)
    )
    return conn.execute(statement).scalar_one(), number


def update_found(
    conn: Connection, post_id: int, found: FoundPost, *, feed_id: int, content_hash: str, now: datetime
) -> None:
    """Write a known post's newest text, and which feed it is from. An edit is never mailed again."""
    statement = update(post).where(post.c.id == post_id)
    conn.execute(statement.values(feed_id=feed_id, updated_at=now, **_content(found, content_hash)))


def follow(conn: Connection, post_id: int, link: str) -> None:
    """Write where a known post is to be found now."""
    conn.execute(update(post).where(post.c.id == post_id).values(link=link))


def let_in(conn: Connection, post_id: int) -> int:
    """Make a post mailable and return the number it gets: rising in the order of becoming so (rule a)."""
    number = installation.next_number(conn)
    _decide(conn, post_id, PostState.MAILABLE, number=number)
    return number


def let_in_again(conn: Connection, post_id: int) -> None:
    """Make a skipped post mailable under the number it has."""
    _decide(conn, post_id, PostState.MAILABLE)


def decide(
    conn: Connection, post_id: int, state: PostState, *, because: str = "", until: datetime | None = None
) -> None:
    """Hold or skip a post, or set it among what was known from the start."""
    assert state is not PostState.MAILABLE, "let_in gives the number"
    _decide(conn, post_id, state, held_because=because, held_until=until)


def hold_under(conn: Connection, post_id: int, fuse_id: int, because: str) -> None:
    """Hold a post under a fuse."""
    _decide(conn, post_id, PostState.HELD, held_because=because, fuse_id=fuse_id)


_UNHELD: dict[str, Any] = {"held_because": "", "held_until": None, "fuse_id": None}


def _decide(conn: Connection, post_id: int, state: PostState, **changes: Any) -> None:
    conn.execute(update(post).where(post.c.id == post_id).values(state=state, **(_UNHELD | changes)))


def _content(found: FoundPost, content_hash: str) -> dict[str, Any]:
    return {
        "link": found.link,
        "title": found.title,
        "author": found.author,
        "published_at": found.published_at,
        "language": found.language,
        "direction": found.direction,
        "html": found.html,
        "excerpt": found.excerpt,
        "categories": list(found.categories),
        "image": asdict(found.image) if found.image else None,
        "content_hash": content_hash,
    }


def _post(row: Row[Any]) -> Post:
    values = dict(row._mapping)
    values = {name: values[name] for name in Post.__dataclass_fields__}
    values["state"] = PostState(values["state"])
    values["categories"] = tuple(values["categories"])
    values["image"] = Image(**values["image"]) if values["image"] else None
    return Post(**values)


def by_id(conn: Connection, post_id: int) -> Post | None:
    """Return a post with its text, or None."""
    row = conn.execute(select(post).where(post.c.id == post_id)).one_or_none()
    return _post(row) if row else None


def by_numbers(conn: Connection, numbers: Sequence[int]) -> list[Post]:
    """Return the mailable posts with these numbers, lowest first."""
    statement = select(post).where(post.c.number.in_(list(numbers)), post.c.state == PostState.MAILABLE)
    return [_post(row) for row in conn.execute(statement.order_by(post.c.number))]


def mailable_themes(
    conn: Connection, *, cutoff: int, above: int = 0, also: Collection[int] = ()
) -> dict[int, str]:
    """Return number → theme key of every mailable post in (``above``, cutoff], and of those in ``also``.

    A hidden theme counts as none: nobody can choose it, so everybody gets its posts.
    """
    wanted = post.c.number > above
    if also:
        wanted = or_(wanted, post.c.number.in_(sorted(also)))
    statement = select(post.c.number, post.c.theme_key).where(
        post.c.state == PostState.MAILABLE, post.c.number <= cutoff, wanted
    )
    hidden = set(conn.execute(select(theme.c.key).where(theme.c.hidden)).scalars())
    return {row.number: "" if row.theme_key in hidden else row.theme_key for row in conn.execute(statement)}


def recent_categories(conn: Connection, limit: int) -> list[tuple[str, ...]]:
    """Return the feed's categories of the newest posts by first sight, whatever became of them."""
    statement = select(post.c.categories).order_by(post.c.id.desc()).limit(limit)
    return [tuple(categories) for categories in conn.execute(statement).scalars()]


def seen_between(conn: Connection, start: datetime, end: datetime) -> list[Post]:
    """Return the posts of some days, by the feed's date or else first sight, oldest first; none skipped."""
    when = func.coalesce(post.c.published_at, post.c.first_seen_at)
    wanted = when >= start, when < end, post.c.state != PostState.SKIPPED
    return [_post(row) for row in conn.execute(select(post).where(*wanted).order_by(when, post.c.id))]


def counts(conn: Connection) -> dict[PostState, int]:
    """Return how many posts are in each state."""
    statement = select(post.c.state, func.count()).group_by(post.c.state)
    return {PostState(state): count for state, count in conn.execute(statement)}


def let_in_newest(conn: Connection, feed_id: int, count: int, *, now: datetime) -> list[str]:
    """Make the newest posts of a feed's baseline mailable; return their titles, oldest first.

    Newest by the feed's own dates, else by its own order: all of them were first seen at once.
    """
    undated_last = post.c.published_at.is_(None)
    statement = (
        select(post.c.id, post.c.title)
        .where(post.c.feed_id == feed_id, post.c.state == PostState.BASELINE)
        .order_by(undated_last, post.c.published_at.desc(), post.c.id.desc())
        .limit(count)
    )
    chosen = list(reversed(conn.execute(statement).all()))
    for row in chosen:
        number = installation.next_number(conn)
        values = {"state": PostState.MAILABLE, "number": number, "updated_at": now}
        conn.execute(update(post).where(post.c.id == row.id).values(**values))
    return [row.title for row in chosen]


def count_of_feed(conn: Connection, feed_id: int) -> int:
    """Return how many posts a feed has brought."""
    return conn.execute(select(func.count()).where(post.c.feed_id == feed_id)).scalar_one()


def newest_of_feed(conn: Connection, feed_id: int, limit: int) -> list[Post]:
    """Return a feed's newest posts by first sight."""
    statement = select(post).where(post.c.feed_id == feed_id).order_by(post.c.id.desc()).limit(limit)
    return [_post(row) for row in conn.execute(statement)]


def never_mailed(conn: Connection, limit: int) -> list[Post]:
    """Return the newest posts that were there when their feed was first read: known, and mailed to nobody."""
    newest = func.coalesce(post.c.published_at, post.c.first_seen_at).desc(), post.c.id
    statement = select(post).where(post.c.state == PostState.BASELINE).order_by(*newest).limit(limit)
    return [_post(row) for row in conn.execute(statement)]


# --- Summaries -------------------------------------------------------------------------------------


def summaries(
    conn: Connection, hashes: Sequence[str], *, sentences: int, summariser: str, now: datetime
) -> Mapping[str, Summary]:
    """Return the summaries that stand, by the hash of what they were made from.

    One that was made for want of a model's stands until the model may be asked again.
    """
    statement = select(summary).where(
        summary.c.source_hash.in_(list(hashes)),
        summary.c.sentences == sentences,
        summary.c.summariser == summariser,
        or_(summary.c.again_at.is_(None), summary.c.again_at > now),
    )
    return {row.source_hash: _summary(row) for row in conn.execute(statement)}


def _summary(row: Row[Any]) -> Summary:
    values = {name: row._mapping[name] for name in ("text", "method", "source_hash", "model", "reason")}
    return Summary(**values, again=row.again_at is not None)


def keep_summary(
    conn: Connection, made: Summary, *, sentences: int, summariser: str, again_at: datetime | None = None
) -> None:
    """Keep a summary for its content hash and length, in place of one that stood until now."""
    row = {
        "source_hash": made.source_hash,
        "sentences": sentences,
        "summariser": summariser,
        "method": made.method,
        "text": made.text,
        "model": made.model,
        "reason": made.reason,
        "again_at": again_at,
    }
    dialect.upsert(conn, summary, row, key=("source_hash", "sentences", "summariser"))


def summaries_without_model(conn: Connection, post_ids: Collection[int], *, sentences: int) -> dict[int, str]:
    """Return post id → why its summary is no model's, where one was to write it."""
    statement = (
        select(post.c.id, summary.c.reason)
        .join(summary, summary.c.source_hash == post.c.content_hash)
        .where(post.c.id.in_(sorted(post_ids)), summary.c.sentences == sentences, summary.c.reason != "")
        .order_by(post.c.id, summary.c.summariser)
    )
    return {row.id: row.reason for row in conn.execute(statement)}
