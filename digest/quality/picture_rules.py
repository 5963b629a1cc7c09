"""IMG: whether pictures are shown at all, at the right size, quickly, and with their credit."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.quality.elements import hit, hit_in, is_hidden, pictures, pixels, plain, text_of
from digest.quality.facts import Facts, Picture
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity

NOT_SHOWN = {
    "image/webp": "WebP", "image/avif": "AVIF", "image/svg+xml": "SVG", "image/heic": "HEIC",
    "image/heif": "HEIC",
    "image/tiff": "TIFF",
}  # fmt: skip
"""Formats that classic Outlook and others do not show, by media type."""

_BY_ENDING = {
    "webp": "WebP",
    "avif": "AVIF",
    "svg": "SVG",
    "heic": "HEIC",
    "heif": "HEIC",
    "tif": "TIFF",
    "tiff": "TIFF",
}
_RATIO_OFF = 0.02
_HEAVY, _HEAVIEST, _HEAVY_TOGETHER = 1_000_000, 3_000_000, 3_000_000  # octets
_SHARP, _WASTEFUL = 1.5, 3.0  # pixels of the file for each one shown
_FEWEST_CHARACTERS = 200
_LOW_RATIO = 0.002  # characters for each square pixel of picture (SpamAssassin HTML_IMAGE_RATIO_02)
_HEADER_PX = 300  # shown at least this wide, a picture is a header image


def source(picture: HtmlElement) -> str:
    """Return a picture's address as the mail has it."""
    return str(picture.get("src", "").strip())


