"""Commands about posts: list, show, skip, release, resend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import MOST, json_text, table
from digest.cli.running import Json
from digest.model import PostState
from subscribers.model import Cadence

if TYPE_CHECKING:
    from digest.explain import PostStory
    from digest.model import KnownPost
    from digest.pipeline.editors import Released, Skipped

app = typer.Typer(help="The site's posts.", no_args_is_help=True, rich_markup_mode=None)

Id = Annotated[
    int, typer.Argument(metavar="ID", max=MOST, help="The post's id, as `digest post list` shows it.")
]


@app.command("list")
def list_(
    context: typer.Context,
    *,
    state: Annotated[PostState | None, typer.Option(help="Only posts in this state.")] = None,
    feed: Annotated[str, typer.Option(help="Only posts of this feed: its id or address.")] = "",
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=MOST)] = 30,
    as_json: Json = False,
) -> None:
    """List posts, newest first: their state, and why one waits or never goes.

    \b
    Example:
      digest post list --state held
    """
    with context.obj.app() as opened:
        found = opened.editors.posts(state=state, feed=feed, limit=limit)
    if as_json:
        print(json_text(found))
    elif found:
        columns = ["id", "number", "state", "first seen", "title", "why"]
        print(table(columns, [_row(post) for post in found]))
    else:
        print("No post yet." if state is None and not feed else "No such post.")


def _row(post: KnownPost) -> list[object]:
    why = post.held_because
    if post.held_until:
        why += f", until {post.held_until:%Y-%m-%d %H:%M}"
    if post.fuse_id:
        why += f" {post.fuse_id}"
    return [post.id, post.number or "", post.state.value, f"{post.first_seen_at:%Y-%m-%d}", post.title, why]


@app.command()
def show(context: typer.Context, post: Id, *, as_json: Json = False) -> None:
    """Show everything known of one post: its names, feeds, edits, and the issues it was in.

    \b
    Example:
      digest post show 12
    """
    with context.obj.app() as opened:
        found = opened.why_post(post)
    print(json_text(found) if as_json else told(found))


def told(story: PostStory) -> str:
    """Return what is written down of a post, in lines for a person."""
    post = story.post
    dated = f"{post.published_at:%Y-%m-%d %H:%M} UTC" if post.published_at else "none, or not believable"
    lines = [
        post.title,
        f"  id          {post.id}",
        f"  number      {post.number or 'none: it is not mailable'}",
        f"  state       {post.state.value}" + (f" ({post.held_because})" if post.held_because else ""),
        f"  address     {post.link or '(none)'}",
        f"  dated       {dated}",
        f"  first seen  {post.first_seen_at:%Y-%m-%d %H:%M} UTC",
        f"  theme       {story.theme or '(none)'}",
        f"  categories  {', '.join(story.categories) or '(none)'}",
    ]
    lines += [f"  feed        {url} since {since:%Y-%m-%d %H:%M} UTC" for _, url, since in story.sources]
    lines += [f"  known as    {name.kind.value} {name.value} (feed {feed})" for feed, name in story.aliases]
    lines += [f"  edited      {at:%Y-%m-%d %H:%M} UTC, was “{title}”" for at, title in story.edits]
    lines += [f"  picture     {reason}" for reason in story.pictures]
    for one in story.issues:
        states = ", ".join(f"{count} {state.value}" for state, count in sorted(one.readers.items()))
        lines.append(f"  issue       {one.issue}: {one.state.value}, {states or 'nobody got it from there'}")
    return "\n".join(lines)


@app.command()
def skip(context: typer.Context, post: Id) -> None:
    """Leave a post out of every issue that is not frozen yet.

    \b
    Example:
      digest post skip 12
    """
    with context.obj.app() as opened:
        done = opened.editors.skip(post)
    print(_skipped(done))


def _skipped(done: Skipped) -> str:
    title = f"Post {done.post.id}, “{done.post.title}”,"
    if not done.too_late:
        lines = [f"{title} is skipped: no issue will carry it."]
    else:
        lines = [f"{title} is left out of every issue from now on. Too late for:"]
        for one in done.too_late:
            states = ", ".join(f"{count} {state.value}" for state, count in sorted(one.readers.items()))
            lines.append(f"  {one.issue}, which is frozen: {states}")
    lines += [f"{name} is made anew without it by the next run." for name in done.redrafted]
    return "\n".join(lines)


@app.command()
def release(context: typer.Context, post: Id) -> None:
    """Let in a post that is held, was skipped, or was there from the start.

    It goes into the next issue of each cadence. Readers who have had it do not get it again.

    \b
    Example:
      digest post release 12
    """
    with context.obj.app() as opened:
        done = opened.editors.release(post)
    print(_released(done))


def _released(done: Released) -> str:
    title = f"Post {done.post.id}, “{done.post.title}”,"
    if not done.had:
        return f"{title} is mailable as number {done.number}: it goes into the next issue of each cadence."
    return (
        f"{title} is mailable again as number {done.number}. {_readers(done.had)} had it and will not get it "
        f"again; `digest post resend {done.post.id}` mails it to them, marked as updated."
    )


@app.command()
def resend(
    context: typer.Context,
    post: Id,
    *,
    everybody: Annotated[
        bool, typer.Option("--to-all-who-had-it", help="To every reader who has had it.")
    ] = False,
    cadence: Annotated[
        Cadence | None, typer.Option(help="Only to those of them who are on this cadence.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    despite_findings: Annotated[
        bool, typer.Option("--despite-findings", help="Even where the gate finds errors in the mail.")
    ] = False,
) -> None:
    """Mail a post once more, as it stands now and marked as updated, to readers who have had it.

    \b
    Example:
      digest post resend 12 --to-all-who-had-it
      digest post resend 12 --cadence every-post --yes
    """
    if everybody == (cadence is not None):
        raise typer.BadParameter("say to whom: either --to-all-who-had-it or --cadence")
    with context.obj.app() as opened:
        plan = opened.editors.plan_resend(post, cadence)
        if not yes:
            typer.confirm(f"Mail “{plan.subject}” to {_readers(plan.readers)}?", abort=True)
        done = opened.editors.resend(post, cadence, despite_findings=despite_findings)
    print(f"{done.name}: “{done.subject}” waits for {_readers(done.readers)}; the next run sends it.")


def _readers(count: int) -> str:
    return "1 reader" if count == 1 else f"{count} readers"
