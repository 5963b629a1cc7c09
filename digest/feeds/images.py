"""Pictures and players in a post's body: repaired, replaced, or lifted out as the header image.

Pure; works on an lxml tree in place, before ``article`` sanitises. Real feeds hide the picture's address
in ``data-src`` behind a grey pixel, count readers with invisible images, and embed players that no mail
program runs. Neighbour: ``article``.
"""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.feeds import markup
from digest.model import Image

_LAZY_ATTRIBUTES = ("data-src", "data-lazy-src", "data-original", "data-orig-src", "data-lazy", "data-url")
_PLACEHOLDER = re.compile(
    r"^data:|/(?:blank|spacer|placeholder|pixel|transparent|lazy|grey|1x1)[\w-]*\.(?:gif|png|svg)",
    re.IGNORECASE,
)
_TRACKER = re.compile(
    r"^https?://(?:pixel\.wp\.com|stats\.wordpress\.com|(?:www\.)?google-analytics\.com|[\w.-]*doubleclick\.net"
    r"|(?:www\.)?facebook\.com/tr\b|b\.scorecardresearch\.com|feeds\.feedburner\.com/~|feeds\.wordpress\.com/1\."
    r"|[\w.-]*\.list-manage\.com/track|medium\.com/_/stat|counter\.theconversation\.com|vg\d+\.met\.vgwort\.de"
    r"|ssl-vg\d+\.met\.vgwort\.de|piwik\.|matomo\.)",
    re.IGNORECASE,
)
_EMOJI = re.compile(r"/images/core/emoji/|/twemoji|/wp-includes/images/smilies/", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display:\s*none|visibility:\s*hidden|(?:width|height):\s*[01](?:px)?\s*(?:;|$)", re.IGNORECASE
)
_WIDEST = 1400  # pixels: a mail column on a dense screen

_PLAYERS = ("iframe", "video", "audio", "embed", "object")
_IS_PLAYER = "data-player"  # marks a still that leads to a player: no header image
_VIDEO_HOSTS = ("youtube.com", "youtube-nocookie.com", "youtu.be", "vimeo.com", "dailymotion.com", "loom.com")
_SOUND_HOSTS = ("soundcloud.com", "spotify.com", "podcasts.apple.com", "buzzsprout.com", "acast.com")

# What editors and hosts write where a name should be.
_NO_NAME = re.compile(r"^(?:youtube|vimeo|video|audio|embedded|iframe|player)\b.{0,25}$", re.IGNORECASE)
_LONGEST_NAME = 100  # characters

# "Photo by Ann on Unsplash" counts right below the picture, the long form anywhere: blogs end with it.
_CREDIT = re.compile(
    r"^\W{0,2}(?:(?:header |featured |cover |lead )?(?:photo|image|picture|foto|bild|illustration)"
    r"(?:graph)?\s*(?:credits?|by|:|©|courtesy|via|from|source)|credits?\s*:|©|source\s*:|quelle\s*:|crédit)",
    re.IGNORECASE,
)
_HEADER_CREDIT = re.compile(
    r"^(?=.*\b(?:header|featured|cover) (?:image|photo|picture)\b)"
    r".*(?:\b(?:thanks? (?:you )?to|by|credits?|courtesy|permission|from|via)\b|©)",
    re.IGNORECASE,
)
_LONGEST_CREDIT = 300  # characters
_FIRST_LOOK, _LAST_LOOK = 2, 6  # paragraphs at the start and at the end that may credit the header image
_MOST_WRAPPERS = 8  # elements around a picture that hold nothing else


def counts_readers(url: str) -> bool:
    """Return whether a picture's address is known to be there to count who opens a mail."""
    return bool(_TRACKER.match(url))


def repair(tree: HtmlElement, base_url: str) -> None:
    """Give every ``img`` one absolute address, and remove those that show nothing or only count readers."""
    for noscript in list(tree.iter("noscript")):
        _resolve_noscript(noscript)
    for picture in list(tree.iter("picture")):
        _collapse_picture(picture)
    for img in list(tree.iter("img")):
        if _EMOJI.search(img.get("src", "")) or "wp-smiley" in img.get("class", ""):
            _replace_by_text(img, img.get("alt", ""))
            continue
        url = markup.absolute(_best_address(img), base_url)
        if not url or _is_pixel(img) or counts_readers(url):
            img.drop_tree()
            continue
        img.set("src", url)
        if markup.names_a_file(img.get("alt", "")):
            img.set("alt", "")  # read aloud, it would be noise
        for name in ("width", "height"):
            if name in img.attrib and _pixels(img, name) is None:
                del img.attrib[name]


