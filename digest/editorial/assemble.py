"""One issue as one segment sees it. Preview, gate and sending all call ``assemble``: so they agree.

Pure: equal content and equal numbers give an equal edition. ``items_of`` makes the items when the draft
is made; ``assemble`` runs for every segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from digest.editorial.sections import running, sections
from digest.editorial.subject import preheader, subject
from digest.editorial.themes import in_order
from digest.errors import NotAllowed, UnknownName
from digest.model import (
    SHOWN_AT_MOST,
    Content,
    Edition,
    IssueKind,
    Item,
    Post,
    Publication,
    Section,
    Sponsor,
    Summary,
)
from digest.text.blocks import plain
from digest.text.words import minutes


def items_of(posts: Sequence[Post], summaries: Mapping[int, Summary], zone: str) -> tuple[Item, ...]:
    """The posts as an issue shows them, oldest number first; ``summaries`` by post id, ``zone`` by IANA name.

    Raises NotAllowed for a post without a number: it is not mailable yet.
    """
    days_in = ZoneInfo(zone)
    items = [_item(_numbered(post), summaries.get(post.id), days_in) for post in posts]
    return tuple(sorted(items, key=lambda item: item.number))


def related_items(posts: Sequence[Post], zone: str) -> tuple[Item, ...]:
    """The posts a mail of one post points to, in the order given; they have no number, as nobody got them."""
    days_in = ZoneInfo(zone)
    return tuple(replace(_item(post, None, days_in), html="", standfirst=post.excerpt) for post in posts)


def _numbered(post: Post) -> Post:
    if post.number is None:
        raise NotAllowed(f"Post {post.id} is {post.state} and has no number; release it before it goes out.")
    return post


def _item(post: Post, summary: Summary | None, zone: ZoneInfo) -> Item:
    seen = post.published_at or post.first_seen_at
    # The publisher's own text is the standfirst; taken over as our summary it would be shown twice.
    text = summary.text if summary is not None else ""
    is_publishers = summary is not None and summary.method == "standfirst"
    return Item(
        number=post.number or 0,
        post_id=post.id,
        title=post.title,
        link=post.link,
        author=post.author,
        published_on=seen.astimezone(UTC).astimezone(zone).date(),
        language=post.language,
        direction=post.direction,
        standfirst=text if is_publishers else "",
        summary="" if is_publishers else text,
        model=summary.model if summary is not None else "",
        html=post.html,
        image=post.image,
        minutes=minutes(plain(post.html)),
        theme_key=post.theme_key,
        categories=post.categories,
    )


def assemble(
    content: Content,
    numbers: Sequence[int],
    publication: Publication,
    words: NullTranslations,
    *,
    at_most: int = SHOWN_AT_MOST,
) -> Edition:
    """The edition for readers who are owed these numbers.

    ``words`` are those of the publication's language. The chain: the newest ``at_most`` → the lead →
    sections of the rest → subject and preheader. Raises
    NotAllowed when there is nothing to show (an empty issue is never sent), and UnknownName for a number
    that the content does not hold.
    """
    shown, left_out = _newest(content, numbers, at_most)
    lead = _lead(content, shown)
    others = tuple(item for item in shown if item is not lead)
    divided = sections(others, content.themes, content.sponsors, content.sent_on)
    one_by_one = content.kind in (IssueKind.EVERY_POST, IssueKind.RESEND)
    layout = "post" if one_by_one and not others else "digest"
    told = (lead, *others)
    headline = subject(
        content, told, language=publication.language, words=words, recent=content.recent_subjects
    )
    return Edition(
        name=content.name,
        kind=content.kind,
        layout=layout,
        subject=headline,
        preheader=preheader(content, told, language=publication.language, words=words),
        title=content.title or (lead.title if layout == "post" else headline),
        intro=content.intro or ("" if layout == "post" else publication.look.intro),
        period_start=content.period_start,
        period_end=content.period_end,
        lead=lead,
        sections=divided,
        theme_names=_theme_names(content, shown),
        sponsor=_sponsor(content, lead, divided, layout),
        related=content.related if layout == "post" else (),
        next_on=content.next_on,
        left_out=left_out,
        count=len(shown),
    )


def _newest(content: Content, numbers: Sequence[int], at_most: int) -> tuple[tuple[Item, ...], int]:
    """The items of the newest numbers, in the content's order, and how many were left out."""
    wanted = set(numbers)
    unknown = wanted - {item.number for item in content.items}
    if unknown:
        raise UnknownName(f"Issue {content.name} holds no post number {min(unknown)}; make the draft again.")
    if not wanted:
        raise NotAllowed(f"Issue {content.name} has no posts for these readers; nothing is sent.")
    newest = frozenset(sorted(wanted, reverse=True)[:at_most])
    shown = tuple(item for item in content.items if item.number in newest)
    return shown, len(wanted) - len(newest)


def _lead(content: Content, shown: Sequence[Item]) -> Item:
    """The lead story: the editor's where this segment sees it, else the longest read, else the newest."""
    chosen = [item for item in shown if item.number == content.lead]
    return chosen[0] if chosen else max(shown, key=lambda item: (item.minutes, item.number))


def _theme_names(content: Content, shown: Sequence[Item]) -> dict[str, str]:
    """The names of the themes and headings that occur, by key, in the order of themes."""
    occurring = {key for item in shown for key in (item.theme_key, item.section_key)}
    return {theme.key: theme.name for theme in in_order(content.themes) if theme.key in occurring}


def _sponsor(content: Content, lead: Item, divided: Sequence[Section], layout: str) -> Sponsor | None:
    """The sponsor of the issue's own slot: the primary one, else the lead's theme's if it has no section.

    In a mail of one post the post's theme comes first: that is the placement its sponsor bought.
    """
    primary = running(content.sponsors, "", content.sent_on)
    themed = running(content.sponsors, lead.theme_key, content.sent_on) if lead.theme_key else None
    if layout == "post":
        return themed or primary
    placed = any(section.sponsor is themed for section in divided)
    return primary or (None if placed else themed)
