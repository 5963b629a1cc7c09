"""The words of subjects and preheaders: whole strings with places to fill, never parts to put together.

One pattern per case, because a language may need another order, another ending or another mark in each.
A catalogue of another language is one more ``Phrases``.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import IssueKind


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """The patterns of one language. ``{title}`` is the lead's, ``{more}`` counts the other posts."""

    subject: dict[IssueKind, str]  # with two posts or more; one post is its title
    subject_after_mark: dict[IssueKind, str]  # the same where the title ends in a mark of its own
    subject_alone: dict[IssueKind, str]  # with one post, where that is not the title as it is
    also_one: dict[IssueKind, str]  # preheader with one other post: {first}
    also_two: dict[IssueKind, str]  # {first}, {second}
    also_three: dict[IssueKind, str]  # {first}, {second}, {third}
    theme_count: str  # {theme}, {count}: one theme of a monthly preheader
    theme_join: str  # between two of them
    months: tuple[str, ...]  # January first
    dated: str  # {subject}, {day}, {month}: tells two equal subjects apart
    dated_with_year: str  # the same with {year}


ENGLISH = Phrases(
    subject={
        IssueKind.EVERY_POST: "{title} + {more} more",
        IssueKind.DAILY: "{title} + {more} more",
        IssueKind.WEEKLY: "{title}. Plus {more} more",
        IssueKind.FORTNIGHTLY: "{title}. Plus {more} more",
        IssueKind.MONTHLY: "{month}: {title} and {more} more",
        IssueKind.RESEND: "Updated: {title} + {more} more",
        IssueKind.TEST: "{title} + {more} more",
    },
    subject_after_mark={
        IssueKind.WEEKLY: "{title} Plus {more} more",
        IssueKind.FORTNIGHTLY: "{title} Plus {more} more",
    },
    subject_alone={IssueKind.MONTHLY: "{month}: {title}", IssueKind.RESEND: "Updated: {title}"},
    also_one={
        IssueKind.EVERY_POST: "Also new: {first}",
        IssueKind.DAILY: "Also today: {first}",
        IssueKind.WEEKLY: "Also this week: {first}",
        IssueKind.FORTNIGHTLY: "Also this fortnight: {first}",
        IssueKind.MONTHLY: "Also this month: {first}",
        IssueKind.RESEND: "Also new: {first}",
        IssueKind.TEST: "Also new: {first}",
    },
    also_two={
        IssueKind.EVERY_POST: "Also new: {first} and {second}",
        IssueKind.DAILY: "Also today: {first} and {second}",
        IssueKind.WEEKLY: "Also this week: {first} and {second}",
        IssueKind.FORTNIGHTLY: "Also this fortnight: {first} and {second}",
        IssueKind.MONTHLY: "Also this month: {first} and {second}",
        IssueKind.RESEND: "Also new: {first} and {second}",
        IssueKind.TEST: "Also new: {first} and {second}",
    },
    also_three={
        IssueKind.WEEKLY: "Also this week: {first}, {second} and {third}",
        IssueKind.FORTNIGHTLY: "Also this fortnight: {first}, {second} and {third}",
        IssueKind.MONTHLY: "Also this month: {first}, {second} and {third}",
    },
    theme_count="{theme} ({count})",
    theme_join=", ",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    dated="{subject} ({day} {month})",
    dated_with_year="{subject} ({day} {month} {year})",
)

_LANGUAGES = {"en": ENGLISH}


def phrases_for(language: str) -> Phrases:
    """The patterns of a BCP 47 tag; English where we have none of that language."""
    return _LANGUAGES.get(language.partition("-")[0].lower(), ENGLISH)
