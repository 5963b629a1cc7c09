"""Commands about themes: list, show, rename, merge, pin, order, hide, unhide, preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import json_text, table
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.pipeline.theme_desk import PastWeek, ThemeDetail

app = typer.Typer(
    help="Themes: the topics that readers choose and issues are divided by.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="The theme's name or key, as `digest theme list` shows it.")]


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List every theme in the order readers see; hidden and merged ones last.

    \b
    Example:
      digest theme list
    """
    with context.obj.app() as opened:
        found = opened.theme_desk.every()
    if as_json:
        print(json_text(found))
    elif found:
        rows = [[one.theme.name, one.theme.key, one.posts, _state(one)] for one in found]
        print(table(["theme", "key", "posts", "state"], rows))
    else:
        print("No theme yet: they come from the categories of the feed's posts.")


def _state(one: ThemeDetail) -> str:
    if one.part_of:
        return f"part of {one.part_of}"
    return "hidden" if one.theme.hidden else "pinned" if one.theme.pinned else ""


@app.command()
def show(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Show one theme: what was merged into it, and its newest posts.

    \b
    Example:
      digest theme show Prisons
    """
    with context.obj.app() as opened:
        found = opened.theme_desk.show(name)
    if as_json:
        print(json_text(found))
        return
    print(f"{found.theme.name}" + (f" ({_state(found)})" if _state(found) else ""))
    print(f"  key    {found.theme.key}")
    print(f"  posts  {found.posts}")
    for part in found.parts:
        print(f"  holds  {part}")
    for post_id, title in found.newest:
        print(f"  post   {post_id}  {title}")


@app.command()
def rename(
    context: typer.Context, name: Name, to: Annotated[str, typer.Argument(help="The new name.")]
) -> None:
    """Give a theme another name, from the next issue on. The feed's word for it still leads to it.

    \b
    Example:
      digest theme rename "On Probation" Probation
    """
    with context.obj.app() as opened:
        before = opened.theme_desk.rename(name, to)
        after = opened.theme_desk.show(before.key).theme
    print(f"{before.name} is called {after.name} from the next issue on. Its key stays {after.key}.")


@app.command()
def merge(
    context: typer.Context,
    name: Name,
    into: Annotated[str, typer.Argument(help="The theme that it becomes part of.")],
) -> None:
    """Make a theme part of another one, with its posts and later ones, for good.

    Readers who chose it get the posts of the whole from now on.

    \b
    Example:
      digest theme merge "Womens prisons" Prisons
    """
    with context.obj.app() as opened:
        done = opened.theme_desk.merge(name, into)
    moved = "1 post moves" if done.posts == 1 else f"{done.posts} posts move"
    print(
        f"{done.theme.name} is part of {done.into.name}: {moved}, later ones follow, and readers who chose "
        f"{done.theme.name} get {done.into.name}."
    )


@app.command()
def pin(
    context: typer.Context,
    name: Name,
    *,
    off: Annotated[bool, typer.Option("--off", help="Not any more.")] = False,
) -> None:
    """Let a theme stand before the others, with a section of its own even for a single post.

    \b
    Example:
      digest theme pin Prisons
      digest theme pin Prisons --off
    """
    with context.obj.app() as opened:
        theme = opened.theme_desk.pin(name, pinned=not off)
    where = "takes its place among the others" if off else "stands before the others"
    print(f"{theme.name} {where} from the next issue on.")


@app.command()
def order(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Themes that come first, in this order.")],
) -> None:
    """Put themes in order: these first, then the others as they are. Pinned ones stand before all.

    \b
    Example:
      digest theme order Courts Prisons "On Probation"
    """
    with context.obj.app() as opened:
        ordered = opened.theme_desk.order(names)
    print("The order from the next issue on: " + ", ".join(theme.name for theme in ordered) + ".")


@app.command()
def hide(context: typer.Context, name: Name) -> None:
    """Show a theme no more: neither as a section nor as a choice. Its posts stand in the last section.

    Nobody can choose it, so every reader gets its posts.

    \b
    Example:
      digest theme hide "Site matters"
    """
    with context.obj.app() as opened:
        theme = opened.theme_desk.hide(name, hidden=True)
    print(f"{theme.name} is hidden from the next issue on. `digest theme unhide` shows it again.")


@app.command()
def unhide(context: typer.Context, name: Name) -> None:
    """Show a hidden theme again. Who had chosen it has it chosen still.

    \b
    Example:
      digest theme unhide "Site matters"
    """
    with context.obj.app() as opened:
        theme = opened.theme_desk.hide(name, hidden=False)
    print(f"{theme.name} is shown again from the next issue on.")


@app.command()
def preview(
    context: typer.Context,
    *,
    weeks: Annotated[int, typer.Option(help="How many weeks, up to today.", min=1, max=104)] = 8,
    as_json: Json = False,
) -> None:
    """Show how the posts of the last weeks would be divided by theme as things stand.

    \b
    Example:
      digest theme preview --weeks 8
    """
    with context.obj.app() as opened:
        found = opened.theme_desk.preview(weeks)
    if as_json:
        print(json_text(found))
        return
    print("\n\n".join(_week_told(week) for week in found))


def _week_told(week: PastWeek) -> str:
    lines = [f"{week.first} to {week.last}" + ("" if week.lead else ": nothing was published")]
    if week.lead:
        lines.append(f"  LEAD  {week.lead}")
    for section in week.sections:
        heading = section.heading or "Also this week"
        lines.append(f"  {heading}" + (" (found in the text)" if section.found else ""))
        lines += [f"    {title}" for title in section.posts]
    return "\n".join(lines)
