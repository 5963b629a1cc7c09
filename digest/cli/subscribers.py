"""Commands about readers: add, import, export, list; those about one address stand in ``one_subscriber``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import one_subscriber
from digest.cli.context import operator_name
from digest.cli.output import MOST, Progress, json_text, table
from digest.cli.running import Json
from subscribers.model import Cadence, Status

if TYPE_CHECKING:
    from digest.pipeline.readers_csv import ImportReport

app = typer.Typer(help="Readers: who receives mail.", no_args_is_help=True, rich_markup_mode=None)

app.command("show")(one_subscriber.show)
app.command("remove")(one_subscriber.remove)
app.command("erase")(one_subscriber.erase)
app.command("suppress")(one_subscriber.suppress)
app.command("lift")(one_subscriber.lift)
app.command("move")(one_subscriber.move)
app.command("ask-again")(one_subscriber.ask_again)

_BAD_ROWS_SHOWN = 50
_LONG = 2000  # rows; an import of fewer is over before its progress could be read


@app.command()
def add(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The person's address.")],
    *,
    name: Annotated[str, typer.Option(help="How the person wishes to be called.")] = "",
    cadence: Annotated[Cadence, typer.Option(help="How often.")] = Cadence.WEEKLY,
    theme: Annotated[
        list[str] | None, typer.Option(help="A theme; repeat for more. Default: every theme.")
    ] = None,
) -> None:
    """Ask one person to confirm: the next run sends them the confirm mail.

    Nobody receives an issue before pressing the button in that mail. Your login name becomes part of the
    proof of consent.

    \b
    Example:
      digest subscriber add ada@example.org --cadence every-post --theme Prisons
    """
    with context.obj.app() as opened:
        opened.reader_desk.invite(
            email, name=name, cadence=cadence, themes=theme or (), operator=operator_name()
        )
    print("The next run sends the confirm mail (or a preferences link, if the address is a reader already).")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A CSV file with a header line; `email` is the one column it needs.")
    ],
    *,
    confirmed: Annotated[
        str,
        typer.Option(help="Where and how these people consented; makes them readers at once. Kept as proof."),
    ] = "",
    invite: Annotated[
        bool, typer.Option("--invite", help="Send a confirm mail to those who are not confirmed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring in readers from a CSV file. Bad rows are listed with line and reason; good ones are taken.

    Without --confirmed they wait as pending. Addresses that left, bounced or are suppressed never come back
    this way, even where somebody has filled in the form for them since: only confirming brings them back.
    Reading the same file twice changes nothing the second time. Exit code 1 when rows were bad.

    \b
    Example:
      digest subscriber import readers.csv --confirmed "double opt-in at the old provider, 3 May 2026"
    """
    with context.obj.app() as opened, ExitStack() as shown:
        report = opened.reader_desk.import_readers(
            file.read_bytes(),
            file_name=file.name,
            proof=confirmed,
            invite=invite,
            advance=_progress(shown, file.name),
        )
    print(json_text(report) if as_json else _told(report))
    if report.bad:
        raise typer.Exit(1)


def _progress(shown: ExitStack, label: str) -> Callable[[int, int], None]:
    """Return what shows how far a long import is."""
    line: Progress | None = None

    def advance(count: int, total: int) -> None:
        nonlocal line
        if total >= _LONG:
            line = line or shown.enter_context(Progress(label, total))
            line.advance(count)

    return advance


def _told(report: ImportReport) -> str:
    lines = [f"{count:6}  {_FATES[fate.value]}" for fate, count in report.counts.items() if count]
    lines.append(f"{len(report.bad):6}  rows not taken" + (":" if report.bad else ""))
    lines += [f"        line {row.line}: {row.reason}" for row in report.bad[:_BAD_ROWS_SHOWN]]
    if len(report.bad) > _BAD_ROWS_SHOWN:
        lines.append(f"        … and {len(report.bad) - _BAD_ROWS_SHOWN} more (--json lists all)")
    return "\n".join(lines)


_FATES = {
    "confirmed": "readers from now on",
    "pending": "wait until they confirm",
    "known": "were known; nothing changed",
    "suppressed": "must never be mailed; nothing stored",
    "left": "had left, bounced or complained; stays so",
}


@app.command()
def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A new file, which only you may read; default: standard output.")
    ] = None,
    *,
    status: Annotated[Status | None, typer.Option(help="Only these.")] = None,
    cadence: Annotated[Cadence | None, typer.Option(help="Only these.")] = None,
) -> None:
    """Write readers as CSV, oldest first; `digest subscriber import` reads it back.

    \b
    Example:
      digest subscriber export readers.csv --status confirmed
    """
    with context.obj.app() as opened:
        if file is None:
            opened.reader_desk.export_readers(sys.stdout, status=status, cadence=cadence)
            return
        with open(file, "x", encoding="utf-8", newline="", opener=_private) as out:
            written = opened.reader_desk.export_readers(out, status=status, cadence=cadence)
    print(f"{written} written to {file}.")


def _private(path: str, flags: int) -> int:
    """Open a file that nobody but its owner may read."""
    return os.open(path, flags, mode=0o600)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    status: Annotated[Status | None, typer.Option(help="Only these.")] = None,
    cadence: Annotated[Cadence | None, typer.Option(help="Only these.")] = None,
    contains: Annotated[str, typer.Option(help="Only addresses with this text in them.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most, oldest first.", min=1, max=MOST)] = 50,
    after: Annotated[
        int, typer.Option(help="Only those after this number, to page on.", min=0, max=MOST)
    ] = 0,
    as_json: Json = False,
) -> None:
    """List readers, oldest first.

    \b
    Example:
      digest subscriber list --status confirmed --limit 100
    """
    with context.obj.app() as opened:
        people = opened.reader_desk.subscribers(
            status=status, cadence=cadence, contains=contains, limit=limit, after_id=after
        )
    if as_json:
        print(json_text(people))
    elif people:
        rows = [
            [
                person.id,
                person.email,
                person.status.value,
                person.preferences.cadence.value,
                ", ".join(sorted(person.preferences.themes)) or "every theme",
            ]
            for person in people
        ]
        print(table(["number", "address", "status", "cadence", "themes"], rows))
        if len(people) == limit:
            print(f"There may be more: --after {people[-1].id}")
    else:
        print("Nobody fits.")
