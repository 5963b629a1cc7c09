"""Themes: what a feed's categories mean to readers.

Pure. A feed's categories are its own words; a theme is a topic readers know. Two spellings of one name
("Prisons", "prisons", "Prísons", "Prison") are one theme, and so are two that the editor has merged.
Neighbours: ``settling`` gives posts their themes, ``sections`` divides an issue by them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence, Set

from digest.model import Theme
from digest.text.words import folded, normalised

MAX_NAME = 60  # characters: whatever is longer is a sentence, and no name of a theme
_MAX_KEY = 48  # letters of a name that go into its key

# Names that say nothing about the subject: defaults of publishing systems, kinds of post, house words.
_GENERIC = """
    uncategorized; uncategorised; unclassified; general; misc; miscellaneous; other; others; default; all;
    none; home; blog; blogs; blog post; blog posts; post; posts; article; articles; news; latest;
    latest news; updates; update; announcement; announcements; featured; feature; features; top stories;
    editor's picks; in brief; exclusive; trends; syndication; newsletter; podcast; video; videos; stories;
    site news; main; front page; archive; press release; sans categorie; non classe; non categorise;
    actualites; actualite; articles de blog; a la une; divers; allgemein; allgemeines; unkategorisiert;
    nicht kategorisiert; nachrichten; aktuelles; beitrage; sonstiges; startseite; sin categoria;
    sin categorizar; noticias; articulos; entradas; destacado; destacados; varios; actualidad;
    sem categoria; nao categorizado; geral; artigos; destaque; destaques; novidades; diversos;
    senza categoria; non categorizzato; generale; notizie; articoli; in evidenza; varie; geen categorie;
    ongecategoriseerd; algemeen; nieuws; artikelen; berichten; overig; uitgelicht; bez kategorii;
    bez kategoria; ogolne; aktualnosci; wpisy; artykuly; rozne; wiadomosci; без рубрики; новости; статьи;
    общее; разное; блог; 未分类; 未分類; 博客; 新闻; 文章; 雑記; お知らせ; ブログ; ニュース; 記事;
    غير مصنف; أخبار; مقالات; मुख्य;
    समाचार; अवर्गीकृत; kategorisiz; genel; haberler; okategoriserade; ikke kategoriseret
"""
_GENERIC_NAMES = frozenset(folded(name) for name in _GENERIC.split(";"))


def theme_key(name: str) -> str:
    """The key of a theme of that name: ``[a-z0-9-]``, the same for every spelling of it; "" for no name.

    Accents are folded. Where letters or signs would be lost ("судебная реформа", "C++"), a hash of the
    folded name is appended, so that two names never share a key by accident.
    """
    plain = folded(name)
    if not plain:
        return ""
    kept = "".join(character if _is_key_letter(character) else " " for character in plain)
    slug = "-".join(kept.split())
    if len(slug) <= _MAX_KEY and slug and not any(map(_is_lost, plain)):
        return slug
    mark = hashlib.sha256(plain.encode()).hexdigest()[:10]
    return "-".join(part for part in (slug[:_MAX_KEY].strip("-"), mark) if part)


def _is_key_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_lost(character: str) -> bool:
    """Whether the key would lose meaning without it: letters of other scripts, the signs of C++ and C#."""
    return character in "+#" or not (character.isascii() or character.isspace() or character in "’‘“”–—…·•")


def clean_name(text: str) -> str:
    """The name of a theme in one line, without mark-up and unseen characters; "" where none is left.

    A name needs a letter or a digit, and at most MAX_NAME characters.
    """
    line = normalised(_MARKUP.sub(" ", text))
    name = " ".join("".join(letter for letter in line if not _is_unseen(letter)).split())
    return name if len(name) <= MAX_NAME and any(map(str.isalnum, name)) else ""


_MARKUP = re.compile(r"<[^<>]*>")


def _is_unseen(letter: str) -> bool:
    """Whether it is a control or a direction mark; what joins emoji and Indic letters stays."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn") and letter not in "\u200c\u200d"


def label(name: str) -> str:
    """What two names of one theme have in common: case, accents, hyphens, "&" and a plural do not count."""
    plain = " ".join(_GAPS.sub(" ", folded(name).replace("&", " and ")).split())
    return plain[:-1] if len(plain) > 4 and plain.endswith("s") and not plain.endswith("ss") else plain


_GAPS = re.compile(r"[\s_\-–/]+|^#")


def telling(categories: Sequence[str], *, house: Collection[str] = ()) -> tuple[str, ...]:
    """The categories that say something of the subject, as clean names, each once, in the feed's order.

    ``house`` names are generic here: the publication's own name.
    """
    dull = _GENERIC_NAMES | {folded(name) for name in house}
    found = {
        label(name): name
        for name in map(clean_name, reversed(categories))
        if theme_key(name) and folded(name) not in dull
    }
    return tuple(reversed(found.values()))


def find(name: str, known: Sequence[Theme]) -> Theme | None:
    """The known theme of that name: by its key, which is its first name, before its present name.

    The name of a theme that was merged leads to the one it is part of now.
    """
    key, plain = theme_key(name), label(name)
    if not key:
        return None
    spellings = (
        lambda theme: theme.key == key,
        lambda theme: theme_key(theme.name) == key,
        lambda theme: label(theme.key) == plain,
        lambda theme: label(theme.name) == plain,
    )
    matches = (theme for spelt in spellings for theme in known if spelt(theme))
    return whole(next(matches, None), known)


def whole(theme: Theme | None, known: Sequence[Theme]) -> Theme | None:
    """The theme itself, or the one it was merged into."""
    if theme is None or not theme.merged_into:
        return theme
    return next(other for other in known if other.key == theme.merged_into)


def present(keys: Set[str], known: Sequence[Theme]) -> frozenset[str]:
    """What a reader's chosen keys stand for now: a merged theme's stands for the one it is part of."""
    leads = {theme.key: theme.merged_into for theme in known if theme.merged_into}
    return frozenset(leads.get(key, key) for key in keys)


def in_order(themes: Sequence[Theme]) -> list[Theme]:
    """The themes as readers see them: pinned ones first, then by position."""
    return sorted(themes, key=lambda theme: (not theme.pinned, theme.passing, theme.position, theme.key))
