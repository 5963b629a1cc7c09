"""Finds and reads templates, so that rendering gets plain text and never touches a file.

The shipped templates lie in ``templates/`` of a checkout and in ``digest/_templates`` of an installed
wheel. An operator's folder has the same layout; a file in it replaces the shipped one of that name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from digest.errors import TemplateFault

SUFFIXES = frozenset({".html", ".txt", ".css", ".xml", ".js", ".svg", ".po"})


def read_templates(folder: Path | None = None) -> dict[str, str]:
    """Return every template by name ("email/digest/body.html"), the operator's folder laid over ours.

    Raises TemplateFault when the folder does not exist or a file in it is not UTF-8.
    """
    templates = _read(shipped_folder())
    if folder is not None:
        if not folder.is_dir():
            raise TemplateFault(
                f"The template folder {folder} does not exist: create it, or remove the setting.",
                template=str(folder),
            )
        templates |= _read(folder)
    return templates


def hash_of_mails(templates: Mapping[str, str]) -> str:
    """Return the SHA-256 of all templates that make mails, and of the catalogues with their words."""
    digest = hashlib.sha256()
    for name in sorted(templates):
        if name.startswith(("email/", "locale/")):
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
        if path.suffix not in SUFFIXES or any(part.startswith(".") for part in name.parts):
            continue
        try:
            found[name.as_posix()] = path.read_text(encoding="utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise TemplateFault(
                f"Template {path} is not UTF-8: save it in that encoding.", template=name.as_posix()
            ) from error
    return found
