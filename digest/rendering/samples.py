"""Sample facts and a sample edition: what the preview and ``digest template check`` show of each mail.

Pure and made up: no reader and no post of the publication is in it. Neighbours: ``transactional`` says which
facts a notice has, ``preview.samples`` shows the real next issues beside these.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from digest.model import Edition, Image, IssueKind, Item, Publication, Section, Sponsor, Theme

_DAY = date(2026, 6, 14)
_COURTS = Theme(key="courts", name="Courts", position=1)
_PRISONS = Theme(key="prisons", name="Prisons", position=2)


def notice_facts(publication: Publication) -> dict[str, dict[str, str]]:
    """Return sample facts for every kind of notice, by kind."""
    url = publication.public_url
    return {
        "confirm": {"confirm_url": f"{url}/confirm/preview"},
        "welcome": {},
        "preferences-link": {"preferences_url": f"{url}/preferences/preview"},
        "goodbye": {"subscribe_url": f"{url}/subscribe"},
        "address-change": {"confirm_url": f"{url}/confirm/preview", "old_address": "s…@example.org"},
        "address-changed": {"new_address": "s…@example.net", "subscribe_url": f"{url}/subscribe"},
        "re-permission": {"confirm_url": f"{url}/keep/preview", "ends_on": "30 June 2026"},
        "draft-ready": {
            "issue": "weekly-2026-06-14",
            "title": "What an hour in court costs",
            "posts": "What an hour in court costs\nThe library behind a locked door",
            "sends_at": "Sunday 14 June 2026, 07:00",
        },
        "alert": {
            "problem": "The feed has stopped answering.",
            "detail": "It answered 503 three times in a row.",
            "what_to_do": "Nothing is lost: polling goes on.",
        },
    }


def editions(publication: Publication) -> dict[str, Edition]:
    """Return a sample edition for every sort of issue, by the words ``digest template check`` uses for it."""
    weekly = _digest(publication)
    return {
        "weekly digest": weekly,
        "daily digest": replace(weekly, kind=IssueKind.DAILY, period_start=_DAY),
        "fortnightly digest": replace(weekly, kind=IssueKind.FORTNIGHTLY, intro=""),
        "monthly digest": replace(weekly, kind=IssueKind.MONTHLY, sponsor=None, left_out=3),
        "new post": _post(publication),
    }


def _item(publication: Publication, number: int, title: str, theme: str, *, image: bool = False) -> Item:
    return Item(
        number=number,
        post_id=number,
        title=title,
        link=f"{publication.site_url.rstrip('/')}/sample-{number}",
        author="Robin Sample",
        published_on=_DAY,
        language=publication.language,
        direction="ltr",
        standfirst="What the publisher says of it, in one line.",
        summary="What it says, in a sentence or two. It is made up, so that a template can be looked at.",
        html=(
            "<p>A first paragraph with <a href='https://example.org/'>a link</a>.</p><h2>A heading</h2>"
            "<ul><li>one thing;</li><li>another.</li></ul><blockquote><p>“A quotation.”</p></blockquote>"
            "<table><tr><th>Court</th><th>Days</th></tr><tr><td>North</td><td>12</td></tr></table>"
        ),
        image=_IMAGE if image else None,
        minutes=4,
        theme_key=theme,
    )


_IMAGE = Image(
    url="https://example.org/sample.jpg",
    alt="A reading room",
    credit="Photograph: R. Sample",
    width=1200,
    height=600,
)
_SPONSOR = Sponsor(
    name="Sample Sponsor",
    text="makes things that readers of samples need.",
    link="https://example.org/sponsor",
    link_text="See what Sample Sponsor makes",
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 6, 30),
)


def _digest(publication: Publication) -> Edition:
    lead = _item(publication, 1, "What an hour in court costs", "courts", image=True)
    courts = (
        _item(publication, 2, "Who sits on the bench now?", "courts"),
        _item(publication, 3, "The backlog in five plain charts", "courts", image=True),
    )
    prisons = (
        _item(publication, 4, "The library behind a locked door", "prisons", image=True),
        _item(publication, 5, "Ten hours on paper", "prisons"),
    )
    return Edition(
        name="weekly-2026-06-14",
        kind=IssueKind.WEEKLY,
        layout="digest",
        subject="What an hour in court costs. Plus 4 more",
        preheader="Also this week: who sits on the bench now, and the backlog in five plain charts.",
        title="What an hour in court costs, and who sits there",
        intro="Five sample posts, so that every part of a digest can be seen.",
        period_start=date(2026, 6, 8),
        period_end=_DAY,
        lead=lead,
        sections=(
            Section(theme=_COURTS, sponsor=None, items=courts),
            Section(theme=_PRISONS, sponsor=replace(_SPONSOR, theme_key="prisons"), items=prisons),
        ),
        theme_names={"courts": "Courts", "prisons": "Prisons"},
        sponsor=_SPONSOR,
        count=5,
    )


def _post(publication: Publication) -> Edition:
    lead = _item(publication, 1, "What an hour in court costs", "courts", image=True)
    return Edition(
        name="post-1",
        kind=IssueKind.EVERY_POST,
        layout="post",
        subject=lead.title,
        preheader=lead.standfirst,
        title=lead.title,
        intro="",
        period_start=None,
        period_end=_DAY,
        lead=lead,
        sections=(),
        theme_names={"courts": "Courts"},
        sponsor=_SPONSOR,
        count=1,
    )
