"""Reads digest.toml, digest.secrets.toml and the environment into one tree that knows its places.

Decides nothing about values: ``schema`` does. What cannot be read at all (no such file, broken TOML, a
secrets file open to all) is a Fault here. Neighbours: ``load`` calls it, ``faults`` uses its places.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digest.errors import Fault
from digest.text.toml_places import Path_, lines_of

PREFIX = "DIGEST_"
SECRETS = "secrets"  # the section that has a file of its own


@dataclass
class Sources:
    """What was read so far; filled step by step, outermost source last."""

    values: dict[str, Any] = field(default_factory=dict)  # the tree, as TOML would give it
    origins: dict[Path_, str] = field(default_factory=dict)  # where each value and section stood
    faults: list[Fault] = field(default_factory=list)  # what could not be read
    complete: bool = True  # false: a file is missing or broken, so absent settings prove nothing
    home: str = "the environment"  # where a missing setting would be added
    secrets_home: str = "the environment"  # ditto, for a missing secret
    variables: list[str] = field(default_factory=list)  # DIGEST_* names that are no setting's


def secrets_path(path: Path) -> Path:
    """Return the secrets file of a configuration file: ``digest.secrets.toml`` beside ``digest.toml``."""
    return path.with_suffix(".secrets.toml")


def read_file(sources: Sources, path: Path, under: Path_ = ()) -> None:
    """Add the values of a TOML file to ``sources``, below the section ``under``."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        sources.faults.append(_syntax_fault(path, str(error)))
    except FileNotFoundError:
        mend = "Make one with `digest init`, or name another with --config"
        sources.faults.append(Fault(where=str(path), problem="there is no such file", mend=mend))
    except UnicodeDecodeError:
        sources.faults.append(Fault(where=str(path), problem="is not UTF-8 text", mend="Save it as UTF-8"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        sources.faults.append(Fault(where=str(path), problem=problem, mend="Make it readable for this user"))
    else:
        for key, line in lines_of(text).items():
            sources.origins[under + key] = f"{path}, line {line}"
        _merge(sources.values, dict.fromkeys(under, tree) or tree)
        return
    sources.complete = False


def read_secrets(sources: Sources, path: Path) -> None:
    """Add the secrets file, refusing one that others than its owner and group can open.

    Secrets that stand in the configuration file itself are refused too: it is the file people show around.
    """
    if SECRETS in sources.values:
        where = sources.origins[(SECRETS,)]
        mend = f"Move them to {path.name}, without the [secrets] line"
        sources.faults.append(Fault(where=where, problem="secrets do not belong here", mend=mend))
    if not path.exists():
        return  # they may all come from the environment
    if os.name == "posix" and path.stat().st_mode & stat.S_IRWXO:
        mend = f"Run: chmod 600 {path}"
        sources.faults.append(
            Fault(where=str(path), problem="everybody on this machine can open it", mend=mend)
        )
    read_file(sources, path, (SECRETS,))


def read_environment(
    sources: Sources, environ: Mapping[str, str], parse: Callable[[Path_, str], Any]
) -> None:
    """Add ``DIGEST_SECTION__SETTING`` variables; ``parse`` makes the value from the variable's text.

    Variables without ``__`` are kept aside in ``sources.variables``: other programs may own them.
    """
    for variable in sorted(environ):
        if not variable.startswith(PREFIX):
            continue
        path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        if len(path) == 1:
            sources.variables.append(variable)
            continue
        value: Any = parse(path, environ[variable])
        for key in reversed(path):
            value = {key: value}
        _merge(sources.values, value)
        sources.origins[path] = f"environment variable {variable}"


def _merge(tree: dict[str, Any], more: dict[str, Any]) -> None:
    """Lay ``more`` over ``tree``, table by table."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value


def _syntax_fault(path: Path, message: str) -> Fault:
    """Return what tomllib says as a fault: ``Invalid value (at line 3, column 8)``."""
    problem, _, place = message.partition(" (at ")
    line = re.match(r"line (\d+)", place)
    return Fault(
        where=f"{path}, line {line[1]}" if line else f"{path}, at its end",
        problem=f"this is not TOML: {problem[:1].lower()}{problem[1:]}",
        mend='Write settings as name = "text", name = 12 or name = true, below their [section]',
    )
