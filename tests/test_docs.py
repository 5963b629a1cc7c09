"""The documents keep up with the program: every setting, command, option and log event is described.

Generic on purpose: a new setting, command or event makes these tests fail until it is written up.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from digest.cli.frame import app
from digest.settings.faults import fields_of, literal
from digest.settings.load import check
from digest.settings.schema import Settings
from digest.settings.sources import Sources

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- Settings --------------------------------------------------------------------------------------


def settings() -> list[tuple[str, str]]:
    """Return each setting as its page names it, with its default as TOML writes it."""
    found = []
    for section in Settings.model_fields:
        for name, field in fields_of(section).items():
            default = "required" if field.is_required() else f"`{literal(field.default)}`"
            found.append((name if section == "secrets" else f"{section}.{name}", default))
    return found


@pytest.mark.parametrize(("name", "default"), settings())
def test_every_setting_is_documented_with_its_default(name: str, default: str) -> None:
    assert f"| `{name}` | {default} | " in read("docs/configuration.md")


def test_no_setting_is_documented_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|", read("docs/configuration.md"), flags=re.MULTILINE)
    assert rows == [name for name, _ in settings()]


def test_every_setting_says_what_it_means_in_a_sentence() -> None:
    """``digest init`` writes these sentences into digest.toml."""
    for section in Settings.model_fields:
        for name, field in fields_of(section).items():
            assert (field.description or "").endswith("."), f"{section}.{name}"


def test_the_example_configuration_can_be_used() -> None:
    example = re.findall(r"```toml\n(.*?)```", read("docs/configuration.md"), flags=re.DOTALL)[-1]
    keys = {"token_keys": {"k1": "a1" * 32}, "address_key": "b2" * 32, "smtp_password": "pw"}
    assert check(Sources(values=tomllib.loads(example) | {"secrets": keys})).publication.name


# --- Commands --------------------------------------------------------------------------------------


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with the words to type for it."""
    if hasattr(command, "commands"):
        for word, inner in command.commands.items():
            yield from commands(inner, f"{name} {word}")
    else:
        yield name, command


COMMANDS = dict(commands(typer.main.get_command(app), "digest"))


def documented(name: str) -> str:
    """Return what docs/commands.md says of a command; empty when it says nothing."""
    _, _, after = read("docs/commands.md").partition(f"\n## `{name}`\n")
    return after.partition("\n## ")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert documented(name).strip(), f"docs/commands.md lacks a section “## `{name}`”"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts if "--" in option]
    page = documented(name)
    missing = [option for option in options if option != "--help" and not re.search(rf"{option}\b", page)]
    assert not missing, f"docs/commands.md lacks below “## `{name}`”"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_in_its_help(name: str) -> None:
    text = COMMANDS[name].help or ""
    assert re.search(rf"Examples?:\n\s+{name}\b", text), f"{name} --help lacks “Example:” and a line to copy"


def test_no_command_is_documented_that_does_not_exist() -> None:
    headings = re.findall(r"^## `(digest .+?)`$", read("docs/commands.md"), flags=re.MULTILINE)
    assert [heading for heading in headings if heading not in COMMANDS] == []


# --- Log events ------------------------------------------------------------------------------------


def events() -> dict[str, str]:
    """Return the name of every event the program logs, with the file that does."""
    found = {}
    for file in sorted([*ROOT.glob("digest/**/*.py"), *ROOT.glob("subscribers/**/*.py")]):
        source = file.read_text(encoding="utf-8")
        if "structlog" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if is_log_call(node):
                name = node.args[0]
                where = f"{file.relative_to(ROOT)}:{node.lineno}"
                assert isinstance(name, ast.Constant), f"{where}: an event's name is a plain string"
                found[str(name.value)] = where
    return found


def is_log_call(node: ast.AST) -> bool:
    """Return whether the node is a call such as ``log.info("event", …)``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return False
    logger = node.func.value
    name = logger.attr if isinstance(logger, ast.Attribute) else getattr(logger, "id", "")
    return node.func.attr in LEVELS and name.strip("_") in {"log", "logger"}


def test_every_log_event_is_documented() -> None:
    page = read("docs/events.md")
    missing = {name: where for name, where in events().items() if f"| `{name}` | " not in page}
    assert not missing, "docs/events.md lacks these"


def test_no_log_event_is_documented_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `(\S+)` \|", read("docs/events.md"), flags=re.MULTILINE)
    assert [name for name in rows if name not in events()] == []


def test_a_log_call_is_known_as_one() -> None:
    calls = ["log.info('sent', issue=1)", "self._log.error('sent')", "logger.warning('sent')"]
    others = ["log.bind(issue=1)", "log.info()", "messages.error('sent')", "print('sent')"]
    parsed = [ast.parse(text, mode="eval").body for text in calls + others]
    assert [is_log_call(node) for node in parsed] == [True] * 3 + [False] * 4


# --- The other pages -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", sorted(path.relative_to(ROOT) for path in ROOT.glob("docs/**/*.md")), ids=str
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", read(str(page)))
    assert [target for target in targets if not (ROOT / page.parent / target).exists()] == []


def test_every_decision_is_numbered_once_and_listed() -> None:
    notes = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [note[:4] for note in notes] == [f"{number:04}" for number in range(1, len(notes) + 1)]
    index = read("docs/decisions/README.md")
    assert [note for note in notes if f"({note})" not in index] == []
