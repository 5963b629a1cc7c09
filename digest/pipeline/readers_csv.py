"""Bringing in and taking out whole files of readers.

A file proves nothing by itself: its readers wait as pending until they confirm, unless the operator
states what the proof of consent is, and that statement is kept with every one of them. Suppressed
addresses and people who left are never brought back. Neighbour: ``subscribers.transfer`` reads the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import TextIO

from sqlalchemy import Connection

from digest.pipeline.asking import nonce_of_day
from digest.pipeline.readers import Readers, in_words
from subscribers import store
from subscribers.lifecycle import Event
from subscribers.model import Cadence, ConsentKind, Preferences, Status, Subscriber
from subscribers.transfer import BadRow, GoodRow, export_csv, read_csv

_ROWS_PER_TRANSACTION = 500  # keeps the database free for the pages in between


class Fate(StrEnum):
    """What became of one good row."""

    CONFIRMED = "confirmed"  # a reader from now on
    PENDING = "pending"  # waits for the person to confirm
    KNOWN = "known"  # was there already; nothing changed
    SUPPRESSED = "suppressed"  # must never be mailed; nothing stored
    LEFT = "left"  # had left, bounced or complained here; stays so until they confirm anew


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of a file, row by row."""

    counts: Mapping[Fate, int] = field(default_factory=dict)  # every fate is there
    bad: tuple[BadRow, ...] = ()  # rows that cannot be used, in the file's order


def bring_in(
    readers: Readers,
    data: bytes,
    *,
    file_name: str,
    proof: str = "",
    theme_keys: Mapping[str, str] | None = None,
    invite: bool = False,
    advance: Callable[[int, int], None] = lambda _count, _total: None,
) -> ImportReport:
    """Take the readers of a CSV file in and return what became of each row.

    ``proof`` is the operator's statement of where and how these people consented; without it, or where
    the file itself says "unconfirmed", they wait as pending. ``invite`` queues a confirm mail for those.
    ``theme_keys`` maps theme names and keys, lower-case, to keys; other themes are dropped, but a row
    with none but those is bad: dropping them all would send that reader everything. Reading the
    same file twice changes nothing the second time. ``advance`` is told how many more good rows are stored,
    and of how many. Raises BadFile before anything is stored.
    """
    rows = list(read_csv(data, allow_reserved=readers.allow_reserved))
    counts = dict.fromkeys(Fate, 0)
    keys = theme_keys or {}
    rows = [_with_known_themes(row, keys) for row in rows]
    good = [row for row in rows if isinstance(row, GoodRow)]
    for batch in _batches(good, _ROWS_PER_TRANSACTION):
        with readers.db.transaction() as conn:
            for row in batch:
                source = f"import {file_name} line {row.line}"
                fate, person = _take_in(readers, conn, row, proof=proof, source=source, theme_keys=keys)
                counts[fate] += 1
                if invite and person:
                    nonce = nonce_of_day(readers.clock())
                    readers.queue_notice(conn, kind="confirm", subscriber_id=person.id, nonce=nonce)
        advance(len(batch), len(good))
    return ImportReport(counts=counts, bad=tuple(row for row in rows if isinstance(row, BadRow)))


def _with_known_themes(row: GoodRow | BadRow, keys: Mapping[str, str]) -> GoodRow | BadRow:
    """Return the row with the themes that exist, or a bad one where it asked for others only."""
    if isinstance(row, BadRow) or not row.themes:
        return row
    themes = tuple(name for name in row.themes if name.lower() in keys)
    if themes:
        return replace(row, themes=themes)
    known = ", ".join(sorted(set(keys.values()))) or "none yet: add the feed first"
    return BadRow(line=row.line, reason=f"There is no theme {row.themes[0]!r}. Known themes: {known}.")


def take_out(
    readers: Readers,
    out: TextIO,
    *,
    status: Status | None = None,
    cadence: Cadence | None = None,
) -> int:
    """Write the readers that fit as CSV and return how many; erased people have nothing to write."""
    return export_csv(_everybody(readers, status, cadence), out)


def _take_in(
    readers: Readers,
    conn: Connection,
    row: GoodRow,
    *,
    proof: str,
    source: str,
    theme_keys: Mapping[str, str],
) -> tuple[Fate, Subscriber | None]:
    """Return what became of one row, and the person where they now wait for a confirm mail."""
    now = readers.clock()
    if store.is_suppressed(conn, readers.signer.address_hash(row.address.key)):
        return Fate.SUPPRESSED, None
    person = store.by_email(conn, row.address.key, lock=True)
    proven = bool(proof) and not row.unproven
    if person is None:
        themes = frozenset(theme_keys[name.lower()] for name in row.themes)
        wanted = Preferences(cadence=row.cadence or Cadence.WEEKLY, themes=themes)
        person = store.add(
            conn,
            public_id=readers.new_public_id(),
            address=row.address,
            preferences=wanted,
            now=now,
            name=row.name,
        )
        if not proven:
            detail = f"{in_words(wanted)}; no proof of consent stated"
            store.append_consent(conn, person.id, ConsentKind.IMPORTED, now=now, source=source, detail=detail)
            return Fate.PENDING, person
    elif _has_left(conn, person):
        return Fate.LEFT, None
    elif person.status is Status.CONFIRMED:
        return Fate.KNOWN, None
    elif not proven:
        return Fate.KNOWN, person  # still waits: may be invited now
    said = f"; the file says: confirmed at {row.confirmed_at}" if row.confirmed_at else ""
    detail = f"{in_words(person.preferences)}; {proof}{said}"
    person = store.apply(conn, person, Event.IMPORT_PROVEN, now=now, source=source, detail=detail)
    readers.on_confirm(conn, person.id, person.preferences.cadence)
    return Fate.CONFIRMED, None


def _has_left(conn: Connection, person: Subscriber) -> bool:
    """Return whether a person is gone, or has left and not confirmed since.

    The second is asked whatever the status says: anybody can make somebody pending again by the form.
    """
    if person.status not in (Status.CONFIRMED, Status.PENDING):
        return True
    word = store.last_word(conn, person.id)
    return word is not None and word.kind is ConsentKind.UNSUBSCRIBED


def _everybody(readers: Readers, status: Status | None, cadence: Cadence | None) -> Iterator[Subscriber]:
    """Yield everybody who fits, page by page, holding no transaction open between pages."""
    after_id = 0
    while True:
        with readers.db.read() as conn:
            page = store.listing(conn, status=status, cadence=cadence, after_id=after_id, limit=500)
        if not page:
            return
        yield from (person for person in page if person.status is not Status.ERASED)
        after_id = page[-1].id


def _batches(rows: Iterable[GoodRow], size: int) -> Iterator[list[GoodRow]]:
    """Yield the rows in lists of at most that size."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch
