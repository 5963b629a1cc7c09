"""Commands about issues: list, show, send, stop, continue, accept-findings, cancel, held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import held
from digest.cli.context import operator_name
from digest.cli.finding_lines import finding_line, found_told
from digest.cli.output import MOST, json_text, table
from digest.cli.running import Json
from digest.errors import NotAllowed

if TYPE_CHECKING:
    from digest.store.issues import StoredIssue

app = typer.Typer(help="Issues: each named, dated mailing.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(held.app, name="held")

Name = Annotated[str, typer.Argument(help="The issue's name, as `digest issue list` shows it.")]


@app.command("list")
def list_(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=MOST)] = 20,
    as_json: Json = False,
) -> None:
    """List the newest issues.

    \b
    Example:
      digest issue list --limit 5
    """
    with context.obj.app() as opened:
        found = opened.issues(limit)
    if as_json:
        print(json_text(found))
    elif found:
        print(
            table(
                ["issue", "state", "due (UTC)", "readers", "subject or reason"], [_row(one) for one in found]
            )
        )
    else:
        print("No issue yet: one is made when it is due and something new has come in.")


def _row(issue: StoredIssue) -> list[object]:
    return [
        issue.name,
        issue.state.value,
        f"{issue.due_at:%Y-%m-%d %H:%M}",
        issue.expected,
        issue.subject or issue.reason,
    ]


@app.command()
def show(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Show one issue: its posts, its deliveries by state, what the gate found, and mails that need a person.

    \b
    Example:
      digest issue show weekly-2026-11-22
    """
    with context.obj.app() as opened:
        found = opened.issue(name)
    if as_json:
        print(json_text(found))
        return
    issue = found.issue
    print(f"{issue.name}: {issue.state.value}" + (f" ({issue.reason})" if issue.reason else ""))
    print(f"  subject  {issue.subject or '(none)'}")
    print(f"  due      {issue.due_at:%Y-%m-%d %H:%M} UTC")
    print(f"  hash     {issue.approved_hash or '(not approved)'}")
    for number, title in found.posts:
        print(f"  post     {number}  {title}")
    for number, reason in found.without_model:
        print(f"  extract  {number}  not by the language model: {reason}")
    if found.overridden:
        print(f"  edited   {', '.join(found.overridden)} (by the overrides file)")
    if issue.expected is not None:
        states = ", ".join(f"{count} {state}" for state, count in sorted(found.deliveries.items()))
        print(f"  readers  {issue.expected}" + (f": {states}" if states else ""))
    for one in found.findings:
        print(f"  {one['severity']:<8} {finding_line(one)}")
    for one in found.accepted:
        print(f"  accepted {', '.join(one['rules'])} by {one['by']} on {one['at'][:10]}: {one['because']}")
    if found.notable:
        rows = [
            [
                one.id,
                one.reader,
                one.state,
                one.code,
                one.reason or ("may have arrived twice" * one.possible_duplicate),
            ]
            for one in found.notable
        ]
        print()
        print(table(["delivery", "reader", "state", "code", "why"], rows))


@app.command()
def overrides(context: typer.Context, *, as_json: Json = False) -> None:
    """Check your overrides file, and say what it changes in which issue. Nothing is made or sent.

    Exit code 2 where something in it cannot be followed, with the line and what to write.

    \b
    Example:
      digest issue overrides
    """
    with context.obj.app() as opened:
        found = opened.check_overrides()
    if as_json:
        print(json_text(found))
    elif found:
        rows = [[f"[{one.table}]", one.issue, ", ".join(one.changes) or one.note] for one in found]
        print(table(["table", "issue", "changes"], rows))
    else:
        print("Your overrides file says nothing, or is not there: every issue is made as it comes.")


@app.command()
def send(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(help="An issue's name, or a cadence (weekly …) for its next issue as things stand."),
    ],
    *,
    to: Annotated[str, typer.Option("--to", help="The one address to send it to.")],
) -> None:
    """Send one issue to one address, to look at it in a real mailbox. Counts for nobody.

    In test mode it goes to the operator like every other mail, and names the address. Beside a running job,
    that job sends it.

    \b
    Example:
      digest issue send weekly --to you@example.org
    """
    from digest.delivery.states import Event

    with context.obj.app() as opened:
        queued, done = opened.send_trial(name, to)
        where = to if opened.status().live else f"{opened.publication.operator_address} (test mode)"
    trial = queued.name
    if found := found_told(queued.report):
        print(f"GATE   {found}: `digest check {name}` shows them")
    if done is None:
        print(f"{trial}: queued for {where}. The running job sends it within 15 s.")
        return
    if done.events[Event.ACCEPT]:
        print(f"{trial}: handed over for {where}.")
        return
    for why in done.trouble:
        print(f"STOP   {why}")
    print(f"{trial}: not sent yet; `digest issue show {trial}` says why, and the next run tries again.")
    raise typer.Exit(1)


@app.command()
def stop(context: typer.Context, name: Name) -> None:
    """Stop an issue that is being sent; `digest issue continue` lets it go on.

    A run that is sending it takes no further mail of it. What was handed over cannot be called back.

    \b
    Example:
      digest issue stop weekly-2026-11-22
    """
    with context.obj.app() as opened:
        opened.issue_desk.stop(name)
    print(f"{name} is stopped. `digest issue continue {name}` lets it go on, `digest issue cancel` ends it.")


@app.command("continue")
def continue_(context: typer.Context, name: Name) -> None:
    """Let a stopped issue go on: the next run sends the rest.

    \b
    Example:
      digest issue continue weekly-2026-11-22
    """
    with context.obj.app() as opened:
        opened.issue_desk.go_on(name)
    print(f"{name} goes on with the next run.")


@app.command("accept-findings")
def accept_findings(
    context: typer.Context,
    name: Name,
    *,
    because: Annotated[
        str,
        typer.Option(
            "--because", help="Why it may be sent as it is; kept with the issue, as is your login name."
        ),
    ],
) -> None:
    """Let an issue be sent in spite of the errors the gate found; the next run goes on.

    Exactly what was found is accepted: the same rule at another place holds the issue again.

    \b
    Example:
      digest issue accept-findings weekly-2026-11-22 --because "the dead link is what the post is about"
    """
    with context.obj.app() as opened:
        rules = opened.issue_desk.accept_findings(name, because, by=operator_name())
    print(f"{name}: accepted {', '.join(rules)}. The next run goes on with it.")


@app.command()
def cancel(
    context: typer.Context,
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """End an approved, frozen or stopped issue for good. Its posts go into its readers' next issue.

    To keep a post out of that one too: `digest post skip`.

    \b
    Example:
      digest issue cancel weekly-2026-11-22
    """
    with context.obj.app() as opened:
        if not yes and not typer.confirm(f"End {name} for good?"):
            raise NotAllowed(f"Nothing was changed: {name} goes on.")
        ended = opened.issue_desk.cancel(name)
    print(f"{name} is cancelled; {ended} mails were not sent. Their posts go into the readers' next issue.")
