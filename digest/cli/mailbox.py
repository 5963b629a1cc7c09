"""``digest mailbox``: what came back by mail."""

from __future__ import annotations

import typer

from digest.cli.context import Context
from digest.cli.output import json_text
from digest.cli.running import Json

app = typer.Typer(help="Bounces, complaints and mails to leave.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def mailbox() -> None:
    """Bounces, complaints and mails to leave."""


@app.command("read")
def read(context: typer.Context, *, as_json: Json = False) -> None:
    """Read the mailbox now and obey what came: every run does so by itself, at the mailbox's own pace.

    Each mail is read once. What is no bounce, complaint or mail to leave stays unread for you; nothing is
    ever answered or deleted. Exit code 1 when the mailbox cannot be used.

    \b
    Example:
      digest mailbox read
    """
    obj: Context = context.obj
    with obj.app() as opened:
        report = opened.read_mailbox()
    if as_json:
        print(json_text(report))
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.mails.items()))
    print(f"Mails read: {kinds or 'none'}.")
    print(f"Written down: {report.new}. Known before: {report.known}. Left unread for you: {report.left}.")
