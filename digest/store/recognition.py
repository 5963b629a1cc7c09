"""What recognising posts rests on: their names, the feeds that bring them, what they said before.

Names are never deleted: posts come back after more than a year. Neighbours: ``posts`` keeps the posts,
``feeds.identity`` decides which is which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, tuple_, update

from digest.model import Alias, AliasKind, KnownPost, PostState
from digest.store import dialect
from digest.store.tables import alias, feed, post, post_edit, post_source

T = TypeVar("T")

_CHUNK = 200  # bound values per statement: SQLite's oldest limit is 999

_SHOWN = [post.c[name] for name in KnownPost.__dataclass_fields__]


def _known(row: Row[Any]) -> KnownPost:
    values = dict(row._mapping)
    return KnownPost(**values | {"state": PostState(values["state"])})


def _chunks(wanted: Sequence[T]) -> Iterable[Sequence[T]]:
    return (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))


# --- Names -----------------------------------------------------------------------------------------


def known(conn: Connection, feed_id: int, names: Iterable[Alias]) -> dict[Alias, int]:
    """Return which of these names the feed has used before, and for which post."""
    found: dict[Alias, int] = {}
    for some in _chunks(sorted({(name.kind.value, name.value) for name in names})):
        statement = select(alias.c.kind, alias.c.value, alias.c.post_id).where(
            alias.c.feed_id == feed_id, tuple_(alias.c.kind, alias.c.value).in_(some)
        )
        for kind, value, post_id in conn.execute(statement):
            found[Alias(kind=AliasKind(kind), value=value)] = post_id
    return found


def known_elsewhere(conn: Connection, feed_id: int, names: Iterable[Alias]) -> dict[Alias, int]:
    """Return which of these links other feeds know a post by; the post that was known first counts."""
    found: dict[Alias, int] = {}
    links = sorted({name.value for name in names if name.kind is AliasKind.LINK})
    for some in _chunks(links):
        statement = (
            select(alias.c.value, func.min(alias.c.post_id))
            .where(alias.c.feed_id != feed_id, alias.c.kind == AliasKind.LINK, alias.c.value.in_(some))
            .group_by(alias.c.value)
        )
        for value, post_id in conn.execute(statement):
            found[Alias(kind=AliasKind.LINK, value=value)] = post_id
    return found


def add_names(conn: Connection, feed_id: int, names: Sequence[tuple[int, Alias]]) -> None:
    """Remember more names of posts, each with its post's id. A name keeps the post it was first given to."""
    rows = [
        {"feed_id": feed_id, "kind": name.kind.value, "value": name.value, "post_id": post_id}
        for post_id, name in names
    ]
    dialect.insert_new(conn, alias, rows)


def give_name(conn: Connection, feed_id: int, name: Alias, post_id: int) -> None:
    """Make a name that a feed uses anew stand for this post from now on."""
    row = {"feed_id": feed_id, "kind": name.kind.value, "value": name.value, "post_id": post_id}
    dialect.upsert(conn, alias, row, key=["feed_id", "kind", "value"])


def names_of(conn: Connection, post_id: int) -> list[tuple[int, Alias]]:
    """Return every name of a post with the feed that uses it."""
    statement = select(alias).where(alias.c.post_id == post_id)
    return [
        (row.feed_id, Alias(kind=AliasKind(row.kind), value=row.value))
        for row in conn.execute(statement.order_by(alias.c.feed_id, alias.c.kind, alias.c.value))
    ]


def links_of_feed(conn: Connection, feed_id: int) -> list[str]:
    """Return every normalised link a feed has used."""
    statement = select(alias.c.value).where(alias.c.feed_id == feed_id, alias.c.kind == AliasKind.LINK)
    return list(conn.execute(statement).scalars())


# --- Posts, without their text ---------------------------------------------------------------------


def by_id(conn: Connection, post_id: int) -> KnownPost | None:
    """Return a post, or None."""
    return by_ids(conn, [post_id]).get(post_id)


def by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, KnownPost]:
    """Return these posts by their ids."""
    found: dict[int, KnownPost] = {}
    for some in _chunks(sorted(set(ids))):
        for row in conn.execute(select(*_SHOWN).where(post.c.id.in_(some))):
            found[row.id] = _known(row)
    return found