def replace_players(tree: HtmlElement, base_url: str) -> None:
    """Turn every video, audio and frame into its still, linked, or into a line that links to it."""
    for player in list(tree.iter(*_PLAYERS)):
        if player.getparent() is None or any(above.tag in _PLAYERS for above in player.iterancestors()):
            continue
        url = markup.absolute(_player_address(player), base_url)
        if not url or _is_pixel(player):
            player.drop_tree()
            continue
        link = player.makeelement("a", {"href": url})
        link.text = _invitation(player, url)
        still = markup.absolute(player.get("poster", ""), base_url) or _still_of(url)
        if still:
            link.text = None
            link.append(player.makeelement("img", {"src": still, "alt": ""}))
            link.append(player.makeelement("br"))
            link[-1].tail = _invitation(player, url)
        paragraph = player.makeelement("p", {_IS_PLAYER: ""})
        paragraph.append(link)
        paragraph.tail = player.tail
        player.getparent().replace(player, paragraph)


def lift_header(tree: HtmlElement) -> Image | None:
    """Return the picture that opens the body, taken out of it with its credit; None if text opens it."""
    img = _opening_picture(tree)
    if img is None:
        return None
    holder = _holder(img, tree)
    caption = markup.one_line(" ".join(markup.words(found) for found in holder.iter("figcaption")))
    line = take_header_credit(tree)
    if not caption and not line:
        line = _take_credit_below(holder)
    credit = caption if _names_maker(caption) or not line else line
    image = Image(
        url=img.get("src", ""),
        alt=markup.one_line(img.get("alt", "")),
        credit=credit,
        width=_pixels(img, "width"),
        height=_pixels(img, "height"),
    )
    holder.drop_tree()
    return image


def take_header_credit(tree: HtmlElement) -> str:
    """Return the line that credits the header image, taken out of the body; empty when there is none.

    "Thanks to … for kind permission to use the header image", as blogs begin or end with it.
    """
    lines = [line for line in tree.iter("p", "h6", "div") if line.find(".//p") is None and line is not tree]
    for line in [*lines[:_FIRST_LOOK], *lines[_FIRST_LOOK:][-_LAST_LOOK:]]:
        text = markup.words(line)
        if text and len(text) <= _LONGEST_CREDIT and _HEADER_CREDIT.search(text):
            line.drop_tree()
            return text
    return ""


def _resolve_noscript(noscript: HtmlElement) -> None:
    """Prefer the real picture inside a ``noscript`` to the lazy one before it; drop any other."""
    inside = noscript.find(".//img")
    before = noscript.getprevious()
    if inside is None:
        noscript.drop_tree()
        return
    if before is not None and before.tag == "img":
        before.drop_tree()
    noscript.drop_tag()


def _collapse_picture(picture: HtmlElement) -> None:
    """Keep a picture's ``img``, with an address from its sources if it has none of its own."""
    img = picture.find(".//img")
    sources = [source.get("srcset", "") for source in picture.iter("source")]
    if img is not None and not img.get("src") and not img.get("srcset"):
        img.set("srcset", ", ".join(filter(None, sources)))
    for source in list(picture.iter("source")):
        source.drop_tag()
    picture.drop_tag()


def _best_address(img: HtmlElement) -> str:
    """Return the address that shows the picture: its own, or the one kept for a script."""
    own = str(img.get("src", "")).strip()
    if own and not _PLACEHOLDER.search(own):
        return own
    for name in _LAZY_ATTRIBUTES:
        if img.get(name, "").strip():
            return str(img.get(name, ""))
    for name in ("data-srcset", "data-lazy-srcset", "srcset"):
        widest = _widest(img.get(name, ""))
        if widest:
            return widest
    return ""


def _widest(srcset: str) -> str:
    """Return the largest candidate of a ``srcset`` that is not larger than needed; else the smallest."""
    candidates = []
    for candidate in re.split(r",\s+|,(?=https?:|//|/)", srcset.strip()):
        url, _, size = candidate.strip().partition(" ")
        width = re.match(r"(\d{1,5})w", size.strip())
        if url and not _PLACEHOLDER.search(url):
            candidates.append((int(width[1]) if width else 0, url))
    fitting = [candidate for candidate in candidates if candidate[0] <= _WIDEST]
    if fitting:
        return max(fitting, key=lambda candidate: candidate[0])[1]
    return min(candidates)[1] if candidates else ""


