"""``digest init``: writes a configuration that explains itself, and the secrets beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.errors import ConfigurationError, Fault, NotAllowed

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

FLAGS = {  # the settings a new installation must state: how to say them, and how to ask for them
    ("publication", "name"): ("--name", "Name of the newsletter"),
    ("publication", "site_url"): ("--site", "Address of the site (https://…)"),
    ("publication", "public_url"): ("--public-url", "Address where readers will reach `digest web`"),
    ("mail", "from_address"): ("--from", "Address the mail is from"),
    ("mail", "operator_address"): ("--operator", "Your address, for alerts and tests"),
}

HEADER = """\
# The configuration of Everypost, as `digest init` made it.
#
# Lines that start with "# name =" show a default: remove the "# " to change one. Every setting can also come
# from the environment: DIGEST_SMTP__PORT=25 is port below [smtp]. Keys and passwords are in {secrets}.
"""

SECRETS_HEADER = """\
# The secrets of this installation: keep a copy in a safe place, show it to nobody.
# Without these keys the links in mails already sent stop working, and erased addresses are forgotten.
"""


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made when missing.")] = Path(),
    *,
    name: Annotated[str, typer.Option(help="Name of the newsletter.")] = "",
    site: Annotated[str, typer.Option(help="Address of the site whose posts are mailed.")] = "",
    public_url: Annotated[str, typer.Option(help="Address where readers will reach `digest web`.")] = "",
    from_: Annotated[str, typer.Option("--from", help="Address the mail is from.")] = "",
    operator: Annotated[
        str, typer.Option(help="Your address, for alerts and for every mail in test mode.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone of dates and due times.")] = "UTC",
    language: Annotated[str, typer.Option(help="Language of the newsletter's own words.")] = "en",
) -> None:
    """Write digest.toml and digest.secrets.toml for a new installation.

    Asks for what is missing when a person watches; a script gives every flag. Never overwrites a file.

    \b
    Example:
      digest init news --name "Plain Sentence" --site https://example.org \\
        --public-url https://news.example.org --from news@example.org --operator you@example.org
    """
    from digest.settings.load import check
    from digest.settings.sources import Sources

    config, secrets = folder / "digest.toml", folder / "digest.secrets.toml"
    for file in (config, secrets):
        if file.exists():
            raise NotAllowed(f"{file} is already there: edit it, or name another folder.")
    given = _ask(dict(zip(FLAGS, (name, site, public_url, from_, operator), strict=True)))
    given |= {("publication", "zone"): zone, ("publication", "language"): language}
    from digest.app import new_secret  # a second or two: not before the answers are there

    keys = {"token_keys": {"k1": new_secret()}, "address_key": new_secret()}
    sources = Sources(values=_tree(given) | {"secrets": keys}, origins=_places())
    check(sources)
    folder.mkdir(parents=True, exist_ok=True)
    _write(secrets, secrets_text(keys), mode=0o600)
    _write(config, config_text(given), mode=0o644)
    print(_next_steps(config, secrets, site=given["publication", "site_url"]))


def _ask(given: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Return the answers, asking a person for the missing ones; a script is told all that are missing."""
    missing = [path for path, value in given.items() if not value]
    if missing and not sys.stdin.isatty():
        raise ConfigurationError(
            [
                Fault(
                    where="digest init",
                    problem=f"{FLAGS[path][0]} is missing",
                    mend=f"Give it as {FLAGS[path][0]} VALUE.",
                )
                for path in missing
            ]
        )
    return given | {path: typer.prompt(FLAGS[path][1]) for path in missing}


def _places() -> dict[tuple[str, ...], str]:
    """Return where each value came from, for the faults."""
    places: dict[tuple[str, ...], str] = {path: flag for path, (flag, _) in FLAGS.items()}
    return places | {("publication", "zone"): "--zone", ("publication", "language"): "--language"}


def _tree(given: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for (section, name), value in given.items():
        tree.setdefault(section, {})[name] = value
    return tree


def config_text(given: Mapping[tuple[str, str], str]) -> str:
    """Return a digest.toml that shows every setting with its meaning; those not given, as their default."""
    from digest.settings.faults import fields_of, literal
    from digest.settings.schema import Settings

    lines = [HEADER.format(secrets="digest.secrets.toml")]
    for section, info in Settings.model_fields.items():
        if section == "secrets":
            continue
        lines += [f"# {(info.annotation.__doc__ or '').strip()}", f"[{section}]"]
        for name, field in fields_of(section).items():
            value = given.get((section, name), field.default)
            shown = f"{name} = {literal(value)}"
            active = (section, name) in given
            lines += [*_comment(field), shown if active else f"# {shown}", ""]
    return "\n".join(lines)


def secrets_text(keys: Mapping[str, Any]) -> str:
    """Return a digest.secrets.toml with the given keys."""
    from pydantic import SecretStr

    from digest.settings.faults import fields_of

    fields = fields_of("secrets")
    token_keys = ", ".join(f'{key_id} = "{key}"' for key_id, key in keys["token_keys"].items())
    lines = [
        SECRETS_HEADER,
        *_comment(fields["token_keys"]),
        f"token_keys = {{ {token_keys} }}",
        "",
        *_comment(fields["address_key"]),
        f'address_key = "{keys["address_key"]}"',
        "",
    ]
    for name, field in fields.items():
        if field.annotation is SecretStr and not field.is_required():
            lines += [*_comment(field), f'# {name} = ""', ""]
    return "\n".join(lines)


def _comment(field: FieldInfo) -> list[str]:
    return [f"# {line}" for line in wrap(field.description or "", 98)]


def _write(file: Path, text: str, *, mode: int) -> None:
    """Write a new file with these permissions from its first byte on; fail where one is already."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def _next_steps(config: Path, secrets: Path, *, site: str) -> str:
    """Return what to tell a person who just made a configuration."""
    digest = "digest" if config == Path("digest.toml") else f"digest --config {config}"
    return f"""\
Wrote {config} (edit it freely) and {secrets} (keep it secret).

Next:
  1. write publication.postal_address into {config}
     it stands at the foot of every mail; no issue goes out without it
  2. {digest} feed add {site}
     finds the site's feed and remembers the posts that are there already
  3. {digest} preview
     shows the next issue as it will be sent
  4. {digest} serve
     takes subscribers and sends; until `digest go-live` every mail comes to you"""
