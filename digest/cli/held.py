"""Commands about mails that wait for a person: list, accept, resend, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import json_text, table
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.pipeline.issue_desk import Decision

app = typer.Typer(help="Mails that wait for a person.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="The issue's name, as `digest issue list` shows it.")]
Deliveries = Annotated[
    list[int] | None,
    typer.Argument(metavar="[DELIVERY]...", help="As `digest issue held list` shows them; none: all."),
]


@app.command("list")
def list_(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """List an issue's mails that wait for a person, each with the reason.

    \b
    Example:
      digest issue held list weekly-2026-11-22
    """
    with context.obj.app() as opened:
        found = opened.issue_desk.held(name)
    if as_json:
        print(json_text(found))
    elif found:
        rows = [
            [one.id, one.reader, "may have arrived" if one.possible_duplicate else "", one.code, one.reason]
            for one in found
        ]
        print(table(["delivery", "reader", "doubt", "code", "why"], rows))
    else:
        print(f"No mail of {name} waits for you.")


@app.command()
def accept(context: typer.Context, name: Name, deliveries: Deliveries = None) -> None:
    """Say that held mails arrived: their readers have had those posts.

    \b
    Example:
      digest issue held accept weekly-2026-11-22 17 18
    """
    from digest.pipeline.issue_desk import Decision

    count = _decide(context, name, Decision.ACCEPT, deliveries)
    print(f"{count} mails of {name} count as arrived.")


@app.command()
def resend(context: typer.Context, name: Name, deliveries: Deliveries = None) -> None:
    """Send held mails again with the next run, with a new deadline.

    \b
    Example:
      digest issue held resend weekly-2026-11-22
    """
    from digest.pipeline.issue_desk import Decision

    count = _decide(context, name, Decision.RESEND, deliveries)
    print(f"{count} mails of {name} go out with the next run.")


@app.command()
def drop(context: typer.Context, name: Name, deliveries: Deliveries = None) -> None:
    """Give held mails up: their posts go into the readers' next issue.

    \b
    Example:
      digest issue held drop weekly-2026-11-22 17
    """
    from digest.pipeline.issue_desk import Decision

    count = _decide(context, name, Decision.DROP, deliveries)
    print(f"{count} mails of {name} are given up; their posts go into the readers' next issue.")


def _decide(context: typer.Context, name: str, decision: Decision, deliveries: list[int] | None) -> int:
    with context.obj.app() as opened:
        count: int = opened.issue_desk.decide(name, decision, deliveries or ())
    return count
