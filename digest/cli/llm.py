"""``digest llm``: whether the language model answers, and how good its summaries are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from digest.cli.output import json_text
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.summarisers.llm import Attempt

app = typer.Typer(
    help="The language model that writes summaries.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def llm() -> None:
    """The language model that writes summaries."""


@app.command("check")
def check(context: typer.Context, *, as_json: Json = False) -> None:
    """Ask the model of [llm] to summarise a sample post of ours; show its answer and what we say of it.

    One call, which costs what a summary costs; nothing is stored. Exit code 1 when it does not answer, or its
    answer could not be shown to readers.

    \b
    Example:
      digest llm check
    """
    with context.obj.app() as opened:
        tried = opened.model_desk.attempt()
    print(json_text(tried) if as_json else _told(tried))
    if tried.faults:
        raise typer.Exit(1)


def _told(tried: Attempt) -> str:
    """Return what a model made of the sample post, in lines for a person."""
    lines = [f"{tried.model} answered:", "", tried.answer.strip(), ""]
    if tried.faults:
        lines += ["It could not be shown to readers:", *(f"  {fault}" for fault in tried.faults)]
    else:
        lines += ["It may be shown to readers: every name, number and quotation stands in the post."]
    lines.append(f"Tokens: {tried.tokens_in} sent, {tried.tokens_out} received.")
    if tried.cost:
        lines.append(f"Cost by the prices of [llm]: {tried.cost:.6f}.")
    return "\n".join(lines)
