from __future__ import annotations

import pytest

from digest.feeds.web_page import post_of

PAGE = """<!doctype html><html lang="en-GB"><head><title>Courts sat less | Plain Justice</title>
<meta property="og:title" content="Courts sat less">
<meta name="description" content="Fewer days in court, and why.">
</head><body><nav>Home</nav><article>Related post</article>
<article><h1>Courts sat less</h1><p>Courts sat for fewer days this year than last year.</p></article>
<footer>All rights reserved</footer></body></html>"""  # fmt: skip


def test_a_page_tells_its_title_language_standfirst_and_longest_article() -> None:
    found = post_of(PAGE, "https://blog.example/courts/")
    assert (found.title, found.language, found.link) == (
        "Courts sat less",
        "en-GB",
        "https://blog.example/courts/",
    )
    assert found.excerpt == "Fewer days in court, and why."
    assert "Courts sat for fewer days" in found.html
    assert "Related" not in found.html
    assert "rights" not in found.html


def test_a_body_that_was_found_better_is_taken() -> None:
    body = "<p>Found elsewhere.</p>" * 10
    assert "Found elsewhere" in post_of(PAGE, "https://blog.example/a", body).html


def test_a_page_without_words_about_itself_is_called_by_its_title_or_first_heading() -> None:
    assert post_of("<title>A title</title><p>x</p>", "https://blog.example/a").title == "A title"
    assert post_of("<h1>A heading</h1><p>x</p>", "https://blog.example/a").title == "A heading"


@pytest.mark.parametrize("page", ["", "\x00", "<", "<!-- -->", "<html></html>"])
def test_what_is_no_page_is_an_empty_post(page: str) -> None:
    assert not post_of(page, "https://blog.example/a").excerpt