def _is_pixel(element: HtmlElement) -> bool:
    """Return whether an element is too small to see, or hidden."""
    if _HIDDEN.search(element.get("style", "")):
        return True
    sizes = (element.get(name, "").strip().removesuffix("px") for name in ("width", "height"))
    return any(size in ("0", "1", "2") for size in sizes)


def _pixels(element: HtmlElement, name: str) -> int | None:
    """Return an attribute as whole CSS pixels; None when it is absent or something else."""
    text = element.get(name, "").strip().removesuffix("px")
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None


def _replace_by_text(element: HtmlElement, text: str) -> None:
    """Put ``text`` where the element was."""
    element.tail = text + (element.tail or "")
    element.drop_tree()


def _player_address(player: HtmlElement) -> str:
    """Return what a player plays, as a page a reader can open."""
    own = player.get("src") or player.get("data-src") or player.get("data") or ""
    if not own:
        sources = [found.get("src", "") for found in player.iter("source", "embed", "iframe")]
        own = next((source for source in sources if source), "")
    video = re.search(r"(?:youtube(?:-nocookie)?\.com/(?:embed|v)/|youtu\.be/)([\w-]{6,})", own)
    if video:
        return f"https://www.youtube.com/watch?v={video[1]}"
    clip = re.search(r"player\.vimeo\.com/video/(\d+)", own)
    return f"https://vimeo.com/{clip[1]}" if clip else own


def _invitation(player: HtmlElement, url: str) -> str:
    """Return the words of the link: what it is and where it leads."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    title = markup.one_line(player.get("title", ""))
    named = f"“{title}”" if title and len(title) <= _LONGEST_NAME and not _NO_NAME.search(title) else ""
    if player.tag == "video" or host.endswith(_VIDEO_HOSTS):
        return f"Watch {named or 'the video'} on {host}"
    if player.tag == "audio" or host.endswith(_SOUND_HOSTS):
        return f"Listen to {named} on {host}" if named else f"Listen on {host}"
    return f"Open {named or 'the embedded page'} on {host}"


def _still_of(url: str) -> str:
    """Return the still of a video whose host keeps it at a known address; empty for any other."""
    video = re.fullmatch(r"https://www\.youtube\.com/watch\?v=([\w-]{11})", url)
    return f"https://i.ytimg.com/vi/{video[1]}/hqdefault.jpg" if video else ""


def _opening_picture(tree: HtmlElement) -> HtmlElement | None:
    """Return the ``img`` that comes before any word of the body, or None."""
    img = next(tree.iter("img"), None)
    if img is None or any(
        above.tag in ("table", "li", "blockquote") or _IS_PLAYER in above.attrib
        for above in img.iterancestors()
    ):
        return None
    element = img
    for parent in img.iterancestors():
        before = element.itersiblings(preceding=True)
        if (parent.text or "").strip() or any(
            markup.words(one) or (one.tail or "").strip() for one in before
        ):
            return None
        element = parent
    return img


def _holder(img: HtmlElement, tree: HtmlElement) -> HtmlElement:
    """Return the outermost element that holds the picture, its caption and nothing else."""
    holder = img
    for above in islice(img.iterancestors(), _MOST_WRAPPERS):
        if above is tree:
            break
        caption = " ".join(markup.words(found) for found in above.iter("figcaption"))
        if markup.words(above) != markup.one_line(caption) or len(list(above.iter("img"))) > 1:
            break
        holder = above
    return holder


def _take_credit_below(holder: HtmlElement) -> str:
    """Return the paragraph right below the header image if it credits it, taken out of the body."""
    below = holder.getnext()
    if below is None or below.tag not in ("p", "h6"):
        return ""
    text = markup.words(below)
    if not text or len(text) > _LONGEST_CREDIT or not _CREDIT.search(text):
        return ""
    below.drop_tree()
    return text


def _names_maker(caption: str) -> bool:
    """Return whether a caption is a credit rather than a description."""
    return bool(_CREDIT.search(caption) or _HEADER_CREDIT.search(caption))
