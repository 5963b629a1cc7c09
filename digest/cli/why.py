"""``digest why``: what happened to something, and for what reason, from the ledger alone."""

from __future__ import annotations

import typer

from digest.cli.output import json_text
from digest.cli.posts import Id, told
from digest.cli.running import Json

app = typer.Typer(help="Why something was mailed, or was not.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def why() -> None:
    """Why something was mailed, or was not."""


@app.command()
def post(context: typer.Context, wanted: Id, *, as_json: Json = False) -> None:
    """Say why a post was mailed or was not: when it was seen, how it is known, where it went.

    \b
    Example:
      digest why post 12
    """
    with context.obj.app() as opened:
        story = opened.why_post(wanted)
    print(json_text(story) if as_json else f"{story.verdict}\n\n{told(story)}")
