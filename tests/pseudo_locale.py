"""A language nobody speaks, for tests: every sentence in brackets and half as long again.

German needs a third more room than English; what fits this fits a language we do not have yet. Text without
brackets never came from a catalogue.
"""

from __future__ import annotations

import re
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from digest.template_files import read_templates
from tests.catalogues import extracted

TAG = "qps"  # ISO 639-2 keeps qaa to qtz for private use
OPEN, CLOSE = "⟦", "⟧"
LONGER = 0.4
_KEPT = re.compile(r"(%\(\w+\)s|<[^>]*>|&\w+;)")


def pseudo_templates() -> dict[str, str]:
    """Return our templates with the catalogue of that language beside the others."""
    catalog = Catalog(fuzzy=False)
    for message in extracted():
        if message.id:
            plural = isinstance(message.id, tuple)
            strings = tuple(map(lengthened, message.id)) if plural else lengthened(message.id)
            catalog.add(message.id, strings, context=message.context)
    file = BytesIO()
    write_po(file, catalog, omit_header=True)
    head = 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return read_templates() | {f"locale/{TAG}.po": head + file.getvalue().decode()}


def lengthened(sentence: str) -> str:
    """Return a sentence in brackets, its words 40 % longer, its places and tags as they are."""
    parts = [part if place % 2 else _longer(part) for place, part in enumerate(_KEPT.split(sentence))]
    return f"{OPEN}{''.join(parts)}{CLOSE}"


def _longer(text: str) -> str:
    """Return words with their last letter repeated until all are that much longer."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0] + word[0][-1] * round(len(word[0]) * LONGER + 0.5), text)
