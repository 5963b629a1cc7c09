"""``digest why``: what happened to something, and for what reason, from the ledger alone."""

from __future__ import annotations

import typer

from digest.cli.one_subscriber import AnAddress
from digest.cli.output import json_text, table
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


@app.command()
def reader(context: typer.Context, address: AnAddress, *, as_json: Json = False) -> None:
    """Say why an address gets mail or does not, what was sent to it last, and what was heard of that.

    \b
    Example:
      digest why reader ada@example.org
    """
    with context.obj.app() as opened:
        story = opened.reader_desk.why(address)
    if as_json:
        print(json_text(story))
        return
    print(story.verdict)
    if story.mails:
        rows = [
            [f"{one.at:%Y-%m-%d %H:%M}", one.about, one.state, one.code, one.reason] for one in story.mails
        ]
        print("\n" + table(["UTC", "mail", "state", "code", "reason"], rows))
    if story.events:
        rows = [
            [f"{one.at:%Y-%m-%d %H:%M}", one.about, one.kind, one.provider, one.code, one.detail]
            for one in story.events
        ]
        print("\n" + table(["UTC", "mail", "heard back", "by", "code", "words"], rows))