def _addresses(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for picture in pictures(mail):
        address = source(picture)
        own = address.startswith("http://") and (urlsplit(address).hostname or "") in facts.hosts
        if not address.startswith(("https://", "cid:", "data:")) and not own:
            # Mail programs show it all the same, through their own servers: decision note 0018.
            plain_http = address.startswith("http://")
            weight = Severity.WARNING if plain_http else None
            yield hit(picture, "plain http" if plain_http else "", severity=weight)


def _known(mail: Mail, facts: Facts) -> Iterator[tuple[HtmlElement, Picture]]:
    for picture in pictures(mail):
        known = (facts.pictures or {}).get(source(picture))
        if known is not None:
            yield picture, known


def _answers(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for picture, known in _known(mail, facts):
        if known.status != 200:
            yield hit(picture, f"it answered {known.status}" if known.status else "it did not answer")
        elif not known.content_type.startswith("image/"):
            yield hit(picture, f"it is {known.content_type or 'of no type'}")


def _formats(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for picture in pictures(mail):
        address = source(picture)
        known = (facts.pictures or {}).get(address, Picture())
        ending = urlsplit(address).path.rpartition(".")[2].lower()
        name = NOT_SHOWN.get(known.content_type) if known.content_type else _BY_ENDING.get(ending)
        if name:
            yield hit(picture, f"{name}; shown as {known.rendition}" if known.rendition else name)


def _sizes(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for picture in pictures(mail):
        width, height = pixels(picture.get("width")), pixels(picture.get("height"))
        if not width or not height:
            yield hit(picture, "no " + " and no ".join(
                name for name, value in (("width", width), ("height", height)) if not value))  # fmt: skip
            continue
        known = (facts.pictures or {}).get(source(picture))
        if known is not None and known.width and known.height:
            off = abs(width / height / (known.width / known.height) - 1)
            if off > _RATIO_OFF:
                yield hit(
                    picture, f"shown {width:g} × {height:g}, the file is {known.width} × {known.height}"
                )


def _weights(mail: Mail, facts: Facts) -> Iterator[Hit]:
    together = 0
    for picture, known in _known(mail, facts):
        octets = known.octets or 0
        together += octets
        shown = pixels(picture.get("width"))
        if octets > _HEAVY:
            severity = Severity.ERROR if octets > _HEAVIEST else Severity.WARNING
            yield hit(picture, f"{octets / 1_000_000:.1f} MB", severity=severity)
        elif known.width and shown and not _SHARP <= known.width / shown <= _WASTEFUL:
            yield hit(picture, f"the file is {known.width} px wide, shown at {shown:g}")
    if together > _HEAVY_TOGETHER:
        yield hit_in("html", f"all pictures together are {together / 1_000_000:.1f} MB")


def _picture_only(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    shown = pictures(mail)
    if not shown:
        return
    characters = sum(len(plain(text)) for element, text in mail.texts if not is_hidden(element))
    area = sum((pixels(one.get("width")) or 0) * (pixels(one.get("height")) or 0) for one in shown)
    if characters < _FEWEST_CHARACTERS:
        yield hit_in("html", f"{characters} characters of text")
    elif area and characters / area < _LOW_RATIO:
        yield hit_in("html", f"{characters} characters for {area:,.0f} square pixels of pictures")


def _credits(mail: Mail, facts: Facts) -> Iterator[Hit]:
    credits = {post.picture: post.credit for post in facts.posts or () if post.picture}
    in_html = plain(text_of(mail.body)) if mail.body is not None else ""
    in_text = " ".join((mail.text or "").split())
    for picture in pictures(mail):
        if source(picture) not in credits:
            continue
        words = " ".join(credits[source(picture)].rstrip(" .").split())
        if not words:
            if (pixels(picture.get("width")) or 0) >= _HEADER_PX:
                yield hit(picture, "the post names none")
        elif words not in in_html:
            yield hit(picture, f"“{words}” is not in the HTML", who=Mender.TEMPLATE)
        elif mail.text is not None and words not in in_text:
            yield hit(picture, f"“{words}” is not in the text", who=Mender.TEMPLATE)


def _embedded(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for picture in pictures(mail):
        if source(picture).lower().startswith("data:"):
            yield hit(picture)


_HTML = ("html",)
_ASKED = ("html", "pictures")
RULES = (
    Rule(id="IMG-01", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_addresses,
         says="A picture's address is no https address.",
         mend="Give its whole address, beginning with https://.",
         source="react-email; mail programs show no others"),
    Rule(id="IMG-02", severity=Severity.ERROR, who=Mender.CONTENT, needs=_ASKED, looks=_answers,
         says="A picture cannot be loaded.",
         mend="Upload it again, or correct its address.",
         source="mailpit; react-email"),
    Rule(id="IMG-03", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_formats,
         says="A picture's format is not shown by several mail programs.",
         mend="Use JPEG, PNG or GIF; `digest check --fix` puts in a rendition where there is one.",
         source="caniemail image-webp, image-avif, image-svg"),
    Rule(id="IMG-04", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_sizes,
         says="A picture's size is missing or not in the file's proportions.",
         mend="Give width and height in the file's proportions; `digest check --fix --online` can.",
         source="caniemail html-width, html-height"),
    Rule(id="IMG-05", severity=Severity.WARNING, who=Mender.CONTENT, needs=_ASKED, looks=_weights,
         says="A picture's file is too large, or not made for the size it is shown at.",
         mend="Save it at twice the width it is shown at, below 1 MB.",
         source="react-email"),
    Rule(id="IMG-06", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_picture_only,
         says="The mail is nearly all pictures.",
         mend="Say it in text: many readers see no pictures, and spam filters distrust such mail.",
         source="SpamAssassin HTML_IMAGE_ONLY, HTML_IMAGE_RATIO"),
    Rule(id="IMG-07", severity=Severity.WARNING, who=Mender.CONTENT, needs=("html", "posts"), looks=_credits,
         says="A picture is shown without its credit.",
         mend="Name who made it and under which licence, in the picture's caption on the site.",
         source="licences of pictures"),
    Rule(id="IMG-08", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_embedded,
         says="A picture is written into the mail itself; Gmail and Outlook do not show it.",
         mend="Link to the file by https.",
         source="caniemail image-base64"),
)  # fmt: skip
