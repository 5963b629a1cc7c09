"""Commands about the look of mails: show."""

from __future__ import annotations

import typer

from digest.cli.context import Context
from digest.cli.output import json_text, table
from digest.cli.running import Json

app = typer.Typer(help="How mails look.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """How mails look."""


@app.command()
def show(context: typer.Context, *, as_json: Json = False) -> None:
    """Show the two accents made from yours, for light and for dark mode, and say where yours was changed.

    \b
    Example:
      digest look show
    """
    from digest.rendering.colour import DARK_AT_LEAST, LIGHT_AT_LEAST, changed, least_contrast, palettes

    obj: Context = context.obj
    chosen = obj.settings().publication.accent
    modes = zip(("light", "dark"), palettes(chosen), (LIGHT_AT_LEAST, DARK_AT_LEAST), strict=True)
    found = [
        {
            "mode": mode,
            "accent": palette.accent,
            "on_accent": palette.on_accent,
            "contrast": round(least_contrast(palette.accent, palette), 1),
            "needed": needed,
            "contrast_of_yours": round(least_contrast(chosen, palette), 1),
            "changed": changed(chosen, palette.accent),
        }
        for mode, palette, needed in modes
    ]
    if as_json:
        print(json_text({"chosen": chosen, "modes": found}))
        return
    print(f"publication.accent is {chosen}.")
    print()
    rows = [[one["mode"], one["accent"], one["on_accent"], one["contrast"], one["needed"]] for one in found]
    print(table(["mode", "accent", "text on it", "contrast", "needed"], rows))
    for one in found:
        if one["changed"]:
            has = one["contrast_of_yours"]
            print(f"In {one['mode']} mode yours has a contrast of {has}:1 only, so it was changed.")
