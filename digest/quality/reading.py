"""A11Y, first half: what a screen reader says of tables, pictures, links, headings and languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.cascade import cascade
from digest.quality.elements import HEADINGS, hit, hit_in, is_hidden, links, name_of, pictures, plain, text_of
from digest.quality.facts import Facts
from digest.quality.generic_words import GENERIC_LINKS, language_of
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity
from digest.quality.scripts import expected, script_of

_DECORATIVE = frozenset({"presentation", "none"})
_FILE_NAME = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|avif|svg|heic|tiff?)|(?:IMG|DSC|DSCN|PXL|Screenshot)[_ -]?\d[\w .-]*"
)
_IMAGE_OF = re.compile(
    r"(?:an? |the )?(?:image|picture|photo|photograph|graphic|illustration|icon) of\b", re.IGNORECASE
)
_LONGEST_ALT = 150
_URL_TEXT = re.compile(r"https?://\S+|www\.\S+")
_GHOST_TABLE = re.compile(r"<table\b(?![^>]*\brole\s*=)[^>]*>", re.IGNORECASE)
_VML = re.compile(
    r"<v:(?!imagedata|fill|stroke|path\b)(\w+)\b[^>]*>(.*?)(?:</v:\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_QUOTES = ("blockquote", "q", "p", "li", *HEADINGS)
_HEADING_PX = 20.0
_LONGEST_HEADING = 90


def _own_cells(table: HtmlElement, *tags: str) -> list[HtmlElement]:
    """Return the cells that are a table's own, not those of tables inside it."""
    return [cell for cell in table.iter(*tags) if next(cell.iterancestors("table")) is table]


def _is_data(table: HtmlElement) -> bool:
    return bool(_own_cells(table, "th", "caption")) or "data" in table.get("class", "").split()


