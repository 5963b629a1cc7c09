"""However much there is to tell, a mail stays below what Gmail shows whole, and its way out is never cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from digest.app import App
from digest.model import Content, Image, IssueKind, Item, Sponsor, Theme
from digest.pipeline import gate
from digest.pipeline.fitting import Fitted, fitted
from digest.pipeline.sampling import sample_rendering
from digest.quality.leaving import leave_links
from digest.quality.mail import Mail, read_mail
from digest.quality.size import CLIPPED_FROM
from digest.quality.weights import weigh
from tests.installation import Clock, installation

ENGLISH = "Every quarter the returns arrive, and two readings of them set off in opposite directions. "
ARABIC = "تصل التقارير كل ثلاثة أشهر، ولكل تقرير قراءتان تمضي كل منهما في اتجاه مختلف عن الأخرى. "
THEMES = tuple(Theme(key=f"t{n}", name=f"Theme number {n}", position=n) for n in range(1, 6))
DAY = date(2026, 11, 22)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with installation(tmp_path, clock=Clock()) as app:
        yield app


def long_posts(words: str, language: str, *, link: str = "", title: int = 1, text: int = 6) -> Content:
    """Return a weekly issue of sixty posts in five themes, each with a picture and much to say."""
    items = tuple(
        Item(
            number=number,
            post_id=number,
            title=f"{number}. " + (words * title).strip(),
            link=f"https://blog.example/2026/11/{number}/{link}",
            author="Ada Marlow",
            published_on=DAY,
            language=language,
            direction="rtl" if language == "ar" else "ltr",
            standfirst=(words * text).strip() if number % 2 else "",
            summary="" if number % 2 else (words * text).strip(),
            html=f"<p>{words * 60}</p>",
            image=Image(
                url=f"https://blog.example/{number}.jpg", alt=words.strip(), credit=f"B. Hale, {number}",
                width=1200, height=600,
            ),
            minutes=9,
            theme_key=THEMES[number % 5].key,
        )
        for number in range(1, 61)
    )  # fmt: skip
    return Content(
        name="weekly-2026-11-22",
        kind=IssueKind.WEEKLY,
        period_start=date(2026, 11, 16),
        period_end=DAY,
        sent_on=DAY,
        items=items,
        window=tuple(item.number for item in items),
        themes=THEMES,
        sponsors=(
            Sponsor(name="Lantern", text=words, link="https://lantern.example/", link_text="See Lantern",
                    starts_on=DAY, ends_on=DAY),
        ),
    )  # fmt: skip


def whole_mail(app: App, content: Content, made: Fitted, language: str) -> Mail:
    return read_mail(sample_rendering(app.tools, content, made.rendering, app.clock(), language).data)


def assert_nothing_is_cut_off(mail: Mail) -> None:
    assert mail.html_size < CLIPPED_FROM
    assert leave_links(mail)[-1].get("href", "").startswith("http://127.0.0.1:9/unsubscribe/")
    assert "/unsubscribe/" in (mail.text or "")


CASES = {
    "sixty long posts": (long_posts(ENGLISH, "en"), "en", 20),
    "titles of 500 characters": (long_posts(ENGLISH, "en", title=6), "en", 20),
    "summaries without end": (long_posts(ENGLISH, "en", text=60), "en", 20),
    "long addresses": (long_posts(ENGLISH, "en", link="a-slug-without-an-end-" * 40), "en", 13),
    "Arabic": (long_posts(ARABIC, "ar"), "ar", 13),
    "Arabic titles of 500 characters": (long_posts(ARABIC, "ar", title=6), "ar", 13),
}


@pytest.mark.parametrize("name", CASES)
def test_sixty_long_posts_stay_below_what_is_cut_off(app: App, name: str) -> None:
    content, language, at_least = CASES[name]
    made = fitted(content, content.window, app.tools, language)
    mail = whole_mail(app, content, made, language)
    assert_nothing_is_cut_off(mail)
    assert made.edition.count >= at_least
    assert made.edition.count + made.edition.left_out == 60
    assert f'href="http://127.0.0.1:9/issues/{content.name}"' in made.rendering.html
    report = gate.looked_at(app.tools, content, made, app.clock(), language=language)
    assert not report.errors
    assert fitted(content, content.window, app.tools, language) == made


def test_what_fits_is_not_shortened(app: App) -> None:
    content = long_posts(ENGLISH, "en", text=2)
    few = fitted(content, content.window[-7:], app.tools)
    assert few.edition.count == 7
    assert all(
        item.standfirst + item.summary == (ENGLISH * 2).strip() for item in few.edition.sections[0].items
    )


def test_a_large_issue_says_which_section_weighs_what(app: App) -> None:
    content, language, _ = CASES["sixty long posts"]
    made = fitted(content, content.window, app.tools, language)
    weights = weigh(whole_mail(app, content, made, language))
    assert sum(part.octets for part in weights.parts) == pytest.approx(weights.octets, rel=0.02)
    posts = [part.name for part in weights.parts if part.kind == "post"]
    assert len(posts) == made.edition.count
    assert {"masthead", "footer", "In this issue"} <= {part.name for part in weights.parts}


BODIES = {
    "60,000 words": "".join(f"<h2>Part {n}</h2><p>{ENGLISH * 30}</p>" for n in range(140)),
    "one paragraph": f"<p>{ENGLISH * 4_000}</p>",
    "one table": "<table>" + "<tr><th>Area</th><td>38</td></tr>" * 6_000 + "</table>",
    "code": "<pre>" + "for lamp in harbour: lamp.light()\n" * 8_000 + "</pre>",
    "Arabic": "".join(f"<p>{ARABIC * 20}</p>" for _ in range(60)),
    "no spaces": f"<p>{'x' * 300_000}</p>",
    "wrapped": "<div>" * 200 + f"<p>{ENGLISH * 100}</p>" * 40 + "</div>" * 200,
    "pictures": "".join(
        f'<figure><img src="https://blog.example/{n}.jpg" alt="Lamp {n}" width="600" height="300"></figure>'
        for n in range(900)
    ),
}


def mail_all_of_it(app: App) -> None:
    """Let a mail of one post show all of it, as ``publication.every_post = "whole"`` does."""
    app.tools = replace(app.tools, publication=replace(app.tools.publication, every_post="whole"))


@pytest.mark.parametrize("name", BODIES)
def test_a_post_longer_than_a_mail_shows_its_opening_and_links_on(app: App, name: str) -> None:
    mail_all_of_it(app)
    content = long_posts(ENGLISH, "en")
    post = replace(content.items[0], html=f"<p>First of all.</p>{BODIES[name]}", standfirst="", summary="")
    one = replace(content, kind=IssueKind.EVERY_POST, items=(post,), window=(post.number,))
    made = fitted(one, one.window, app.tools)
    mail = whole_mail(app, one, made, "")
    assert_nothing_is_cut_off(mail)
    assert made.edition.is_opening
    assert "First of all." in made.rendering.html
    assert "Read the rest on the web" in made.rendering.html
    assert "Read the rest on the web:" in made.rendering.text


def test_a_post_that_fits_is_shown_whole(app: App) -> None:
    mail_all_of_it(app)
    content = long_posts(ENGLISH, "en")
    one = replace(content, kind=IssueKind.EVERY_POST, window=(1,))
    made = fitted(one, one.window, app.tools)
    assert not made.edition.is_opening
    assert made.rendering.html.count(ENGLISH.strip()) >= 60
