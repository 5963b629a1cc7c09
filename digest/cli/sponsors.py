"""Commands about sponsors: add, list, report, remove."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from digest.cli.output import MOST, json_text, table
from digest.cli.running import Json

app = typer.Typer(help="Paid placements, always labelled.", no_args_is_help=True, rich_markup_mode=None)

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The sponsor's name.")],
    *,
    text: Annotated[str, typer.Option(help="One or two sentences that go on from the name.")],
    link: Annotated[str, typer.Option(help="Where the link leads (https://…).")],
    starts: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")],
    ends: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day.")],
    link_text: Annotated[str, typer.Option(help="Words of the link; default: the name.")] = "",
    theme: Annotated[str, typer.Option(help="A theme; default: the whole issue.")] = "",
    label: Annotated[str, typer.Option(help="What stands over it; default: Sponsored.")] = "",
) -> None:
    """Add a placement, for one theme or for whole issues, between two days.

    \b
    Example:
      digest sponsor add "Harbour Case Systems" --text "helps teams share risk information." \\
        --link https://harbour.example/ --theme Prisons --starts 2026-12-01 --ends 2026-12-31
    """
    with context.obj.app() as opened:
        placed = opened.placements.place(
            name=name,
            text=text,
            link=link,
            link_text=link_text or name,
            theme=theme,
            starts_on=starts.date(),
            ends_on=ends.date(),
            label=label,
        )
    where = f"theme {placed.theme_key}" if placed.theme_key else "whole issues"
    print(f"Placed {placed.name} in {where}, {placed.starts_on} to {placed.ends_on}.")


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List every placement by its first day.

    \b
    Example:
      digest sponsor list
    """
    with context.obj.app() as opened:
        found = opened.placements.numbered()
    if as_json:
        print(json_text([{"number": number, **asdict(one)} for number, one in found]))
    elif found:
        rows = [
            [number, one.name, one.theme_key or "(whole issue)", one.starts_on, one.ends_on, one.link]
            for number, one in found
        ]
        print(table(["number", "sponsor", "theme", "first day", "last day", "link"], rows))
    else:
        print("No placement: `digest sponsor add`.")


@app.command()
def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A sponsor; default: all.")] = "",
    *,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; default: 30 days ago.")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; default: today.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what each sponsor got between two days: issues, dates and mails that were taken, with a checksum.

    \b
    Example:
      digest sponsor report "Harbour Case Systems" --from 2026-11-01 --to 2026-11-30 --json
    """
    with context.obj.app() as opened:
        found = opened.placements.report(name, from_ and from_.date(), to and to.date())
    if as_json:
        print(json_text(found))
        return
    rows = [
        [one.sponsor, one.theme or "(whole issue)", one.issue, one.day, one.delivered] for one in found.lines
    ]
    print(table(["sponsor", "theme", "issue", "day", "delivered"], rows))
    print()
    print(f"{found.first} to {found.last}: {found.delivered} delivered. Checksum: {found.checksum}")


@app.command()
def remove(
    context: typer.Context,
    number: Annotated[int, typer.Argument(max=MOST, help="The placement, as the list numbers it.")],
) -> None:
    """Remove a placement. Issues that were approved with it keep it.

    \b
    Example:
      digest sponsor remove 3
    """
    with context.obj.app() as opened:
        gone = opened.placements.remove(number)
    print(f"Removed the placement of {gone.name}, {gone.starts_on} to {gone.ends_on}.")
