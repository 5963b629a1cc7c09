"""Pages that were read for feeds which carry only summaries: each once, failures with their reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from digest.store import dialect
from digest.store.tables import page

_CHUNK = 200  # bound values per statement


@dataclass(frozen=True, kw_only=True)
class Page:
    """What reading a page gave."""

    url: str
    fetched_at: datetime
    html: str  # the article as it was found, not yet clean; empty when there was none
    reason: str = ""  # why there was none


def kept(conn: Connection, urls: Sequence[str]) -> dict[str, Page]:
    """Return the pages that were read before, by address."""
    found: dict[str, Page] = {}
    for start in range(0, len(urls), _CHUNK):
        statement = select(page).where(page.c.url.in_(list(urls[start : start + _CHUNK])))
        found |= {row.url: Page(**row._mapping) for row in conn.execute(statement)}
    return found


def keep(conn: Connection, read: Page) -> None:
    """Remember what reading a page gave; a newer reading replaces an older one."""
    row = {"url": read.url, "fetched_at": read.fetched_at, "html": read.html, "reason": read.reason}
    dialect.upsert(conn, page, row, key=["url"])
