"""Pictures that were looked at before a mail showed them: what was found, and what was made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, select

from digest.editorial.pictures import Picture, Verdict
from digest.store import dialect
from digest.store.tables import picture

_CHUNK = 200  # bound values per statement


def kept(conn: Connection, urls: Sequence[str]) -> dict[str, Picture]:
    """Return the pictures that were looked at before, by address."""
    found: dict[str, Picture] = {}
    for start in range(0, len(urls), _CHUNK):
        statement = select(picture).where(picture.c.url.in_(list(urls[start : start + _CHUNK])))
        for row in conn.execute(statement):
            found[row.url] = Picture(**(dict(row._mapping) | {"verdict": Verdict(row.verdict)}))
    return found


def keep(conn: Connection, looked_at: Picture) -> None:
    """Remember what looking at a picture gave; a newer look replaces an older one."""
    dialect.upsert(conn, picture, asdict(looked_at), key=["url"])
