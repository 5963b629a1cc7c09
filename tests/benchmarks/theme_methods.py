"""Our side of the benchmark of themes: the functions an installation uses, on posts of its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from digest.editorial.grouping import grouping
from digest.editorial.headings import names
from digest.editorial.settling import RECENT, settle
from digest.model import Item, Theme

_BASELINE = 20  # posts that are there when a feed is first read


def grouped(posts: Sequence[dict[str, Any]]) -> list[str | None]:
    """Return each post's group, where the window is all there is: a feed's baseline and one issue of it."""
    settled = settle([_categories(post) for post in posts], (), (), baseline=True)
    return _sections(posts, settled.keys, settled.founded)


def as_they_came(posts: Sequence[dict[str, Any]]) -> tuple[dict[str, str], tuple[Theme, ...]]:
    """Return the theme of each post by its id, and all themes, when posts come singly after a baseline."""
    categories = [_categories(post) for post in posts]
    first = settle(categories[:_BASELINE], (), (), baseline=True)
    keys, themes = list(first.keys), list(first.founded)
    for place in range(_BASELINE, len(posts)):
        recent = categories[max(0, place - RECENT) : place][::-1]
        one = settle([categories[place]], recent, themes)
        keys += one.keys
        themes += one.founded
    return {post["id"]: key for post, key in zip(posts, keys, strict=True)}, tuple(themes)


def in_issue(
    posts: Sequence[dict[str, Any]], lasting: Mapping[str, tuple[dict[str, str], tuple[Theme, ...]]]
) -> list[str | None]:
    """Return each post's group in an issue of an installation that has seen the source post by post."""
    keys, themes = lasting[posts[0]["source"]]
    return _sections(posts, [keys[post["id"]] for post in posts], themes)


def _sections(
    posts: Sequence[dict[str, Any]], keys: Sequence[str], themes: Sequence[Theme]
) -> list[str | None]:
    items = [_item(number, post, key) for number, (post, key) in enumerate(zip(posts, keys, strict=True))]
    found = grouping(items, themes)
    sections = [found.keys.get(item.number) or item.theme_key for item in items]
    sizes = Counter(sections)
    return [key if key and sizes[key] > 1 else None for key in sections]


def first_label(posts: Sequence[dict[str, Any]]) -> list[str | None]:
    """Return the naive grouping: each post's first category, else its first tag."""
    return [next((label.casefold() for label in _categories(post)), None) for post in posts]


def named(posts: Sequence[dict[str, Any]], groups: Sequence[str | None], count: int) -> dict[str, list[str]]:
    """Return the best names of given groups."""
    items = [_item(number, post, "") for number, post in enumerate(posts)]
    told = list(dict.fromkeys(group for group in groups if group is not None))
    places = [[place for place, group in enumerate(groups) if group == one] for one in told]
    return {one: found[:count] for one, found in zip(told, names(items, places), strict=True)}


def _categories(post: dict[str, Any]) -> list[str]:
    return [*post["cats"], *post["tags"]]


def _item(number: int, post: dict[str, Any], theme_key: str) -> Item:
    return Item(
        number=number,
        post_id=number,
        title=post["title"],
        link=f"https://blog.example/{number}",
        author="",
        published_on=date(2026, 1, 1),
        language=post["lang"],
        direction="ltr",
        standfirst="",
        summary="",
        html=post["html"],
        image=None,
        minutes=1,
        theme_key=theme_key,
        categories=tuple(_categories(post)),
    )
