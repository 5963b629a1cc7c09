"""``digest provider``: whether the mail server or provider would take our mail."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.context import Context
from digest.cli.output import json_text

app = typer.Typer(help="The mail server or provider that takes the mail.", no_args_is_help=True)


@app.callback()
def provider() -> None:
    """The mail server or provider that takes the mail."""


@app.command("check")
def check(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask each backend whether it knows us: mail.backend, and mail.fallback. Sends nothing.

    A mail server is connected to and logged in to; a provider is asked something that only a good key may
    ask. A key that may do nothing but send can be refused here and still be good. Where mails are signed
    here ([dkim]), it says which TXT record publishes each key; the DNS is not asked. Exit code 1 when a
    backend refuses us or cannot be reached.

    \b
    Example:
      digest provider check
    """
    obj: Context = context.obj
    with obj.app() as app_:
        found = app_.check_backends()
        keys = {name: app_.signing_keys(name) for name, _ in found}
    records = {
        name: [{"name": one.record_name, "text": one.record, "warning": one.warning} for one in signing]
        for name, signing in keys.items()
    }
    if as_json:
        rows = [{"backend": name, "problem": problem, "dkim": records[name]} for name, problem in found]
        print(json_text(rows))
    else:
        for name, problem in found:
            print(f"{name}: {problem or 'takes our mail'}")
            for record in records[name]:
                print(f'  signed; publish: {record["name"]} TXT "{record["text"]}"')
                if record["warning"]:
                    print(f"  weak: {record['warning']}")
    if any(problem for _, problem in found):
        raise typer.Exit(1)
