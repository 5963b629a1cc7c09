"""``digest chaos``: does the promise hold on this machine? Kill it and see."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from digest.cli.output import MOST, Progress, json_text, table
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.chaos.run import Figures


def chaos(
    *,
    kills: Annotated[
        int, typer.Option(help="How many runs to kill at random moments.", min=0, max=MOST)
    ] = 20,
    readers: Annotated[int, typer.Option(help="How many readers each issue has.", min=1, max=999_999)] = 100,
    connections: Annotated[
        int, typer.Option(help="Connections to the mail server: the most a death may cost.", min=1, max=50)
    ] = 4,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL", help="An EMPTY database; without it a SQLite file in a folder of its own."
        ),
    ] = "",
    on_uncertain: Annotated[
        Literal["resend", "hold"], typer.Option(help="What is done with a mail that may have arrived.")
    ] = "resend",
    every_failpoint: Annotated[
        bool,
        typer.Option(
            "--every-failpoint", help="First kill one run at each of its moments, in three scenarios."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Kill `digest run` again and again, and count what its readers were sent.

    Sets up an installation of its own, with invented readers, a site and a mail server that writes down each
    mail before it says so; nothing leaves this machine, and your newsletter is not touched. Ctrl-C lets it
    finish the issue in hand and tells what was found. Exit code 1 when a promise was broken: a reader was
    skipped, or sent two without a flag.

    \b
    Example:
      digest chaos --kills 20 --readers 100
      digest chaos --kills 0 --every-failpoint --json
    """
    from digest.app import between
    from digest.chaos.run import Wishes, run
    from digest.cli.logs import configure
    from digest.cli.signals import stop_on_signals

    configure("error")
    wishes = Wishes(
        kills=kills,
        readers=readers,
        connections=connections,
        database=database,
        hold=on_uncertain == "hold",
        every_failpoint=every_failpoint,
    )
    stop = threading.Event()
    stop_on_signals(stop)
    figures = run(wishes, between, _progress, stop.is_set)
    print(json_text(_plain(figures)) if as_json else _told(figures))
    if figures.total.broken or figures.said:
        raise typer.Exit(1)


@contextmanager
def _progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how far a series of kills is; where nobody knows its end, every tenth is told."""
    if total:
        with Progress(label, total) as shown:
            yield shown.advance
        return
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if done % 10 == 0:
            print(f"{label}: {done} points", file=sys.stderr, flush=True)

    yield advance


def _plain(figures: Figures) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(figures) | {"total": asdict(figures.total)}


def _told(figures: Figures) -> str:
    """Return the figures as a table, and each promise that was broken in a line."""
    columns = [
        "what",
        "kills",
        "delivered",
        "lost",
        "twice",
        "flagged",
        "unflagged",
        "held",
        "most a kill",
        "left",
        "mailed after",
    ]
    parts = [(f"every point: {one.scenario}", one.verdict) for one in figures.swept]
    if figures.random.kills:
        parts.append((f"at random: {figures.on_uncertain}", figures.random))
    if len(parts) > 1:
        parts.append(("together", figures.total))
    rows = [
        [
            what,
            one.kills,
            one.deliveries,
            one.lost,
            one.duplicated,
            one.flagged,
            one.unflagged,
            one.held,
            one.worst_per_kill,
            one.left,
            one.mailed_after_leaving,
        ]
        for what, one in parts
    ]
    median, worst = figures.first_mail_s, figures.first_mail_worst_s
    lines = [
        f"{figures.system}, {figures.connections} connections",
        table(columns, rows),
        f"From a start to its first mail: {median:.1f} s (median), {worst:.1f} s (worst)",
    ]
    lines += [f"BROKEN  {what}" for what in figures.total.broken]
    lines += [f"ERROR   {line}" for line in figures.said.splitlines()]
    if not figures.total.broken:
        lines.append(
            "Kept: nobody was skipped, every second copy is flagged, nobody was mailed after leaving."
        )
    return "\n".join(lines)
