"""Commands about readers: add, import, list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import MOST, json_text, table
from digest.cli.running import Json
from subscribers.model import Cadence, Status

if TYPE_CHECKING:
    from digest.pipeline.readers_csv import ImportReport

app = typer.Typer(help="Readers: who receives mail.", no_args_is_help=True, rich_markup_mode=None)

_BAD_ROWS_SHOWN = 50


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

    Nobody receives an issue before pressing the button in that mail.

    \b
    Example:
      digest subscriber add ada@example.org --cadence every-post --theme Prisons
    """
    with context.obj.app() as opened:
        opened.invite(email, name=name, cadence=cadence, themes=theme or ())
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
    this way. Reading the same file twice changes nothing the second time. Exit code 1 when rows were bad.

    \b
    Example:
      digest subscriber import readers.csv --confirmed "double opt-in at the old provider, 3 May 2026"
    """
    with context.obj.app() as opened:
        report = opened.import_readers(file.read_bytes(), file_name=file.name, proof=confirmed, invite=invite)
    print(json_text(report) if as_json else _told(report))
    if report.bad:
        raise typer.Exit(1)


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
        people = opened.subscribers(
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
