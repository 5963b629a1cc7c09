"""What surrounds a post on its site and has no place in a mail: share buttons, related posts, tails.

Pure; works on an lxml tree in place. It removes only what it recognises by a well-known class or by whole
sentences at the end of the body: a post *about* sharing must survive. Neighbour: ``article``.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from digest.feeds import markup


def _any_of(*patterns: str, ending: str = "") -> re.Pattern[str]:
    """Return one pattern that matches from the start of a text where any of ``patterns`` does."""
    return re.compile(rf"(?:{'|'.join(patterns)}){ending}", re.IGNORECASE | re.DOTALL)


# Class or id tokens that WordPress plug-ins, Ghost, Substack and FeedBurner give to such blocks.
_BLOCKS = _any_of(
    r"sharedaddy|sd-block|sd-sharing.*|jp-relatedposts.*|wpcnt|jetpack-likes.*",
    r"wp-block-jetpack-(?:like|sharing|subscriptions).*|wp-block-(?:comments|latest-posts).*",
    r"addtoany_.*|a2a_.*|addthis_.*|sharethis.*|sociable.*|shareaholic.*|heateor_.*|essb_.*|mashsb.*|ssba.*",
    r"social-share.*|(?:share|sharing)-buttons?|(?:post|entry)-share.*|feedflare",
    r"related-?posts?|yarpp.*|crp_related|wp_rp.*|rp4wp.*|post-navigation|author-box",
    r"subscription-widget.*|subscribe-widget|button-wrapper|captioned-button-wrap|mc_embed_signup|mc4wp-.*",
    r"kg-signup-card|kg-cta-card|comments?-link|comment-respond|wp-polls.*|print-?friendly.*",
    r"screen-reader-text|sr-only|visually-hidden",
    r"adsbygoogle|google-auto-placed|ad-?(?:slot|unit|block|container|wrapper|banner|inserter)|advert(?:isement|s)?",
    r"sponsor(?:ed)?-?(?:box|block|banner|message|post|content)|post-sponsor",
    ending="$",
)

# "The post X appeared first on Y." in languages that WordPress writes it in.
_APPEARED = _any_of(
    r"the post\b.*\bappeared (?:first )?on\b|the post\b.*\bfirst appeared on\b",
    r"this (?:post|article|entry) (?:was )?(?:first|originally) (?:appeared|published|posted)\b",
    r"(?:der )?beitrag\b.*\berschien zuerst auf\b",
    r"(?:cet |l['’])article\b.*\best apparu en premier\b",
    r"la entrada\b.*\b(?:se publicó|aparece|apareció) primero en\b",
    r"het (?:bericht|artikel)\b.*\b(?:verscheen eerst op|is eerst verschenen)\b",
    r"o (?:post|conteúdo)\b.*\bapareceu primeiro em\b",
    r"l['’]articolo\b.*\b(?:proviene da|sembra essere il primo su)\b",
    r"(?:artykuł|wpis)\b.*\bpochodzi z serwisu\b",
    r"inlägget\b.*\bdök först upp på\b",
    r"indlægget\b.*\bblev først udgivet på\b",
    r"innlegget\b.*\bdukket først opp på\b",
    r"příspěvek\b.*\bpochází z\b",
    r"сообщение\b.*\bпоявились сначала на\b",
)

# A block that consists of one of these and nothing else.
_PROMPT = _any_of(
    r"share this(?: (?:post|article|entry|on.*))?|like this|(?:like )?loading|tweet|pin it",
    r"(?:please )?share(?: now)?|subscribe(?: now)?|click to (?:share|email|print)\b.*",
    r"related(?: (?:posts|articles))?|you (?:may|might) also (?:like|enjoy)",
    r"leave a (?:comment|reply)|(?:view|read|see) (?:all )?(?:the )?comments|(?:\d+ |no )?comments?(?: yet)?",
    r"comment on this (?:post|article)|reply (?:by|via) e-?mail",
    r"\d+ posts? [-–] \d+ participants?|read full topic",
    r"what do you think\? (?:leave|add|let us know)\b.*",
    r"teilen(?: mit)?|gefällt mir(?: wird geladen)?|ähnliche beiträge",
    r"partag(?:er|ez)(?: ceci)?|articles similaires|compartir(?: esto)?|me gusta(?: cargando)?",
    ending=r"[\s:.…!→»]*$",
)
_CONTINUE = _any_of(
    r"\(?continue reading|\(?read more|\(?keep reading|\(?read the (?:full|rest|whole|entire)",
    r"weiterlesen|mehr lesen|lire la suite|(?:seguir|sigue|continuar|continúa) leyendo|leer más",
    r"lees (?:meer|verder)|continua a leggere|leggi tutto|läs mer|czytaj (?:dalej|więcej)|číst dále",
    r"читать далее|続きを読む|ler mais|continue lendo",
    ending=r"\b[^.?!]{0,150}[.…→»\s)]*$",
)
# "Probation posts are sponsored by …": the newsletter has sponsors of its own, and labels them.
_SPONSORED = _any_of(
    r"(?:(?:this|our|all|these|the)\b[^.]{0,40}|[\w’' -]{1,40}\b)?"
    r"(?:posts?|articles?|blogs?|newsletters?|episodes?)\b[^.]{0,20}\b"
    r"(?:is|are|was|were) (?:kindly |proudly )?(?:sponsored|supported) by\b",
    r"(?:sponsored|presented) by\b|brought to you by\b|(?:many )?thanks? (?:you )?to our sponsors?\b",
    r"advertisement\b|sponsored content\b|our sponsors?\b",
    r"(?:anzeige|werbung|publicité|publicidad|reclame)\s*$",
    ending=r".{0,300}$",
)
_RELATED_HEADING = _any_of(
    r"related(?: (?:posts|articles|reading|stories))?|you (?:may|might) also (?:like|enjoy)|more like this",
    r"share(?: this)?|like this|ähnliche (?:beiträge|artikel)",
    r"articles (?:similaires|liés)|entradas relacionadas",
    ending=r"[:\s]*$",
)
_CUT_OFF = re.compile(
    r"(?:\[\s*(?:\.{3}|…)\s*\]|…|\.{3}"
    r"|\b(?:continue reading|read more|weiterlesen|lire la suite)\b[^.!?]{0,150})[\s→»>]*$",
    re.IGNORECASE,
)
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:[a-z%]*)\s*(?:!|;|$))",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_FIRST_LOOK = 2  # how many blocks from the start may name a sponsor
_LONGEST_TAIL = 1_000  # characters: two titles and some words
_LAST_LOOK = 12  # how many blocks from the end may be tails


def remove(tree: HtmlElement, link: str = "") -> None:
    """Take hidden text, share buttons, related posts, comment prompts and "appeared first on" out of a body.

    ``link`` is the post's own address: a last line that only leads there is a tail in any language.
    """
    _drop_hidden(tree)
    named = [element for element in tree.iter() if element.get("class") or element.get("id")]
    for element in named:
        if element is not tree and _is_block(element) and element.getparent() is not None:
            element.drop_tree()
    _drop_related_sections(tree)
    _drop_sponsors(tree)
    _drop_way_to_itself(tree, link)
    _drop_tails(tree)


def is_cut_off(text: str) -> bool:
    """Return whether a text ends as a shortened one does: "[…]", "…" or "Continue reading"."""
    return bool(_CUT_OFF.search(text.strip()))


def without_tail(text: str) -> str:
    """Return a plain text without "The post X appeared first on Y" at its end."""
    for start in [found.start() for found in re.finditer(r"\S+(?= )", text)][::-1][:80]:
        if _APPEARED.match(text[start:]):
            return text[:start].rstrip()
    return text


def _is_block(element: HtmlElement) -> bool:
    """Return whether an element carries a class or id that marks it as surroundings."""
    tokens = f"{element.get('class', '')} {element.get('id', '')}".split()
    return any(_BLOCKS.match(token) for token in tokens)


def _drop_hidden(tree: HtmlElement) -> None:
    """Remove text that the site does not show: without its styles a mail would show it.

    Pictures stay: some sites hide one at the top of the feed for readers that want a thumbnail.
    """
    for element in [one for one in tree.iter() if isinstance(one.tag, str) and _is_hidden(one)]:
        if element is not tree and element.getparent() is not None and element.find(".//img") is None:
            element.drop_tree()


def _is_hidden(element: HtmlElement) -> bool:
    return element.tag != "img" and (
        "hidden" in element.attrib or bool(_HIDING.search(element.get("style", "")))
    )


def _drop_related_sections(tree: HtmlElement) -> None:
    """Remove a heading such as "Related posts" with the list below it, when nothing else follows."""
    for heading in list(tree.iter(*_HEADINGS)):
        if not _RELATED_HEADING.match(markup.words(heading)):
            continue
        rest = list(heading.itersiblings())
        if any(element.tag not in ("ul", "ol") for element in rest[:1]) or len(rest) > 3:
            continue
        for element in [*rest[:1], heading]:
            element.drop_tree()


def _drop_sponsors(tree: HtmlElement) -> None:
    """Remove lines at the start or end that name the sponsor of the site's posts."""
    lines = [
        line for line in tree.iter("p", "div", *_HEADINGS) if line is not tree and line.find(".//p") is None
    ]
    for line in [*lines[:_FIRST_LOOK], *lines[_FIRST_LOOK:][-_LAST_LOOK:]]:
        if line.getparent() is not None and _SPONSORED.match(markup.words(line)):
            line.drop_tree()


