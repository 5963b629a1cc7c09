"""Commands about feeds: add, import, list, show, poll, stop, start.

Neighbour: ``feed_page`` words what ``show`` prints.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import json_text, table
from digest.cli.running import Json
from digest.errors import AlreadyRunning

if TYPE_CHECKING:
    from digest.pipeline.add_feeds import Imported

app = typer.Typer(help="The site's feeds.", no_args_is_help=True, rich_markup_mode=None)

Url = Annotated[str, typer.Argument(help="Address of a feed, or of the site whose feed it is.")]
Named = Annotated[str, typer.Argument(metavar="FEED", help="The feed's id or address.")]


@app.command()
def add(
    context: typer.Context,
    url: Url,
    *,
    newest: Annotated[
        int, typer.Option(min=0, max=100, help="Mail this many of its newest posts, as if they were new.")
    ] = 0,
) -> None:
    """Add a feed. Given a home page, finds the feed it names, and says which and why.

    What the feed holds now is known from then on and never mailed; what appears later is.

    \b
    Example:
      digest feed add https://example.org/
    """
    with context.obj.app() as opened:
        added = opened.feed_desk.add(url, newest=newest)
    title = f" “{added.feed.title}”" if added.feed.title else ""
    print(f"Added feed {added.feed.id}{title}: {added.feed.url}")
    print(f"  why this one  {added.why}")
    print(f"  known now     {_posts(added.known)}; what appears from here on is")
    for post in added.new:
        print(f"  to be mailed  {post}")
    for warning in added.feed.warnings:
        print(f"  warning       {warning}")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="An OPML file, as feed readers export it.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Add every feed of an OPML file. A bad line is told and does not stop the others.

    Each address is treated as by `digest feed add`. Reading the same file twice changes nothing the second
    time. Exit code 1 when a line failed.

    \b
    Example:
      digest feed import feeds.opml
    """
    data = file.read_bytes()
    with context.obj.app() as opened:
        report = opened.feed_desk.bring_in(data)
    print(json_text(report) if as_json else _import_told(report))
    if any(one.result == "failed" for one in report):
        raise typer.Exit(1)


def _import_told(report: list[Imported]) -> str:
    if not report:
        return "The file lists no feed: no outline in it has an xmlUrl."
    counts = {result: sum(one.result == result for one in report) for result in ("added", "known", "failed")}
    lines = [
        f"line {one.line}: {one.result}{f' ({one.cause})' if one.cause else ''}: {one.detail}"
        for one in report
    ]
    return "\n".join([*lines, ", ".join(f"{count} {result}" for result, count in counts.items())])


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List the feeds and how they are doing.

    \b
    Example:
      digest feed list
    """
    with context.obj.app() as opened:
        found = opened.feed_desk.every()
    if as_json:
        print(json_text(found))
    elif found:
        rows = [[feed.id, feed.url, feed.state.value, feed.last_answer] for feed in found]
        print(table(["id", "feed", "state", "last answer"], rows))
    else:
        print("No feed yet: `digest feed add URL`.")


@app.command()
def show(context: typer.Context, feed: Named, *, as_json: Json = False) -> None:
    """Show one feed: state and cause, pace and why, next poll, hub and ping, warnings, answers, newest posts.

    \b
    Example:
      digest feed show 1
    """
    from digest.cli.feed_page import feed_page

    with context.obj.app() as opened:
        detail = opened.feed_desk.show(feed)
    if not as_json:
        print(feed_page(detail))
        return
    newest = [{"title": post.title, "link": post.link, "state": post.state} for post in detail.newest]
    facts = {"feed": detail.feed, "login": detail.login, "posts": detail.posts, "answers": detail.answers}
    facts |= {"hooks": detail.hooks}
    print(json_text(facts | {"newest": newest}))


@app.command()
def poll(
    context: typer.Context,
    feed: Annotated[
        str | None, typer.Argument(help="The feed's id or address; without it, every feed.")
    ] = None,
    *,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Read older pages of it too, and find what was missed.")
    ] = False,
) -> None:
    """Ask one feed or every feed now, due or not; keep what is new, send nothing.

    Beside a running job, that job asks them at its next tick; `--backfill` needs it stopped.

    \b
    Example:
      digest feed poll
      digest feed poll 1 --backfill
    """
    with context.obj.app() as opened:
        try:
            collected = opened.feed_desk.poll(feed, backfill=backfill)
        except AlreadyRunning:
            if backfill:
                raise
            for asked in opened.feed_desk.poll_soon(feed):
                print(f"{asked.url}: due now; the running job asks it within 15 s.")
            return
    for one in collected:
        print(f"{one.feed_url}: {one.line}")
        for title in one.new:
            print(f"  new  {title}")
        if one.held:
            print(
                "  `digest post list --state held` says why they are held; `digest post release` lets one in."
            )
    if not collected:
        print("No feed to poll: `digest feed add URL`.")
    if any(one.failed for one in collected):
        raise typer.Exit(1)


@app.command()
def stop(context: typer.Context, feed: Named) -> None:
    """Leave a feed alone until `digest feed start`. Its posts stay, and what it brought is still mailed.

    \b
    Example:
      digest feed stop 2
    """
    with context.obj.app() as opened:
        stopped = opened.feed_desk.stop(feed)
    print(f"Stopped feed {stopped.id}, {stopped.url}. `digest feed start {stopped.id}` goes on.")


@app.command()
def start(context: typer.Context, feed: Named) -> None:
    """Ask a stopped feed again from the next run on. Posts it published meanwhile are new.

    \b
    Example:
      digest feed start 2
    """
    with context.obj.app() as opened:
        started = opened.feed_desk.start(feed)
    print(f"Started feed {started.id}, {started.url}: the next run asks it.")


def _posts(count: int) -> str:
    return "1 post, which is not mailed" if count == 1 else f"{count} posts, which are not mailed"
