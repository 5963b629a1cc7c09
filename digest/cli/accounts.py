"""Commands about what became of mail as a whole: report, recover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.issues import Name
from digest.cli.output import json_text, table
from digest.cli.running import Json
from digest.errors import NotAllowed

if TYPE_CHECKING:
    from digest.pipeline.report import IssueReport
    from digest.pipeline.restored import Recovered


def report(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Account for every reader of an issue: the counts add up to the audience it was frozen for.

    Lists what is held, in doubt, or flagged as perhaps arrived twice. Exit code 1 when the counts do not
    add up, or a mail waits for you.

    \b
    Example:
      digest report weekly-2026-11-22
      digest report weekly-2026-11-22 --json
    """
    with context.obj.app() as opened:
        found = opened.issue_desk.report(name)
    print(json_text(found) if as_json else _told(found))
    if not found.adds_up or found.held:
        raise typer.Exit(1)


def _told(found: IssueReport) -> str:
    lines = [f"{found.issue}: {found.state}"]
    if found.expected is None:
        lines.append("  Its audience is not complete yet: the next run goes on with the freeze.")
    rows = [[state, count] for state, count in found.counts.items()]
    lines += [f"  {line}" for line in table(["state", "readers"], rows).splitlines()]
    if found.expected is not None:
        verdict = "as frozen" if found.adds_up else f"NOT the {found.expected} it was frozen for"
        lines.append(f"  together {found.counted}: {verdict}")
    counts = {
        "final": found.final,
        "on their way": found.on_their_way,
        "in doubt": found.uncertain,
        "held for you": found.held,
        "may have arrived twice": found.flagged,
    }
    lines.append("  " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    if found.notable:
        shown = [
            [one.id, one.reader, one.state, "may have arrived twice" * one.possible_duplicate, one.reason]
            for one in found.notable
        ]
        lines += ["", table(["delivery", "reader", "state", "flag", "why"], shown)]
    return "\n".join(lines)


def recover(
    context: typer.Context,
    *,
    restored: Annotated[
        bool,
        typer.Option("--restored", help="The database was put back from a backup, or a late copy took over."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Hold everything that may have been sent since a backup was made, and pause.

    Nobody can know what went out between the backup and its return: so every mail of an open issue that is
    not final waits for you, with a flag. `digest issue held accept`, `resend` or `drop` decides, by the mail
    server's log; then `digest resume`. Exit code 3 while a run is at work.

    \b
    Example:
      digest recover --restored
    """
    if not restored:
        raise typer.BadParameter("say --restored: there is nothing else to recover from")
    with context.obj.app() as opened:
        if not yes and not typer.confirm("Hold every mail that may have been sent since the backup?"):
            raise NotAllowed("Nothing was changed.")
        with opened.lock():
            found = opened.issue_desk.recover()
    print(json_text(found) if as_json else _recovered(found))


def _recovered(found: Recovered) -> str:
    lines = [
        f"{name}: {count} mails held. `digest issue held list {name}` shows them, "
        "`held accept`, `resend` or `drop` decides."
        for name, count in found.held.items()
    ] or ["No mail of an issue was on its way in the backup."]
    lines += [
        f"{name}: not yet sent in the backup. If the mail server's log says it was since: "
        f"`digest issue cancel {name}`."
        for name in found.not_sent
    ]
    if found.notices:
        lines.append(f"{found.notices} mails to single readers (confirm, welcome) go out, perhaps again.")
    lines.append(
        "Posts that came after the backup are new once more: `digest run --dry-run` says what would be sent, "
        "`digest post skip` keeps one back. Paused; `digest resume` goes on."
    )
    return "\n".join(lines)
