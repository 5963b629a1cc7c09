"""Themes: topics that readers choose by key. A row is never deleted and its key never changes.

Neighbours: ``editorial.themes`` says what a name stands for, ``posts`` keeps which theme a post belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from digest.model import PostState, Theme
from digest.store import dialect
from digest.store.tables import post, sponsor, theme

_COLUMNS = [theme.c[name] for name in Theme.__dataclass_fields__ if name in theme.c]


def every(conn: Connection) -> list[Theme]:
    """Return every theme in the order readers see, hidden and merged ones too."""
    statement = select(*_COLUMNS).order_by(theme.c.pinned.desc(), theme.c.position, theme.c.key)
    return [Theme(**row._mapping) for row in conn.execute(statement)]


def add(conn: Connection, new: Theme) -> Theme:
    """Store a new theme after the others; an existing key keeps its name."""
    last = conn.execute(select(func.coalesce(func.max(theme.c.position), 0))).scalar_one()
    dialect.insert_or_ignore(conn, theme, [{"key": new.key, "name": new.name, "position": last + 1}])
    return Theme(**conn.execute(select(*_COLUMNS).where(theme.c.key == new.key)).one()._mapping)


def change(conn: Connection, key: str, **values: Any) -> None:
    """Write what the editor says of a theme."""
    conn.execute(update(theme).where(theme.c.key == key).values(**values))


def set_order(conn: Connection, keys: Sequence[str]) -> None:
    """Number the themes in this order."""
    for position, key in enumerate(keys, 1):
        change(conn, key, position=position)


def merge(conn: Connection, key: str, into: str) -> int:
    """Make a theme, and what was merged into it, part of another; return how many posts move.

    Posts and placements move. What readers chose stays as they chose it, and is understood anew.
    """
    whole = [key, *conn.execute(select(theme.c.key).where(theme.c.merged_into == key)).scalars()]
    conn.execute(update(theme).where(theme.c.key.in_(whole)).values(merged_into=into, pinned=False))
    conn.execute(update(sponsor).where(sponsor.c.theme_key == key).values(theme_key=into))
    return conn.execute(update(post).where(post.c.theme_key == key).values(theme_key=into)).rowcount


def move_post(conn: Connection, post_id: int, key: str) -> None:
    """Give a post another theme."""
    conn.execute(update(post).where(post.c.id == post_id).values(theme_key=key))


def post_counts(conn: Connection) -> Mapping[str, int]:
    """Return how many posts each theme has, by key: all but the skipped ones, as ``newest_posts`` lists."""
    statement = (
        select(post.c.theme_key, func.count())
        .where(post.c.state != PostState.SKIPPED)
        .group_by(post.c.theme_key)
    )
    return {row.theme_key: row[1] for row in conn.execute(statement)}


def newest_posts(conn: Connection, key: str, limit: int) -> list[tuple[int, str]]:
    """Return id and title of a theme's newest posts."""
    statement = (
        select(post.c.id, post.c.title)
        .where(post.c.theme_key == key, post.c.state != PostState.SKIPPED)
        .order_by(post.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.title) for row in conn.execute(statement)]
