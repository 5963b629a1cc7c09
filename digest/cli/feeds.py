"""Commands about feeds: add, list, show, poll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import json_text, table
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.model import Feed
    from digest.pipeline.hooks import HookDetail

app = typer.Typer(help="The site's feeds.", no_args_is_help=True, rich_markup_mode=None)

Url = Annotated[str, typer.Argument(help="Address of a feed, or of the site whose feed it is.")]


@app.command()
def add(context: typer.Context, url: Url) -> None:
    """Add a feed. Given a home page, finds the feed it names.

    What the feed holds now is known from then on and never mailed; what appears later is.

    \b
    Example:
      digest feed add https://example.org/
    """
    with context.obj.app() as opened:
        added = opened.add_feed(url)
    print(f"Added {added.feed.url} ({added.why}).")
    print(f"First poll: {added.line}.")
    if added.failed:
        raise typer.Exit(1)


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List the feeds and how they are doing.

    \b
    Example:
      digest feed list
    """
    with context.obj.app() as opened:
        found = opened.feeds()
    if as_json:
        print(json_text(found))
    elif found:
        rows = [[feed.id, feed.url, feed.state.value, feed.last_answer] for feed in found]
        print(table(["id", "feed", "state", "last answer"], rows))
    else:
        print("No feed yet: `digest feed add URL`.")


@app.command()
def show(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed's id or address.")],
    *,
    as_json: Json = False,
) -> None:
    """Show one feed: state, last answer, warnings, next poll, newest posts.

    \b
    Example:
      digest feed show 1
    """
    with context.obj.app() as opened:
        found, newest = opened.feed(feed)
        told = opened.hooks.detail(found.id)
    if as_json:
        titles = [{"title": post.title, "link": post.link, "state": post.state} for post in newest]
        print(json_text({"feed": found, "newest": titles, "hooks": told}))
        return
    print(_told(found))
    print(f"  hub          {_hub(found, told)}")
    print(f"  ping         {told.ping_url}")
    rows = [
        [post.number or "", post.state.value, f"{post.first_seen_at:%Y-%m-%d}", post.title] for post in newest
    ]
    if rows:
        print()
        print(table(["number", "state", "first seen", "title"], rows))


def _told(feed: Feed) -> str:
    def when(moment: object) -> str:
        return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"

    lines = [
        feed.title or feed.url,
        f"  address      {feed.url}",
        f"  site         {feed.site_url or 'not named'}",
        f"  state        {feed.state.value}"
        + (f", {feed.failures} failures in a row" if feed.failures else ""),
        f"  last poll    {when(feed.last_polled_at)}: {feed.last_answer or 'none yet'}",
        f"  last success {when(feed.last_ok_at)}",
        f"  next poll    {when(feed.next_poll_at) if feed.next_poll_at else 'at the next run'}",
    ]
    lines += [f"  warning      {warning}" for warning in feed.warnings]
    return "\n".join(lines)


def _hub(feed: Feed, told: HookDetail) -> str:
    """Return how its hub and we stand, in one line."""
    if not feed.hub_url:
        return "none named by the feed; it is polled"
    if not told.push_wanted:
        return f"{feed.hub_url}, not asked (feeds.push)"
    if told.push is None:
        return f"{feed.hub_url}, to be asked at the next run"
    push = told.push
    lease = f" until {push.lease_until:%Y-%m-%d %H:%M} UTC" if push.lease_until else ""
    return f"{push.hub_url}, {push.state.value}{lease}" + (f" ({push.reason})" if push.reason else "")


@app.command()
def poll(
    context: typer.Context,
    *,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Read the feed's older pages too, and find what was missed.")
    ] = False,
) -> None:
    """Ask every feed now, due or not; keep what is new, send nothing.

    \b
    Example:
      digest feed poll
      digest feed poll --backfill
    """
    with context.obj.app() as opened:
        collected = opened.poll_all(backfill=backfill)
    for one in collected:
        print(f"{one.feed_url}: {one.line}")
        for title in one.new:
            print(f"  new  {title}")
    if not collected:
        print("No feed to poll: `digest feed add URL`.")
    if any(one.failed for one in collected):
        raise typer.Exit(1)