def _drop_way_to_itself(tree: HtmlElement, link: str) -> None:
    """Remove a last paragraph that is only a link to the post itself: "Read the full topic"."""
    last = next(tree.iterchildren("p", "div", reversed=True), None)
    way = None if last is None or last.getnext() is not None else last.find(".//a")
    if last is None or way is None or last.find(".//img") is not None:
        return
    if way.get("href", "").rstrip("/") == link.rstrip("/") and markup.words(way) == markup.words(last):
        last.drop_tree()


def _drop_tails(tree: HtmlElement) -> None:
    """Remove, from the end backwards, blocks that are only a tail or a prompt."""
    blocks = list(tree.iter("p", "div", "ul", "a", "em", "small", "span", *_HEADINGS))
    for element in blocks[::-1][: _LAST_LOOK * 3]:
        if element.getparent() is None or element is tree:
            continue
        text = markup.words(element)
        if not text or len(text) > _LONGEST_TAIL or element.find(".//img") is not None:
            continue
        alone = element.tag not in ("a", *_HEADINGS) or _is_last(element)
        if _APPEARED.match(text) or (alone and (_PROMPT.match(text) or _CONTINUE.match(text))):
            element.drop_tree()


def _is_last(element: HtmlElement) -> bool:
    """Return whether nothing follows a link or heading: it is no part of a sentence or section."""
    return not (element.tail or "").strip() and element.getnext() is None