def _layout_tables(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for table in mail.elements:
        if table.tag == "table" and not _is_data(table) and table.get("role") not in _DECORATIVE:
            yield hit(table)
    for text, line in mail.mso:
        for found in _GHOST_TABLE.finditer(text):
            yield hit_in("html", "in a conditional comment", line=line, words=found[0])


def _data_tables(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for table in mail.elements:
        if table.tag != "table" or not _is_data(table):
            continue
        headers = _own_cells(table, "th")
        if table.get("role") in _DECORATIVE:
            yield hit(table, f"it is told to be {table.get('role')}")
        elif not headers and not _own_cells(table, "caption"):
            yield hit(table, "no headers and no caption")
        elif any(not cell.get("scope") for cell in headers):
            yield hit(table, "a header without scope")


def _alt_missing(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for picture in pictures(mail):
        if picture.get("alt") is None:
            yield hit(picture)


def _alt_poor(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for picture in pictures(mail):
        alt = plain(picture.get("alt", ""))
        if not alt:
            continue
        if _FILE_NAME.fullmatch(alt):
            yield hit(picture, "it is a file name")
        elif _IMAGE_OF.match(alt):
            yield hit(picture, "it begins by saying that it is a picture")
        elif len(alt) > _LONGEST_ALT:
            yield hit(picture, f"{len(alt)} characters of at most {_LONGEST_ALT}")
        elif alt.rstrip(".").lower() == _caption(picture).rstrip(".").lower():
            yield hit(picture, "it repeats the caption")


def _caption(picture: HtmlElement) -> str:
    """Return the caption of a picture's figure; empty where it has none."""
    for above in list(picture.iterancestors())[:3]:
        for one in above.iter("figcaption", "p"):
            if one.tag == "figcaption" or {"caption", "wp-caption-text"} & set(one.get("class", "").split()):
                return text_of(one)
    return ""


def _nameless_links(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for link in links(mail):
        if not is_hidden(link) and not (name_of(link) or link.get("alt", "").strip()):
            yield hit(link)


def _generic_links(mail: Mail, _facts: Facts) -> Iterator[Hit | NotLooked]:
    language = language_of(mail.root.get("lang", "en") if mail.root is not None else "en")
    generic = GENERIC_LINKS.get(language)
    if generic is None:
        yield NotLooked(reason=f"no list of empty link texts for the language “{language}”")
    named = {link.get("href") for link in links(mail) if not _URL_TEXT.fullmatch(name_of(link))}
    for link in links(mail):
        said = name_of(link).strip(" .…→»>:").lower()
        if said in (generic or ()):
            yield hit(link, f"“{name_of(link)}”")
        elif _URL_TEXT.fullmatch(name_of(link)) and link.get("href") not in named:
            yield hit(link, "a bare address")


def _same_names(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    first: dict[str, str] = {}
    for link in links(mail):
        said, target = name_of(link).lower(), link.get("href", "").strip()
        if said and first.setdefault(said, target) != target and not is_hidden(link):
            yield hit(link, f"“{name_of(link)}” leads to {first[said]} as well")


def _headings(mail: Mail, facts: Facts) -> Iterator[Hit]:
    seen = [one for one in mail.elements if one.tag in HEADINGS and not is_hidden(one)]
    tops = [one for one in seen if one.tag == "h1"]
    if len(tops) != 1:
        where = hit(tops[1], "a second h1") if tops else hit_in("html", "no h1")
        yield where
    above = 0
    for one in seen:
        level = int(str(one.tag)[1])
        if level > above + 1 and above:
            yield hit(one, f"h{level} after h{above}")
        above = level
    yield from _styled_headings(mail, facts)


def _styled_headings(mail: Mail, facts: Facts) -> Iterator[Hit]:
    """Yield paragraphs that look like headings; the publication's own name at the top is none."""
    looks = cascade(mail, dark=False)
    brand = {plain(facts.sender or ""), plain(mail.header("From").partition("<")[0].strip(' "'))}
    for one in mail.elements:
        strong = _all_its_words(one) if one.tag in {"p", "div", "td"} else None
        if strong is None or is_hidden(one) or any(up.tag in HEADINGS for up in one.iterancestors()):
            continue
        look, said = looks.look(strong), text_of(one)
        if look.bold and look.size_px >= _HEADING_PX and said not in brand and len(said) <= _LONGEST_HEADING:
            yield hit(one, "text styled as a heading")


def _all_its_words(block: HtmlElement) -> HtmlElement | None:
    """Return the element all words of a block stand in: itself, or one that only dresses them."""
    within = [one for one in block if isinstance(one.tag, str)]
    said = text_of(block)
    if not within:
        return block if said else None
    dresses = len(within) == 1 and within[0].tag in {"b", "strong", "span", "font", "em", "i"}
    return within[0] if dresses and said and text_of(within[0]) == said else None


def _vml(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for text, line in mail.mso:
        for found in _VML.finditer(text):
            words = plain(re.sub(r"<[^>]*>", " ", found[2]))
            if words or "href=" in found[0].lower():
                yield hit_in(
                    "html", words or "a link", line=line + text.count("\n", 0, found.start()), words=found[0]
                )
    for element in mail.elements:
        if str(element.tag).startswith("v:") and (text_of(element) or element.get("href")):
            yield hit(element)


def _languages(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for one in mail.elements:
        if one.tag in _QUOTES and not is_hidden(one):
            script = script_of(_URL_TEXT.sub("", text_of(one)))
            spoken = next((up.get("lang", "") for up in (one, *one.iterancestors()) if up.get("lang")), "")
            inside = any(within.get("lang") for within in one.iter() if within is not one)
            if script and spoken and not inside and script not in expected(language_of(spoken)):
                yield hit(one, f"{script.title()} letters, said to be “{spoken}”")


_HTML = ("html",)
RULES = (
    Rule(id="A11Y-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_layout_tables,
         says="A table that only lays out is read aloud as data.",
         mend='Give it role="presentation".',
         source="Email Markup Consortium 3"),
    Rule(id="A11Y-02", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_data_tables,
         says="A table of data has no headers that a screen reader can read out.",
         mend='Mark its header cells as th with scope="col" or "row"; keep role off it.',
         source="WCAG 2.2, 1.3.1"),
    Rule(id="A11Y-03", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_alt_missing,
         says="A picture has no alternative text.",
         mend='Describe what it shows; alt="" where it only decorates.',
         source="Email Markup Consortium 8; WCAG 2.2, 1.1.1"),
    Rule(id="A11Y-04", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_alt_poor,
         says="An alternative text does not describe its picture.",
         mend="Say in a short sentence what the picture shows and the caption does not.",
         source="WCAG failure F30; RNIB"),
    Rule(id="A11Y-05", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_nameless_links,
         says="A link has no text.",
         mend="Give the link words, or its picture an alternative text.",
         source="Email Markup Consortium 5; WCAG 2.2, 2.4.4"),
    Rule(id="A11Y-06", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_generic_links,
         says="A link's text does not say where it leads.",
         mend="Name what is behind it: “the inspection report”.",
         source="Email Markup Consortium 10"),
    Rule(id="A11Y-07", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_same_names,
         says="Links of the same text lead to different places.",
         mend="Word them apart.",
         source="WCAG 2.2, 2.4.4; axe identical-links-same-purpose"),
    Rule(id="A11Y-10", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_headings,
         says="The headings are not in order, or are not marked as headings.",
         mend="Use one h1, skip no level, and mark what looks like a heading as one.",
         source="Email Markup Consortium 4; WCAG 2.2, 1.3.1"),
    Rule(id="A11Y-13", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_vml,
         says="Text or a link stands in VML, which no keyboard reaches.",
         mend="Use a table cell with a background colour and a plain link.",
         source="Parcel (critical)"),
    Rule(id="A11Y-15", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_languages,
         says="A passage in another script does not say its language.",
         mend='Give the quotation lang="…", and dir="rtl" where it runs from right to left.',
         source="WCAG 2.2, 3.1.2"),
)  # fmt: skip
