"""Every sentence readers see, as it stands in templates and code, and the catalogues brought up to it.

``make catalogues`` runs this after a sentence was added, changed or removed: what is new is left empty, what
is gone is dropped, and nothing is guessed. The English catalogue is written whole, for operators who want
other words; an empty file asks for a new language. Equal sources give equal files: no dates, no versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "templates" / "locale"
# Functions that take a sentence, and which of their arguments are one ("c": what is meant).
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "translatable": None,
    "BadAddress": None,  # a reason that the sign-up form shows
}
# Plural forms as gettext writes them and CLDR means them, where Babel's own differ. (What CLDR calls "many"
# in French, Spanish and Portuguese begins at a million.)
PLURALS = {
    "ar": "nplurals=6; "
    "plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "pt": "nplurals=2; plural=(n > 1);",
}
# The preview and the alerts speak to editors and operators, who are spoken to in English.
READERS_TEMPLATES = ("email", "web")
_JINJA = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def extracted() -> Catalog:
    """Return every sentence with the places where it stands; one mark of plurality wins over none."""
    found = Catalog(fuzzy=False)
    for path in _sources():
        jinja = path.suffix != ".py"
        method = "jinja2.ext:babel_extract" if jinja else "python"
        options = (
            _JINJA | {"trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.i18n"}
            if jinja
            else {}
        )
        place = path.relative_to(ROOT).as_posix()
        for line, message, comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, options=options
        ):
            found.add(message, None, [(place, line)], auto_comments=comments, context=context)
    return found


def _sources() -> Iterator[Path]:
    """Yield the files that may hold sentences for readers."""
    for folder in READERS_TEMPLATES:
        yield from sorted(path for path in (ROOT / "templates" / folder).rglob("*") if path.is_file())
    for package in ("digest", "subscribers"):
        yield from sorted((ROOT / package).rglob("*.py"))


def languages() -> list[str]:
    """Return the languages we have catalogues of."""
    return sorted(path.stem for path in CATALOGUES.glob("*.po"))


def read(language: str) -> Catalog:
    """Return a catalogue as it is kept."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def updated(language: str, sentences: Catalog) -> bytes:
    """Return a catalogue with exactly the given sentences, those translated before with their words."""
    old = read(language) if _is_written(language) else Catalog(locale=language)
    new = Catalog(locale=language, fuzzy=False)
    for message in sorted(_messages(sentences), key=lambda one: (one.locations[0], str(one.id))):
        had = old.get(message.id, message.context)
        if had is None and isinstance(message.id, tuple):
            had = old.get(message.id[0], message.context)
        string = _english(message) if language == "en" else (had.string if had is not None else "")
        if isinstance(message.id, tuple) and not isinstance(string, tuple):
            string = ("",) * new.num_plurals
        new.add(message.id, string, locations=message.locations, context=message.context)
    out = BytesIO()
    write_po(out, new, omit_header=True, width=100, include_lineno=False, sort_by_file=True)
    return _header(new).encode() + out.getvalue()


def _is_written(language: str) -> bool:
    """Return whether a catalogue has been filled: an empty file asks for a new language."""
    path = CATALOGUES / f"{language}.po"
    return path.exists() and path.stat().st_size > 0


def _english(message: Message) -> str | tuple[str, ...]:
    return message.id


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _header(catalog: Catalog) -> str:
    """Return the head of a file, with what reading it needs and nothing that changes by itself."""
    assert catalog.locale is not None
    lines = (
        f"Language: {catalog.locale}",
        f"Plural-Forms: {PLURALS.get(str(catalog.locale), catalog.plural_forms)}",
        "Content-Type: text/plain; charset=utf-8",
    )
    fields = "".join(f'"{line}\\n"\n' for line in lines)
    return f'# Everypost in {catalog.locale.english_name}.\nmsgid ""\nmsgstr ""\n{fields}\n'


def update() -> None:
    """Write every catalogue anew."""
    sentences = extracted()
    for language in languages():
        (CATALOGUES / f"{language}.po").write_bytes(updated(language, sentences))


if __name__ == "__main__":
    update()
