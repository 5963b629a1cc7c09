from __future__ import annotations

import pytest

from digest.feeds.article import clean
from digest.feeds.boilerplate import is_cut_off, without_tail

BASE = "https://blog.example/p/"
BODY = "<p>The bulletin finds good practice.</p>"


def html(source: str) -> str:
    return clean(source, base_url=BASE).html


@pytest.mark.parametrize(
    "tail",
    [
        "<p>The post <a href='/p'>X: a, b</a> appeared first on <a href='/'>Blog</a>.</p>",
        "<p>The post <a href='/p'>X</a> first appeared on <a href='/'>Blog</a>.</p>",
        "<p>This post was originally published on Blog.</p>",
        "<p>Der Beitrag <a href='/p'>X</a> erschien zuerst auf <a href='/'>Blog</a>.</p>",
        "<p>Příspěvek <a href='/p'>X</a> pochází z <a href='/'>Blog</a></p>",
        "<p>L’article <a href='/p'>X</a> est apparu en premier sur <a href='/'>Blog</a>.</p>",
        "<p>La entrada <a href='/p'>X</a> se publicó primero en <a href='/'>Blog</a>.</p>",
        "<p>Het bericht <a href='/p'>X</a> verscheen eerst op <a href='/'>Blog</a>.</p>",
        "<p><a href='/p'>Continue reading →</a></p>",
        "<p><a href='/p'>Continue reading <span class='screen-reader-text'>X</span></a></p>",
        "<p>Weiterlesen</p>",
        "<p>Share this:</p>",
        "<p>Like Loading...</p>",
        "<p><a href='/p#respond'>Leave a comment</a></p>",
        "<p><a href='/p#comments'>12 comments</a></p>",
        "<h3>Related</h3>",
        "<h3>Related Posts:</h3><ul><li><a href='/q'>Q</a></li></ul>",
        "<div class='sharedaddy sd-block'><p>Click</p></div>",
        "<div id='jp-relatedposts' class='jp-relatedposts'><h3>Related</h3></div>",
        "<div class='addtoany_share_save_container'><a href='https://a.example'>Share</a></div>",
        "<div class='feedflare'><a href='https://f.example'>x</a></div>",
        "<div class='yarpp yarpp-related'><p>None</p></div>",
    ],
)
def test_the_site_s_furniture_goes(tail: str) -> None:
    assert html(BODY + tail) == BODY


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Gone.</p>",
        "<p style='display:none'>Gone.</p>",
        "<div style='color: red; Display : none !important'><p>Gone.</p></div>",
        "<p><span style='visibility: hidden'>Gone.</span></p>",
        "<p style='font-size:0px'>Gone.</p>",
        "<p style='font-size: 0'>Gone.</p>",
    ],
)
def test_text_that_the_site_hides_goes(hidden: str) -> None:
    assert html(BODY + hidden) == BODY


@pytest.mark.parametrize("style", ["font-size:0.9em", "display:block", "opacity:0", "--display:none-of-it"])
def test_text_in_another_style_stays(style: str) -> None:
    assert html(f"<p style='{style}'>Here.</p>{BODY}") == f"<p>Here.</p>{BODY}"


def test_a_hidden_picture_stays_for_readers_that_want_a_thumbnail() -> None:
    body = BODY + "<p style='display:none'><img src='https://blog.example/a.png' alt='A'></p>"
    assert "a.png" in html(body)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Share this view with your team, and read more about it in the report. It is good.</p>",
        "<p>The post office first appeared in 1660.</p>",
        "<h2>Related work</h2><p>Others have written about it.</p>",
        "<h2>Related posts</h2><p>A study of posts that relate.</p>",
        "<p>Read more books. They help.</p><p>End.</p>",
        '<p>See <a href="https://blog.example/x">comments</a> for the views of readers.</p>',
        "<h2>Share</h2><p>Sharing is the subject of this section.</p>",
    ],
)
def test_a_post_about_sharing_survives(body: str) -> None:
    assert html(body) == body


def test_a_tail_far_from_the_end_is_not_looked_for() -> None:
    source = "<p>Read more</p>" + "".join(f"<p>Paragraph {number} of the text.</p>" for number in range(60))
    assert html(source).startswith("<p>Read more</p>")


@pytest.mark.parametrize(
    "text",
    ["Begin […]", "Begin [...]", "Begin…", "Begin ...", "Begin. Continue reading X →", "Begin Read More »"],
)
def test_a_shortened_text_shows_it(text: str) -> None:
    assert is_cut_off(text)


@pytest.mark.parametrize("text", ["", "A whole sentence.", "Read more books. They help you."])
def test_a_whole_text_does_not(text: str) -> None:
    assert not is_cut_off(text)


def test_a_plain_text_loses_its_tail() -> None:
    assert without_tail("The standfirst. The post X appeared first on Blog.") == "The standfirst."
    assert without_tail("The post office opened.") == "The post office opened."
