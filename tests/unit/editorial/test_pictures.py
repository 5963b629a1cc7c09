"""What a look at pictures changes in an item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import html as lxml_html

from digest.editorial.pictures import Picture, Verdict, addresses, illustrated
from tests.factories_mail import image, item

GATE = "https://blog.example/gate.jpg"
AT = "https://mail.example/pictures"


def seen(url: str = GATE, **changes: Any) -> dict[str, Picture]:
    usual = Picture(
        url=url,
        looked_at=datetime(2026, 11, 23, tzinfo=UTC),
        verdict=Verdict.FINE,
        kind="image/jpeg",
        width=800,
        height=400,
    )
    return {url: replace(usual, **changes)}


def body(html: str, **changes: Any) -> str:
    return illustrated(item(1, "One", html=html), seen(**changes), folder_url=AT).html


def test_the_pictures_of_a_post_are_its_header_and_only_where_asked_its_body() -> None:
    post = item(
        1, "One", image=image("lead"), html=f'<p>A<img src="{GATE}"><img src="{GATE}"><img alt=""></p>'
    )

    assert addresses(post, with_body=False) == [image("lead").url]
    assert addresses(post, with_body=True) == [image("lead").url, GATE]
    assert addresses(item(2, "Two", html="<p>Words</p>"), with_body=True) == []


@pytest.mark.parametrize("found", [{}, seen(verdict=Verdict.UNSEEN), seen("https://blog.example/other.jpg")])
def test_what_nobody_saw_stays_byte_for_byte(found: dict[str, Picture]) -> None:
    shown = item(1, "One", image=image("lead", url=GATE), html=f'<p>A &amp; b<br><img src="{GATE}"></p>')

    assert illustrated(shown, found, folder_url=AT) == shown


def test_a_header_gets_the_shape_of_its_file() -> None:
    lead = image("lead", url=GATE, width=300, height=300)
    shown = illustrated(item(1, "One", image=lead), seen(), folder_url=AT).image

    assert shown == replace(lead, width=800, height=400)
    assert illustrated(item(1, "One", image=lead), seen(width=0, height=0), folder_url=AT).image == lead


def test_a_header_that_is_left_out_is_gone_with_its_credit() -> None:
    left = seen(verdict=Verdict.LEFT_OUT)

    assert illustrated(item(1, "One", image=image("lead", url=GATE)), left, folder_url=AT).image is None


def test_a_header_that_was_made_here_is_shown_from_here_with_its_words_and_credit() -> None:
    lead = image("lead", url=GATE)
    made = seen(width=2400, height=1200, wide="w.jpg", small="s.jpg")
    shown = illustrated(item(1, "One", image=lead), made, folder_url=AT).image

    assert shown == replace(lead, url=f"{AT}/w.jpg", small=f"{AT}/s.jpg", width=1200, height=600)


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("", ("800", "400")),
        (' width="200" height="200"', ("200", "100")),
        (' width="100%"', ("800", "400")),
        (' width="0"', ("800", "400")),
        (' width="5000"', ("800", "400")),
    ],
)
def test_a_picture_in_the_body_keeps_the_width_its_author_chose(given: str, numbers: tuple[str, str]) -> None:
    img = lxml_html.fragment_fromstring(body(f'<p>A<img src="{GATE}"{given} alt="b"></p>'))[0]

    assert (img.get("width"), img.get("height")) == numbers


def test_the_height_of_a_sliver_is_never_nothing() -> None:
    assert 'width="10" height="1"' in body(f'<p><img src="{GATE}" width="10"></p>', width=9000, height=1)


def test_a_picture_in_the_body_is_shown_from_here_and_the_words_around_it_stay() -> None:
    before = f'Bare &lt;words<p>A &amp; b <img src="{GATE}" alt="c"> d</p>'

    assert body(before, wide="w.jpg", small="s.jpg", width=0) == before.replace(GATE, f"{AT}/w.jpg")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>A</p><p>{img}</p><p>B</p>", "<p>A</p><p>B</p>"),
        ("<p>A {img} b</p>", "<p>A  b</p>"),
        ("<figure><a href='/'>{img}</a><figcaption>By <b>me</b></figcaption></figure><p>A</p>", "<p>A</p>"),
        ("<figure>{img}<img src='/o.jpg'></figure>", '<figure><img src="/o.jpg"></figure>'),
        ("<ul><li>{img} A</li></ul>", "<ul><li> A</li></ul>"),
        ("<p>A</p>{img} tail", "<p>A</p> tail"),
    ],
)  # fmt: skip
def test_a_picture_that_is_left_out_takes_only_what_it_alone_filled(before: str, after: str) -> None:
    assert body(before.format(img=f'<img src="{GATE}">'), verdict=Verdict.LEFT_OUT) == after
