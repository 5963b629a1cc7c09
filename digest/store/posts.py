"""Posts and their aliases, themes, and the summaries made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, tuple_, update

from digest.model import Alias, AliasKind, FoundPost, Image, Post, PostState, Summary, Theme
from digest.store import dialect, installation
from digest.store.tables import alias, post, summary, theme

_CHUNK = 200  # bound values per statement: SQLite's oldest limit is 999


def known(conn: Connection, feed_id: int, names: Iterable[Alias]) -> dict[Alias, int]:
    """Return which of these names the feed has used before, and for which post."""
    wanted = sorted({(name.kind.value, name.value) for name in names})
    found: dict[Alias, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = select(alias.c.kind, alias.c.value, alias.c.post_id).where(
            alias.c.feed_id == feed_id,
            tuple_(alias.c.kind, alias.c.value).in_(wanted[start : start + _CHUNK]),
        )
        for kind, value, post_id in conn.execute(statement):
            found[Alias(kind=AliasKind(kind), value=value)] = post_id
    return found


def insert_found(
    conn: Connection,
    found: FoundPost,
    *,
    feed_id: int,
    content_hash: str,
    state: PostState,
    theme_key: str,
    now: datetime,
) -> tuple[int, int | None]:
    """Store a post seen for the first time; return its id, and its number when it is mailable."""
    number = installation.next_number(conn) if state is PostState.MAILABLE else None
    values = _content(found, content_hash)
    statement = (
        insert(post)
        .values(
            number=number,
            state=state,
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
    conn: Connection, post_id: int, found: FoundPost, *, content_hash: str, now: datetime
) -> bool:
    """Write a known post's newest text; return whether it was changed. An edit is never mailed again."""
    statement = (
        update(post)
        .where(post.c.id == post_id, post.c.content_hash != content_hash)
        .values(updated_at=now, **_content(found, content_hash))
    )
    return conn.execute(statement).rowcount == 1


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


def add_aliases(conn: Connection, feed_id: int, post_id: int, names: Iterable[Alias]) -> None:
    """Remember more names of a post. A name keeps the post it was first given to."""
    rows = [
        {"feed_id": feed_id, "kind": name.kind.value, "value": name.value, "post_id": post_id}
        for name in names
    ]
    dialect.insert_or_ignore(conn, alias, rows)


def _post(row: Row[Any]) -> Post:
    values = dict(row._mapping)
    values = {name: values[name] for name in Post.__dataclass_fields__}
    values["state"] = PostState(values["state"])
    values["categories"] = tuple(values["categories"])
    values["image"] = Image(**values["image"]) if values["image"] else None
    return Post(**values)


def by_numbers(conn: Connection, numbers: Sequence[int]) -> list[Post]:
    """Return the mailable posts with these numbers, lowest first."""
    statement = select(post).where(post.c.number.in_(list(numbers)), post.c.state == PostState.MAILABLE)
    return [_post(row) for row in conn.execute(statement.order_by(post.c.number))]


def mailable_themes(conn: Connection, *, cutoff: int) -> dict[int, str]:
    """Return number → theme key of every mailable post up to the cutoff."""
    statement = select(post.c.number, post.c.theme_key).where(
        post.c.state == PostState.MAILABLE, post.c.number <= cutoff
    )
    return {row.number: row.theme_key for row in conn.execute(statement)}


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


# --- Themes ----------------------------------------------------------------------------------------


def themes(conn: Connection) -> list[Theme]:
    """Return every theme in the order readers see."""
    statement = select(theme).order_by(theme.c.position, theme.c.key)
    return [Theme(**row._mapping) for row in conn.execute(statement)]


def add_theme(conn: Connection, key: str, name: str) -> Theme:
    """Store a new theme after the others; an existing key keeps its name."""
    last = conn.execute(select(func.coalesce(func.max(theme.c.position), 0))).scalar_one()
    dialect.insert_or_ignore(conn, theme, [{"key": key, "name": name, "position": last + 1}])
    row = conn.execute(select(theme).where(theme.c.key == key)).one()
    return Theme(**row._mapping)


# --- Summaries -------------------------------------------------------------------------------------


def summaries(
    conn: Connection, hashes: Sequence[str], *, sentences: int, summariser: str
) -> Mapping[str, Summary]:
    """Return the summaries already made, by the hash of what they were made from."""
    statement = select(summary).where(
        summary.c.source_hash.in_(list(hashes)),
        summary.c.sentences == sentences,
        summary.c.summariser == summariser,
    )
    return {
        row.source_hash: Summary(text=row.text, method=row.method, source_hash=row.source_hash)
        for row in conn.execute(statement)
    }


def keep_summary(conn: Connection, made: Summary, *, sentences: int, summariser: str) -> None:
    """Keep a summary for its content hash and length."""
    row = {
        "source_hash": made.source_hash,
        "sentences": sentences,
        "summariser": summariser,
        "method": made.method,
        "text": made.text,
    }
    dialect.insert_or_ignore(conn, summary, [row])
