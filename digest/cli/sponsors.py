"""Commands about sponsors: add, list."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from digest.cli.output import json_text, table
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
        found = opened.placements.every()
    if as_json:
        print(json_text(found))
    elif found:
        rows = [
            [one.name, one.theme_key or "(whole issue)", one.starts_on, one.ends_on, one.link]
            for one in found
        ]
        print(table(["sponsor", "theme", "first day", "last day", "link"], rows))
    else:
        print("No placement: `digest sponsor add`.")