def titled(conn: Connection, feed_id: int, titles: Iterable[str]) -> list[KnownPost]:
    """Return a feed's posts with exactly these titles."""
    found = []
    for some in _chunks(sorted(set(titles))):
        statement = select(*_SHOWN).where(post.c.title.in_(some), _from(feed_id)).order_by(post.c.id)
        found += [_known(row) for row in conn.execute(statement)]
    return found


def of_feed(conn: Connection, feed_id: int) -> list[KnownPost]:
    """Return every post a feed has brought, oldest first."""
    statement = select(*_SHOWN).where(_from(feed_id)).order_by(post.c.id)
    return [_known(row) for row in conn.execute(statement)]


def listing(
    conn: Connection, *, state: PostState | None = None, feed_id: int | None = None, limit: int
) -> list[KnownPost]:
    """Return posts, newest first."""
    statement = select(*_SHOWN).order_by(post.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(post.c.state == state)
    if feed_id is not None:
        statement = statement.where(_from(feed_id))
    return [_known(row) for row in conn.execute(statement)]


def due(conn: Connection, now: datetime) -> list[KnownPost]:
    """Return held posts that are to be let in by now, the one due first at the front."""
    statement = (
        select(*_SHOWN)
        .where(post.c.state == PostState.HELD, post.c.held_until <= now)
        .order_by(post.c.held_until, post.c.id)
    )
    return [_known(row) for row in conn.execute(statement)]


def newest_date(conn: Connection, feed_id: int, now: datetime) -> datetime | None:
    """Return the date of a feed's newest post, dates ahead of now left out."""
    statement = select(func.max(post.c.published_at)).where(_from(feed_id), post.c.published_at <= now)
    found: datetime | None = conn.execute(statement).scalar_one()
    return found


def _from(feed_id: int) -> Any:
    return exists().where(post_source.c.post_id == post.c.id, post_source.c.feed_id == feed_id)


# --- Sources and edits -----------------------------------------------------------------------------


def add_sources(conn: Connection, feed_id: int, ids: Iterable[int], now: datetime) -> None:
    """Remember that a feed brought these posts."""
    rows = [{"post_id": post_id, "feed_id": feed_id, "first_seen_at": now} for post_id in ids]
    dialect.insert_new(conn, post_source, rows)


def sources_of(conn: Connection, post_id: int) -> list[tuple[int, str, datetime]]:
    """Return the feeds that brought a post: id, address, and since when; the first one first."""
    statement = (
        select(post_source.c.feed_id, feed.c.url, post_source.c.first_seen_at)
        .join(feed, feed.c.id == post_source.c.feed_id)
        .where(post_source.c.post_id == post_id)
        .order_by(post_source.c.first_seen_at, post_source.c.feed_id)
    )
    return [(feed_id, url, since) for feed_id, url, since in conn.execute(statement)]


def add_edit(conn: Connection, before: KnownPost, now: datetime) -> None:
    """Keep what a post said before it is changed, each version once: caches flip between two copies."""
    said = post_edit.c.post_id == before.id, post_edit.c.content_hash == before.content_hash
    if conn.execute(select(post_edit.c.id).where(*said).limit(1)).first() is None:
        conn.execute(
            insert(post_edit).values(
                post_id=before.id, at=now, title=before.title, content_hash=before.content_hash
            )
        )


def edits_of(conn: Connection, post_id: int) -> list[tuple[datetime, str]]:
    """Return when a post was changed and the title it had before, oldest first."""
    statement = select(post_edit.c.at, post_edit.c.title).where(post_edit.c.post_id == post_id)
    return [(at, title) for at, title in conn.execute(statement.order_by(post_edit.c.id))]


def merge(conn: Connection, double: int, into: int) -> None:
    """Make one post of two: ``double`` lends its names and its feeds to ``into`` and is gone."""
    rows = conn.execute(select(post_source).where(post_source.c.post_id == double)).all()
    dialect.insert_new(conn, post_source, [dict(row._mapping) | {"post_id": into} for row in rows])
    conn.execute(update(alias).where(alias.c.post_id == double).values(post_id=into))
    conn.execute(delete(post_source).where(post_source.c.post_id == double))
    conn.execute(delete(post_edit).where(post_edit.c.post_id == double))
    conn.execute(delete(post).where(post.c.id == double))
