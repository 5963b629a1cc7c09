"""Finds and reads templates, so that rendering gets plain text and never touches a file.

The shipped templates lie in ``templates/`` of a checkout and in ``digest/_templates`` of an installed
wheel. An operator's folder has the same layout; a file in it replaces the shipped one of that name. No name
or link in it leads out of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from digest.errors import NotAllowed, TemplateFault, UnknownName

SUFFIXES = frozenset({".html", ".txt", ".css", ".xml", ".js", ".svg", ".po"})

_OF_MAILS = ("email/", "locale/")
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_templates(folder: Path | None = None) -> dict[str, str]:
    """Return every template by name ("email/digest/body.html"), the operator's folder laid over ours.

    Raises TemplateFault when the folder does not exist, or a file in it is not UTF-8, has a name that no
    template has, or is a link that leads out.
    """
    return _read(shipped_folder()) | own_templates(folder)


def own_templates(folder: Path | None) -> dict[str, str]:
    """Return the operator's templates by name; none without a folder. Raises as ``read_templates`` does."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise TemplateFault(
            f"The template folder {folder} does not exist: create it, or remove the setting.",
            template=str(folder),
        )
    return _read(folder)


def copy_template(name: str, folder: Path) -> Path:
    """Write the shipped template of that name into an operator's folder and return where.

    Raises UnknownName for a template we do not have, and NotAllowed where the folder has one already.
    """
    shipped = _read(shipped_folder())
    if name not in shipped:
        near = get_close_matches(name, shipped, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`digest template list` names all."
        raise UnknownName(f"There is no template {name!r}. {hint}")
    target = folder / name
    if target.exists() or target.is_symlink():
        raise NotAllowed(f"{target} is already there: edit it, or move it away first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    _refuse_outside(target.parent, folder, name)
    target.write_text(shipped[name], encoding="utf-8")
    return target


def has_mails(names: Iterable[str]) -> bool:
    """Return whether one of these templates makes mails, or has words for them."""
    return any(name.startswith(_OF_MAILS) for name in names)


def hash_of_mails(templates: Mapping[str, str]) -> str:
    """Return the SHA-256 of all templates that make mails, and of the catalogues with their words."""
    digest = hashlib.sha256()
    for name in sorted(templates):
        if name.startswith(_OF_MAILS):
            digest.update(f"{name}\0{templates[name]}\0".encode())
    return digest.hexdigest()


def shipped_folder() -> Path:
    """Return where this installation keeps its own templates."""
    package = Path(__file__).parent
    in_wheel = package / "_templates"
    return in_wheel if in_wheel.is_dir() else package.parent / "templates"


def _read(folder: Path) -> dict[str, str]:
    """Return the templates below a folder, by name; hidden and other files are left alone."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix not in SUFFIXES or any(part.startswith(".") for part in name.parts) or path.is_dir():
            continue
        _refuse_odd(path, name)
        _refuse_outside(path, folder, name.as_posix())
        try:
            found[name.as_posix()] = path.read_text(encoding="utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise TemplateFault(
                f"Template {path} is not UTF-8: save it in that encoding.", template=name.as_posix()
            ) from error
    return found


def _refuse_odd(path: Path, name: Path) -> None:
    """Raise TemplateFault for a name that no template has: such a file would be read and never used."""
    # Catalogues are named by language tags, which have capitals: pt-BR.po.
    allowed = _TAG if name.parts[0] == "locale" else _NAME
    if not all(allowed.fullmatch(part) for part in (*name.parts[:-1], name.stem)):
        raise TemplateFault(
            f"{path} is no name of a template: use lower-case letters, digits, - and _, at most 64 of them.",
            template=name.as_posix(),
        )


def _refuse_outside(path: Path, folder: Path, name: str) -> None:
    """Raise TemplateFault where a link leads out of the folder."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise TemplateFault(
            f"{path} leads out of {folder}: put the file itself there instead of a link.", template=name
        )
