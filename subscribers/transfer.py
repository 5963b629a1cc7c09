"""Readers in files: what a CSV says, row by row, and a CSV of readers that is safe to open.

Reads and writes text only; ``digest.pipeline.readers_csv`` acts on the rows. Every other service names
its columns differently, so headers have aliases. Nothing disappears: a row that cannot be used comes back
as a ``BadRow`` with its line and reason.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from subscribers.address import Address, parse
from subscribers.errors import BadAddress, BadFile
from subscribers.model import Cadence, Subscriber

MAX_FIELD_CHARACTERS = 10_000

# What other services call the column (lower case, without spaces, hyphens and underscores).
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "mail", "address", "subscriberemail", "useremail"),
    "name": ("name", "fullname", "displayname", "firstname"),
    "cadence": ("cadence", "frequency", "schedule", "interval"),
    "themes": ("themes", "theme", "topics", "categories", "interests", "tags"),
    "status": ("status", "state", "subscriptionstatus"),
    "confirmed_at": ("confirmedat", "confirmtime", "optintime", "confirmedon", "emailconfirmedat"),
}

_CADENCES: Mapping[str, Cadence] = {
    **{cadence.value: cadence for cadence in Cadence},
    "instant": Cadence.EVERY_POST,
    "immediately": Cadence.EVERY_POST,
    "every post": Cadence.EVERY_POST,
    "biweekly": Cadence.FORTNIGHTLY,
}

# Words for people who must not be mailed; a file's "deleted" is no less than its "bounced".
_LEFT = frozenset(
    {"unsubscribed", "optedout", "bounced", "cleaned", "complained", "complaint", "spam", "blocked"}
    | {"blocklisted", "disabled", "inactive", "suppressed", "erased", "deleted"}
)
_UNPROVEN = frozenset({"pending", "unconfirmed", "unverified", "invited"})

# A spreadsheet reads a cell that starts so as a formula; the wide forms count in some of them, too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_COLUMNS = ("email", "name", "status", "cadence", "themes", "created_at", "confirmed_at", "paused_until")


@dataclass(frozen=True, kw_only=True)
class GoodRow:
    """One reader in a file."""

    line: int  # where the row ends in the file, from 1
    address: Address
    name: str
    cadence: Cadence | None  # None: the file does not say
    themes: tuple[str, ...]  # as the file names them
    unproven: bool  # the file itself says that this person has not confirmed yet
    confirmed_at: str  # what the file says, for the proof of consent; may be empty


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """One row that cannot be used, and why."""

    line: int
    reason: str


def read_csv(data: bytes, *, allow_reserved: bool = False) -> Iterator[GoodRow | BadRow]:
    """Yield what each row says, in order; blank rows are skipped.

    Takes UTF-8 (with or without a mark) and falls back to Latin-1; separators are commas, semicolons or
    tabs, whichever the header uses most. Raises BadFile where there is no header with an email column.
    """
    text = _decode(data)
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: dict[str, int] | None = None
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells)
            else:
                yield _row(rows.line_num, cells, columns, allow_reserved)
    except csv.Error as error:
        raise BadFile(f"Line {rows.line_num} is not CSV: {error}. Mend that line.") from error
    if columns is None:
        raise BadFile("The file is empty. It needs a first line with column names, one of them 'email'.")


def export_csv(people: Iterable[Subscriber], out: TextIO) -> int:
    """Write people as CSV and return how many; ``read_csv`` reads it back.

    Cells that a spreadsheet would take for a formula get an apostrophe in front.
    """
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    written = 0
    for person in people:
        writer.writerow([_inert(cell) for cell in _cells(person)])
        written += 1
    return written


def _decode(data: bytes) -> str:
    """Return the text of a file; Latin-1 takes any byte, so this never fails."""
    if b"\x00" in data:
        raise BadFile("This is no CSV file: it holds zero bytes. Export the list as CSV in UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _columns(header: list[str]) -> dict[str, int]:
    """Return where each column we know is; raise BadFile without one for the address."""
    found: dict[str, int] = {}
    names = ["".join(filter(str.isalnum, cell.lower())) for cell in header]
    for column, aliases in _ALIASES.items():
        for alias in aliases:
            if alias in names:
                found[column] = names.index(alias)
                break
    if "email" not in found:
        raise BadFile("The first line names no column 'email'. Add the column names as the first line.")
    return found


def _row(line: int, cells: list[str], columns: dict[str, int], allow_reserved: bool) -> GoodRow | BadRow:
    """Return what one row says."""

    def cell(column: str) -> str:
        place = columns.get(column, len(cells))
        return _active(cells[place].strip()) if place < len(cells) else ""

    if any(len(text) > MAX_FIELD_CHARACTERS for text in cells):
        return BadRow(line=line, reason="A field is longer than 10,000 characters.")
    try:
        address = parse(cell("email"), allow_reserved=allow_reserved)
    except BadAddress as error:
        return BadRow(line=line, reason=error.reason)
    status = "".join(filter(str.isalnum, cell("status").lower()))
    if status in _LEFT:
        return BadRow(line=line, reason=f"The file says that this reader is {status}.")
    frequency = cell("cadence").lower()
    if frequency and frequency not in _CADENCES:
        return BadRow(line=line, reason=f"Unknown cadence. Use one of: {', '.join(Cadence)}.")
    return GoodRow(
        line=line,
        address=address,
        name=" ".join("".join(filter(str.isprintable, cell("name"))).split())[:100],
        cadence=_CADENCES.get(frequency),
        themes=tuple(theme for part in cell("themes").split(",") if (theme := part.strip())),
        unproven=status in _UNPROVEN,
        confirmed_at="".join(filter(str.isprintable, cell("confirmed_at")))[:40],
    )


def _cells(person: Subscriber) -> tuple[str, ...]:
    """Return a person as the columns of an export."""
    wanted = person.preferences

    def instant(value: datetime | None) -> str:
        return value.isoformat() if value else ""

    return (
        person.email,
        person.name,
        person.status.value,
        wanted.cadence.value,
        ",".join(sorted(wanted.themes)),
        instant(person.created_at),
        instant(person.confirmed_at),
        instant(wanted.paused_until),
    )


def _inert(cell: str) -> str:
    """Return a cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _active(cell: str) -> str:
    """Return a cell without the apostrophe that ``_inert`` put in front."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell
