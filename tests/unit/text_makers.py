"""Makes the nouns that tests of words need, each with plain defaults that a test overrides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from digest.model import (
    Content,
    IssueKind,
    Item,
    Post,
    PostState,
    Publication,
    Sponsor,
    Theme,
)


def make_post(**changes: Any) -> Post:
    plain = Post(
        id=1,
        number=1,
        state=PostState.MAILABLE,
        feed_id=1,
        link="https://blog.example/one",
        title="One",
        author="Eleanor Marsh",
        published_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        first_seen_at=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        language="en",
        direction="ltr",
        html="",
        excerpt="",
        categories=(),
        image=None,
        content_hash="a" * 64,
    )
    return replace(plain, **changes)


def make_item(number: int = 1, **changes: Any) -> Item:
    plain = Item(
        number=number,
        post_id=number,
        title=f"Post number {number}",
        link=f"https://blog.example/{number}",
        author="",
        published_on=date(2026, 11, 20),
        language="en",
        direction="ltr",
        standfirst="",
        summary="",
        html="",
        image=None,
        minutes=3,
        theme_key="",
    )
    return replace(plain, **changes)


def make_content(*items: Item, **changes: Any) -> Content:
    plain = Content(
        name="weekly-2026-11-23",
        kind=IssueKind.WEEKLY,
        period_start=date(2026, 11, 16),
        period_end=date(2026, 11, 22),
        sent_on=date(2026, 11, 23),
        items=items,
    )
    return replace(plain, **changes)


def make_theme(key: str, position: int = 1, name: str = "", **changes: Any) -> Theme:
    return Theme(key=key, name=name or key.capitalize(), position=position, **changes)


def make_sponsor(theme_key: str = "", **changes: Any) -> Sponsor:
    plain = Sponsor(
        name="Harbour",
        text="makes case systems.",
        link="https://sponsor.example/",
        link_text="See how it works at Harbour",
        theme_key=theme_key,
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 11, 30),
    )
    return replace(plain, **changes)


PUBLICATION = Publication(
    name="Plain Justice",
    site_url="https://blog.example",
    public_url="https://mail.blog.example",
    from_name="Plain Justice",
    from_address="post@blog.example",
    operator_address="op@blog.example",
    list_id="weekly.blog.example",
)
