"""What surrounds a post on its site and has no place in a mail: share buttons, related posts, tails.

Pure; works on an lxml tree in place. It removes only what it recognises by a well-known class or by whole
sentences at the end of the body: a post *about* sharing must survive. Neighbour: ``article``.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from digest.feeds import markup

# Class or id tokens that WordPress plug-ins, Ghost, Substack and FeedBurner give to such blocks.
_BLOCKS = re.compile(
    r"^(?:sharedaddy|sd-(?:block|sharing.*)|jp-relatedposts.*|wpcnt|wp-block-jetpack-(?:like|sharing).*|jetpack-likes.*"
    r"|addtoany_.*|a2a_.*|addthis_.*|sharethis.*|sociable.*|social-share.*|share-buttons?|sharing-buttons?"
    r"|post-share.*|entry-share.*|ssba.*|shareaholic.*|heateor_.*|essb_.*|mashsb.*|feedflare"
    r"|related-?posts?|yarpp.*|crp_related|wp_rp.*|rp4wp.*|subscription-widget.*|subscribe-widget|button-wrapper"
    r"|comments?-link|comment-respond|wp-block-comments.*|wp-block-latest-posts.*|post-navigation|author-box|robots-nocontent"
    r"|captioned-button-wrap|kg-signup-card|kg-cta-card|mc_embed_signup|mc4wp-.*|wp-block-jetpack-subscriptions.*"
    r"|screen-reader-text|sr-only|visually-hidden|wp-polls.*|print-?friendly.*)$",
    re.IGNORECASE,
)

# "The post X appeared first on Y." in the languages whose WordPress translation was seen in feeds.
_APPEARED = re.compile(
    r"^(?:the post\b.*\b(?:first )?appeared (?:first )?on\b|this (?:post|article|entry) (?:was )?(?:first|originally) "
    r"(?:appeared|published|posted)\b|(?:der )?beitrag\b.*\berschien zuerst auf\b|l['’]article\b.*\best apparu en premier sur\b"
    r"|(?:cet article|l['’]article)\b.*\best apparu en premier\b|la entrada\b.*\b(?:se publicó primero|aparece primero|apareció primero) en\b"
    r"|het (?:bericht|artikel)\b.*\b(?:verscheen|is) eerst (?:op|verschenen)\b|o (?:post|conteúdo)\b.*\bapareceu primeiro em\b"
    r"|l['’]articolo\b.*\b(?:proviene da|sembra essere il primo su)\b|(?:artykuł|wpis)\b.*\bpochodzi z serwisu\b"
    r"|inlägget\b.*\bdök först upp på\b|indlægget\b.*\bblev først udgivet på\b|innlegget\b.*\bdukket først opp på\b"
    r"|сообщение\b.*\bпоявились сначала на\b|příspěvek\b.*\bpocházejí? z\b)",
    re.IGNORECASE | re.DOTALL,
)
_PROMPT = re.compile(
    r"^(?:share this(?: (?:post|article|entry|on.*))?|like this|like loading|loading|related|related (?:posts|articles)|"
    r"you (?:may|might) also (?:like|enjoy)|leave a (?:comment|reply)|(?:view|read|see) (?:all )?(?:the )?comments|"
    r"\d+ comments?|comments?|no comments(?: yet)?|tweet|pin it|click to (?:share|email|print)\b.*|"
    r"(?:please )?(?:share|subscribe)(?: now)?|what do you think\? (?:leave|add|let us know)\b.*|"
    r"comment on this (?:post|article)|reply (?:by|via) e-?mail|(?:auf|in)? ?\w* ?teilen|gefällt mir(?: wird geladen)?|"
    r"ähnliche beiträge|partager(?: ceci)?|articles similaires|compartir(?: esto)?|me gusta(?: cargando)?)[\s:.…!→»]*$",
    re.IGNORECASE,
)
_CONTINUE = re.compile(
    r"^(?:\(?(?:continue reading|read (?:more|the (?:full|rest|whole|entire)\b[^.]*)|keep reading|weiterlesen|mehr lesen|"
    r"lire la suite|(?:seguir|sigue|continuar|continúa) leyendo|leer más|lees (?:meer|verder)|continua a leggere|leggi tutto|"
    r"läs mer|czytaj (?:dalej|więcej)|číst dále|читать далее|続きを読む|ler mais|continue lendo)\b.{0,150})$",
    re.IGNORECASE | re.DOTALL,
)
_RELATED_HEADING = re.compile(
    r"^(?:related(?: (?:posts|articles|reading|stories))?|you (?:may|might) also (?:like|enjoy)|share this|more like this|"
    r"ähnliche (?:beiträge|artikel)|articles (?:similaires|liés)|entradas relacionadas|share|like this)[:\s]*$",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(
    r"(?:\[\s*(?:\.{3}|…)\s*\]|…|\.{3}|(?:\bcontinue reading\b|\bread more\b|\bweiterlesen\b|\blire la suite\b)[^.!?]{0,150})"
    r"[\s→»>]*$",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LAST_LOOK = 12  # how many blocks from the end may be tails


def remove(tree: HtmlElement) -> None:
    """Take share buttons, related posts, comment prompts and "appeared first on" out of a body."""
    for element in list(tree.iter()):
        if element is not tree and _is_block(element) and element.getparent() is not None:
            element.drop_tree()
    _drop_related_sections(tree)
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
    if not isinstance(element.tag, str):
        return False
    tokens = f"{element.get('class', '')} {element.get('id', '')}".split()
    return any(_BLOCKS.match(token) for token in tokens)


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


def _drop_tails(tree: HtmlElement) -> None:
    """Remove, from the end backwards, blocks that are only a tail or a prompt."""
    blocks = [element for element in tree.iter("p", "div", "ul", "a", "em", "small", "span", *_HEADINGS)]
    for element in blocks[::-1][: _LAST_LOOK * 3]:
        if element.getparent() is None or element is tree or element.find(".//img") is not None:
            continue
        text = markup.words(element)
        if not text:
            continue
        alone = element.tag != "a" or _alone_in_parent(element)
        if _APPEARED.match(text) or (alone and (_PROMPT.match(text) or _CONTINUE.match(text))):
            element.drop_tree()


def _alone_in_parent(element: HtmlElement) -> bool:
    """Return whether a link stands at the end of its block, not within a sentence."""
    return not (element.tail or "").strip() and element.getnext() is None
