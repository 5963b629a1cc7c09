"""Puts right what can be put right without a person: `digest check --fix`.

Works on the source text, not on the tree: everything that is not mended stays as it was, byte for byte.
Mends DOC-07, DOC-09, HTM-04, IMG-03, IMG-04, LINK-03 and INB-05; the last four families' rules say why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

from digest.quality.elements import pixels
from digest.quality.facts import Facts
from digest.quality.inbox import is_emoji
from digest.quality.leftovers import BLOCK_COMMENT, EMBED, FOOTNOTE, SHORTCODE, WORDPRESS_CLASS
from digest.quality.mojibake import garbled, ungarbled, without_controls

_TAG = re.compile(r"<!--.*?-->|<[a-zA-Z][^<>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r"([^\s=<>\"'/]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_CLASS = re.compile(r"\s+class\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_CODE = re.compile(r"<(pre|code|kbd|samp|style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_FOOTNOTE_LINK = re.compile(
    r"<a\b(?=[^<>]*\bhref\s*=\s*[\"'](#[^\"']*)[\"'])[^<>]*>(.*?)</a\s*>", re.DOTALL | re.IGNORECASE
)
_PARAGRAPH = re.compile(r"(<p\b[^<>]*>)\s*(https?://[^\s<>]+)\s*(</p\s*>)", re.IGNORECASE)
_REPLY = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Mended:
    """A text put right, and what was done, by rule."""

    text: str
    changes: tuple[tuple[str, int], ...]  # rule and how often, in the order of the rules


def mended(html: str, facts: Facts) -> Mended:
    """Return HTML with everything put right that these facts allow."""
    changes: Counter[str] = Counter()
    done = _words(html, changes)
    done = _outside_code(done, lambda piece: _without_leftovers(piece, changes))
    done = _TAG.sub(lambda found: _tag(found[0], facts, changes), done)
    return Mended(text=done, changes=tuple(sorted(changes.items())))


def mended_text(text: str, facts: Facts) -> Mended:
    """Return a text part put right: its characters, and addresses that answer over https."""
    changes: Counter[str] = Counter()
    done = _words(text, changes)
    for address, answer in (facts.links or {}).items():
        if address.startswith("http://") and answer.over_https:
            done, count = re.subn(rf"{re.escape(address)}(?![\w/?#&=%-])", _secure(address), done)
            changes["LINK-03"] += count
    return Mended(text=done, changes=tuple(sorted((+changes).items())))


def mended_subject(subject: str) -> Mended:
    """Return a subject that no longer shouts or pretends: INB-05, and its characters."""
    changes: Counter[str] = Counter()
    done = _words(subject, changes)
    calm = re.sub("!{2,}", "!", _REPLY.sub("", done))
    calm = _one_emoji(calm)
    if sum(map(str.isalpha, calm)) >= 10 and calm.isupper():
        calm = calm[:1] + calm[1:].lower()
    calm = " ".join(calm.split())
    changes["INB-05"] += calm != " ".join(done.split())
    return Mended(text=calm, changes=tuple(sorted((+changes).items())))


def _one_emoji(text: str) -> str:
    """Return the text with its first emoji alone."""
    first = next((place for place, character in enumerate(text) if is_emoji(character)), len(text))
    rest = "".join(
        character for character in text[first + 1 :] if not is_emoji(character) and character != "\ufe0f"
    )
    kept = text[first + 1 : first + 2] == "\ufe0f"  # the mark that asks for a coloured picture stays with it
    return text[: first + 1] + "\ufe0f" * kept + rest


def _words(text: str, changes: Counter[str]) -> str:
    """Return the text without controls and with garbled characters put right."""
    clean = without_controls(text)
    changes["DOC-07"] += sum(one != other for one, other in zip(text, clean, strict=False)) if len(
        text) == len(clean) else len(text) - len(clean)  # fmt: skip
    changes["DOC-09"] += sum(1 for _ in garbled(clean))
    for rule in ("DOC-07", "DOC-09"):
        if not changes[rule]:
            del changes[rule]
    return ungarbled(clean)


def _outside_code(html: str, change: Callable[[str], str]) -> str:
    """Return the HTML changed wherever it is not code, where anything may stand on purpose."""
    done, at = [], 0
    for found in _CODE.finditer(html):
        done += [change(html[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*done, change(html[at:])])


def _without_leftovers(html: str, changes: Counter[str]) -> str:
    """Take out shortcodes and block comments, unwrap footnotes, and link bare addresses of players."""

    def counted(new: str, count: int) -> str:
        if count:
            changes["HTM-04"] += count
        return new

    html = counted(*SHORTCODE.subn("", html))
    html = counted(*re.subn(rf"<!--(?={BLOCK_COMMENT.pattern}).*?-->\n?", "", html, flags=re.DOTALL))
    footnotes = [found[0] for found in _FOOTNOTE_LINK.finditer(html) if FOOTNOTE.fullmatch(found[1])]
    for whole in footnotes:
        html = counted(html.replace(whole, _FOOTNOTE_LINK.sub(r"\2", whole), 1), 1)
    return _PARAGRAPH.sub(lambda found: _linked(found, changes), html)


def _linked(found: re.Match[str], changes: Counter[str]) -> str:
    if not EMBED.fullmatch(unescape(found[2])):
        return found[0]
    changes["HTM-04"] += 1
    return f'{found[1]}<a href="{found[2]}">{found[2]}</a>{found[3]}'


def _tag(tag: str, facts: Facts, changes: Counter[str]) -> str:
    if tag.startswith("<!--"):
        return tag
    name = re.match(r"<([a-zA-Z][\w:-]*)", tag)
    assert name is not None, "the pattern asks for a name"
    given = {found[1].lower(): unescape(found[2].strip("\"'")) for found in _ATTRIBUTE.finditer(tag)}
    done = _without_classes(tag, given.get("class", ""), changes)
    match name[1].lower():
        case "img":
            return _picture(done, given, facts, changes)
        case "a":
            answer = (facts.links or {}).get(given.get("href", "").strip())
            if answer and answer.over_https and given["href"].strip().startswith("http://"):
                changes["LINK-03"] += 1
                return _with(done, "href", _secure(given["href"].strip()))
    return done


def _secure(address: str) -> str:
    return f"https://{address.removeprefix('http://')}"


def _without_classes(tag: str, classes: str, changes: Counter[str]) -> str:
    kept = [name for name in classes.split() if not WORDPRESS_CLASS.fullmatch(name)]
    if len(kept) == len(classes.split()):
        return tag
    changes["HTM-04"] += 1
    return _with(tag, "class", " ".join(kept)) if kept else _CLASS.sub("", tag, count=1)


def _picture(tag: str, given: dict[str, str], facts: Facts, changes: Counter[str]) -> str:
    """Return a picture's tag with the rendition that is shown everywhere, and with a size in proportion."""
    known = (facts.pictures or {}).get(given.get("src", "").strip())
    if known is None:
        return tag
    if known.rendition:
        changes["IMG-03"] += 1
        tag = _with(tag, "src", known.rendition)
    if not known.width or not known.height:
        return tag
    width = pixels(given.get("width"))
    height = pixels(given.get("height"))
    shown = round(width or (height * known.width / known.height if height else known.width))
    right = max(1, round(shown * known.height / known.width))
    if not width or not height or abs(width / height / (known.width / known.height) - 1) > 0.02:
        changes["IMG-04"] += 1
        tag = _with(_with(tag, "width", str(shown)), "height", str(right))
    return tag


def _with(tag: str, name: str, value: str) -> str:
    """Return a start tag whose attribute has this value, added where it is missing."""
    written = f'{name}="{escape(value)}"'
    shape = rf"(?<=\s){name}\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)"
    done, count = re.subn(shape, lambda _: written, tag, count=1, flags=re.IGNORECASE)
    if count:
        return done
    end = "/>" if tag.endswith("/>") else ">"
    return f"{tag[: -len(end)].rstrip()} {written}{end}"
