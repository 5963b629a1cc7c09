"""Commands about one address: what is kept about it, and what an operator may do to it.

``subscribers`` puts them into the tree of commands. Each records its own name as the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import json_text, table
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.pipeline.readers import Dossier

AnAddress = Annotated[str, typer.Argument(help="The person's address.", metavar="ADDRESS")]

_SOURCE = "digest subscriber"


def show(context: typer.Context, address: AnAddress, *, as_json: Json = False) -> None:
    """Show all that is kept about one address: status, choices, and the proof of consent.

    \b
    Example:
      digest subscriber show ada@example.org
    """
    with context.obj.app() as opened:
        dossier = opened.readers.dossier(address)
    print(json_text(dossier) if as_json else _told(dossier))


def _told(dossier: Dossier) -> str:
    """Return a dossier as a small table and the lines of consent, oldest first."""
    rows: list[list[object]] = []
    person = dossier.subscriber
    if person:
        wanted = person.preferences
        rows += [
            ["address", person.email],
            ["name", person.name],
            ["status", person.status.value],
            ["cadence", wanted.cadence.value],
            ["themes", ", ".join(sorted(wanted.themes)) or "every theme"],
            ["paused until", wanted.paused_until],
            ["first asked", person.created_at],
            ["confirmed", person.confirmed_at],
        ]
    if dossier.suppression:
        rows.append(["must not be mailed", dossier.suppression.value])
    lines = [table(["what", "value"], [row for row in rows if row[1]])]
    if dossier.consent:
        records = [[record.at, record.kind.value, record.source, record.detail] for record in dossier.consent]
        lines += ["", table(["when", "consent", "where", "in words"], records)]
    return "\n".join(lines)


def remove(context: typer.Context, address: AnAddress) -> None:
    """Unsubscribe one person. They may come back by asking and confirming.

    \b
    Example:
      digest subscriber remove ada@example.org
    """
    with context.obj.app() as opened:
        person = opened.readers.remove(address, source=f"{_SOURCE} remove")
    print(f"{person.email} is {person.status.value}: no more mail.")


def erase(
    context: typer.Context,
    address: AnAddress,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget one person: address, name and choices are gone for good.

    A keyed hash of the address remains, so that no file brings it back; the person may ask and confirm anew.

    \b
    Example:
      digest subscriber erase ada@example.org --yes
    """
    with context.obj.app() as opened:
        person = opened.readers.find(address)
        if not yes:
            typer.confirm(f"Erase {person.email} for good?", abort=True)
        opened.readers.erase(address, source=f"{_SOURCE} erase")
    print("Erased.")


def suppress(context: typer.Context, address: AnAddress) -> None:
    """Never mail an address again, known or not, whatever its owner or a file asks for.

    \b
    Example:
      digest subscriber suppress ada@example.org
    """
    with context.obj.app() as opened:
        opened.readers.suppress(address, source=f"{_SOURCE} suppress")
    print("Suppressed: no mail goes there until `digest subscriber lift`.")


def lift(context: typer.Context, address: AnAddress) -> None:
    """Let an address be mailed again after a bounce, a complaint, an erasure or `suppress`.

    Nobody becomes a reader by it: they must ask and confirm anew.

    \b
    Example:
      digest subscriber lift ada@example.org
    """
    with context.obj.app() as opened:
        reason = opened.readers.lift(address)
    print(f"Lifted ({reason.value})." if reason else "Nothing forbade that address; nothing was changed.")


def move(
    context: typer.Context,
    address: AnAddress,
    new: Annotated[str, typer.Argument(help="Where their mail shall go.", metavar="NEW")],
) -> None:
    """Let a reader's mail go to another address, once its owner has pressed the button in a mail to it.

    Choices go along, no post is lost and none comes twice; the old address is told.

    \b
    Example:
      digest subscriber move ada@example.org ada@example.net
    """
    with context.obj.app() as opened:
        waiting = opened.reader_desk.move(address, new)
    print(f"The next run asks {waiting.email}; the link in that mail works for 30 minutes.")


def ask_again(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(help="Readers' addresses.", metavar="ADDRESS...")],
) -> None:
    """Ask readers whether they still want mail. Whoever does not answer in 30 days gets no more.

    \b
    Example:
      digest subscriber ask-again ada@example.org bob@example.org
    """
    with context.obj.app() as opened:
        for address in addresses:
            until = opened.reader_desk.ask_again(address)
            print(f"The next run asks {address}; without an answer their mail ends on {until:%Y-%m-%d}.")
