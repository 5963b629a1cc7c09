"""``digest summarise``: the summary of one post, and how it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import MOST, json_text
from digest.cli.running import Json
from digest.errors import UnknownName

if TYPE_CHECKING:
    from digest.pipeline.summarise import Explained
    from digest.summarisers.explanation import Weighing


def summarise(
    context: typer.Context,
    post: Annotated[str, typer.Argument(metavar="POST", help="The post's id, or the address of its page.")],
    *,
    sentences: Annotated[int, typer.Option(help="The most sentences.", min=1, max=10)] = 3,
    explain: Annotated[bool, typer.Option("--explain", help="Show how it came about.")] = False,
    as_json: Json = False,
) -> None:
    """Show the summary of one post. Nothing is stored or sent.

    \b
    Example:
      digest summarise 12 --explain
    """
    if post.isdecimal() and int(post) > MOST:
        raise UnknownName(f"There is no post {post}; `digest post list` shows them.")
    with context.obj.app() as opened:
        found = opened.explain_summary(post, sentences)
    if as_json:
        print(json_text(found))
    else:
        print(_told(found, explain))


def _told(found: Explained, explain: bool) -> str:
    """Return what readers get in lines for a person, the working below when that is wanted."""
    summary, given = found.summary, found.readers_get
    lines = [given.text or f"No summary: nothing in “{found.title}” could stand as one."]
    if found.model:
        lines += ["", f"  {_by_whom(found)}"]
    if not explain:
        return "\n".join(lines)
    lines += ["", f"  post        {found.title}", f"  method      {given.method}"]
    if summary.standfirst:
        lines.append(f"  standfirst  not taken: {summary.standfirst}")
    if given.method == "model":
        lines += [
            "",
            "The extract, which stands in where a model's summary cannot be used:",
            "",
            summary.text,
        ]
    # What was never in question comes last: it is often most of a post.
    in_question = [each for each in summary.weighings if not each.reason]
    for weighing in sorted(in_question, key=lambda each: (not each.chosen, -each.score)):
        lines += ["", *_weighed(weighing)]
    refused = [each for each in summary.weighings if each.reason]
    if refused:
        lines += ["", "Never in question:"]
        lines += [f"  paragraph {each.paragraph}, {each.reason}: {each.text[:100]}" for each in refused]
    return "\n".join(lines)


def _by_whom(found: Explained) -> str:
    """Return who wrote what readers get, where a language model is set up."""
    given = found.readers_get
    if given.method == "model":
        return f"AI summary, written by {given.model}; readers are told."
    if not found.asked:
        return "An extract so far: the language model is asked when an issue or a preview is made."
    return f"An extract, not by the language model: {given.reason}."


def _weighed(weighing: Weighing) -> list[str]:
    under = f", under “{weighing.heading}”" if weighing.heading else ""
    return [
        f"{'*' if weighing.chosen else ' '} {weighing.score:.2f}  {weighing.text}",
        f"    paragraph {weighing.paragraph} ({weighing.block}){under}",
        "    " + ", ".join(f"{part.name} {part.points:+.2f}" for part in weighing.parts),
    ]
