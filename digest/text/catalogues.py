"""The words of each language: gettext catalogues, read from text.

The source language is English, written in templates and code as whole sentences with named places; a
catalogue ``locale/<language>.po`` among the templates has the same sentences in another language. What it
lacks is said in English. Pure, and the only home of Babel's messages. Neighbours: ``rendering.environment``
gives the words to templates, ``editorial.subject`` and ``web`` ask for theirs here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO, StringIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from digest.errors import TemplateFault

SOURCE = "en"  # the language of the sentences in templates and code


def translatable(message: str) -> str:
    """Return the message as it is: marks one that is translated where it is shown, not where it stands."""
    return message


def catalogue(templates: Mapping[str, str], language: str) -> NullTranslations:
    """Return the words of a language (a BCP 47 tag); those of the source where we have no catalogue of it.

    Raises TemplateFault, with the line, for a catalogue that cannot be read or names a place that its
    sentence does not have: better a clear word at the start than half a mail.
    """
    name = _name(templates, language)
    return _read(name, templates[name]) if name else NullTranslations()


def spoken(templates: Mapping[str, str], *wanted: str) -> str:
    """Return the first of these languages that we have the words of; English where there is none.

    The tag stays as it was asked for ("fr-CA" speaks the words of "fr"), as it says how dates are written.
    """
    for language in wanted:
        if language and (_first_subtag(language) == SOURCE or _name(templates, language)):
            return language
    return SOURCE


def languages(templates: Mapping[str, str]) -> list[str]:
    """Return the tags of the languages we have catalogues of, in order."""
    names = (name for name in templates if name.startswith("locale/") and name.endswith(".po"))
    return sorted(name.removeprefix("locale/").removesuffix(".po") for name in names)


def _name(templates: Mapping[str, str], language: str) -> str:
    """Return the name of a language's catalogue, of its own region before that of all; empty without one."""
    names = (f"locale/{tag}.po" for tag in (language, _first_subtag(language)))
    return next((name for name in names if name in templates), "")


def _first_subtag(language: str) -> str:
    return language.partition("-")[0].lower()


@lru_cache(maxsize=64)
def _read(name: str, source: str) -> NullTranslations:
    """Return the words of one catalogue; equal texts are read once."""
    try:
        return _parsed(name, source)
    except PoFileError as error:
        line = error.lineno + 1  # Babel counts from zero, here and only here
        raise TemplateFault(
            f"Catalogue {name}, line {line} cannot be read: {error.line.strip()[:60]!r}. Mend that line.",
            template=name,
            line=line,
        ) from error
    except (ValueError, LookupError) as error:  # a plural form without number, a character set nobody knows
        raise TemplateFault(f"Catalogue {name} cannot be read ({error}). Mend it.", template=name) from error


def _parsed(name: str, source: str) -> NullTranslations:
    read = read_po(StringIO(source), abort_invalid=True)
    _refuse_faults(name, read)
    if read.locale is None:
        read.locale = SOURCE  # Babel drops the plural forms of a catalogue that names no language it knows
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _refuse_faults(name: str, read: Catalog) -> None:
    """Raise TemplateFault for the first sentence whose places or number of plural forms are wrong."""
    for message, faults in read.check():
        raise TemplateFault(
            f"Catalogue {name}, line {message.lineno}: {faults[0]}. Mend that sentence.",
            template=name,
            line=message.lineno,
        )
