"""Commands about templates: list, check, copy."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.context import Context
from digest.cli.output import json_text, table
from digest.cli.running import Json
from digest.errors import NotAllowed

app = typer.Typer(
    help="The templates of mails and pages, and your own in their place.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List every template, and whose it is: ours or yours.

    \b
    Example:
      digest template list
    """
    from digest.template_files import own_templates, read_templates

    obj: Context = context.obj
    folder = obj.settings().template_folder()
    own = own_templates(folder)
    rows = [(name, "yours" if name in own else "ours") for name in sorted(read_templates(folder))]
    if as_json:
        print(json_text([{"template": name, "whose": whose} for name, whose in rows]))
    else:
        print(table(["template", "whose"], rows))


@app.command()
def check(context: typer.Context, *, as_json: Json = False) -> None:
    """Render every mail with made-up data and say what fails: template, line and why. Exit code 1 on a fault.

    \b
    Example:
      digest template check --json
    """
    from digest.pipeline.proof import prove

    with context.obj.app() as opened:
        found = prove(opened.tools)
    faults = [proof for proof in found if proof.problem]
    if as_json:
        print(json_text(found))
    else:
        for proof in faults:
            print(f"{proof.mail}: {proof.problem}")
        print(f"{len(found) - len(faults)} of {len(found)} mails and pages render.")
    if faults:
        raise typer.Exit(1)


@app.command()
def copy(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A template's name: email/welcome/body.html.")],
) -> None:
    """Copy one of our templates into your folder (templates.folder), to change it there.

    \b
    Example:
      digest template copy email/welcome/body.html
    """
    from digest.template_files import copy_template

    obj: Context = context.obj
    folder = obj.settings().template_folder()
    if folder is None:
        raise NotAllowed("There is no folder for your templates: set templates.folder in digest.toml first.")
    print(f"Copied to {copy_template(name, folder)}. It takes the place of ours from the next run on.")
