"""Commands about fuses: list, show, accept, discard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import json_text, table
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.pipeline.fuses import FuseDetail, HeldPost

app = typer.Typer(
    help="Bursts of posts that look like known ones under new names.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Fuse = Annotated[int | None, typer.Argument(help="The fuse's id; none: the only open one.")]


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List the fuses, newest first.

    \b
    Example:
      digest fuse list
    """
    with context.obj.app() as opened:
        found = opened.editors.fuses()
    if as_json:
        print(json_text(found))
    elif found:
        rows = [
            [
                one.fuse.id,
                one.fuse.state.value,
                f"{one.fuse.opened_at:%Y-%m-%d %H:%M}",
                len(one.posts),
                one.feed_url,
                one.fuse.reason,
            ]
            for one in found
        ]
        print(table(["id", "state", "opened (UTC)", "held", "feed", "why"], rows))
    else:
        print("No fuse has blown.")


@app.command()
def show(context: typer.Context, fuse: Fuse = None, *, as_json: Json = False) -> None:
    """Show one fuse: how many posts it holds, and which known post each of them seems to be.

    \b
    Example:
      digest fuse show
    """
    with context.obj.app() as opened:
        found = opened.editors.fuse(fuse)
    print(json_text(found) if as_json else _told(found))


def _told(found: FuseDetail) -> str:
    fuse = found.fuse
    lines = [
        f"Fuse {fuse.id}, {fuse.state.value} (opened {fuse.opened_at:%Y-%m-%d %H:%M} UTC)",
        f"  feed  {found.feed_url}",
        f"  why   {fuse.reason}",
    ]
    if not found.posts:
        return "\n".join([*lines, "  It holds no post any more."])
    unlike = len(found.posts) - found.recognised
    lines += [
        f"  held  {_posts(len(found.posts))}: {found.recognised} like a known post, {unlike} like none",
        "",
        table(["id", "dated", "title", "seems to be", "by"], [_row(held) for held in found.posts]),
        "",
        f"`digest fuse accept {fuse.id}` says these are the known posts: nothing is mailed.",
        f"`digest fuse discard {fuse.id}` says they are new: all become mailable.",
    ]
    if unlike:
        lines.append("To mail one that is new and accept the rest: `digest post release ID` first.")
    return "\n".join(lines)


def _row(held: HeldPost) -> list[object]:
    post, seems = held.post, held.seems
    dated = f"{post.published_at:%Y-%m-%d}" if post.published_at else ""
    return [post.id, dated, post.title, f"{seems.id}  {seems.title}" if seems else "no known post", held.by]


@app.command()
def accept(context: typer.Context, fuse: Fuse = None) -> None:
    """Say that a fuse's posts are known ones under new names. Nothing is mailed.

    Those that are like no known post count as known from now on, too.

    \b
    Example:
      digest fuse accept
    """
    with context.obj.app() as opened:
        done = opened.editors.accept_fuse(fuse)
    rest = len(done.posts) - done.recognised
    print(
        f"Fuse {done.fuse.id}: the new names of {_posts(done.recognised)} are remembered, "
        f"{_posts(rest)} like no known one set aside as known. Nothing is mailed."
    )


@app.command()
def discard(context: typer.Context, fuse: Fuse = None) -> None:
    """Say that a fuse's posts are new: they become mailable and go into the next issues.

    \b
    Example:
      digest fuse discard
    """
    with context.obj.app() as opened:
        done = opened.editors.discard_fuse(fuse)
    print(
        f"Fuse {done.fuse.id}: {_posts(len(done.posts))} let in. They go into the next issue of each cadence."
    )


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"
