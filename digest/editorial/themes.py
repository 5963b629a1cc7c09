"""Themes: what a feed's categories mean to readers, and how an issue is divided by them.

Pure. A feed's categories are its own words; a theme is a topic readers know. Two spellings of one name
("Prisons", "prisons", "Prísons") are one theme.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from digest.model import Item, Section, Sponsor, Theme
from digest.text.words import folded

_GATHER_FROM = 4  # items beside the lead: with fewer, one heading per post is no clutter yet
_GATHER_THEMES = 2  # themes of a single post, from which they share a section
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


def find(name: str, known: Sequence[Theme]) -> Theme | None:
    """The known theme of that name: by its key, which is its first name, before its present name."""
    key = theme_key(name)
    by_key = {theme_key(theme.name): theme for theme in reversed(known)}
    by_key.update((theme.key, theme) for theme in known)
    return by_key.get(key) if key else None


def choose(categories: Sequence[str], known: Sequence[Theme], *, house: Collection[str] = ()) -> str | None:
    """The name of the theme a post of these categories belongs to; None when they say nothing.

    A known theme is preferred (the first by the themes' own order), else the first category that is not
    generic, as the feed spells it. ``house`` names are generic here: the publication's own name.
    Pass the answer to ``find`` to learn whether it is new.
    """
    dull = _GENERIC_NAMES | {folded(name) for name in house}
    telling = [category for category in categories if folded(category) not in dull and theme_key(category)]
    matches = [theme for theme in (find(category, known) for category in telling) if theme is not None]
    if matches:
        return min(matches, key=lambda theme: theme.position).name
    return " ".join(telling[0].split()) if telling else None


def running(sponsors: Sequence[Sponsor], theme_key: str, on: date) -> Sponsor | None:
    """The first sponsor of that theme ("" for the whole issue) whose placement covers the day."""
    for sponsor in sponsors:
        if sponsor.theme_key == theme_key and sponsor.starts_on <= on <= sponsor.ends_on:
            return sponsor
    return None


def sections(
    items: Sequence[Item], themes: Sequence[Theme], sponsors: Sequence[Sponsor], on: date
) -> tuple[Section, ...]:
    """The items divided by theme, in the order of themes; each keeps its order inside.

    Themes with a single post share the last section, without a theme, when there are at least two such
    and the issue is not short; one with a sponsor keeps its own, since its sponsor paid for it. Items of
    no known theme are in that last section too.
    """
    ordered = sorted(themes, key=lambda theme: (theme.position, theme.key))
    counts = Counter(item.theme_key for item in items)
    single = {
        theme.key for theme in ordered if counts[theme.key] == 1 and running(sponsors, theme.key, on) is None
    }
    gathered = single if len(items) >= _GATHER_FROM and len(single) >= _GATHER_THEMES else frozenset()
    own = [theme for theme in ordered if counts[theme.key] and theme.key not in gathered]
    divided = [
        Section(
            theme=theme,
            sponsor=running(sponsors, theme.key, on),
            items=tuple(item for item in items if item.theme_key == theme.key),
        )
        for theme in own
    ]
    shown = {theme.key for theme in own}
    rest = tuple(item for item in items if item.theme_key not in shown)
    if rest:
        divided.append(Section(theme=None, sponsor=None, items=rest))
    return tuple(divided)
