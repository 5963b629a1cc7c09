from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.blocks import Block, BlockKind, blocks, plain


def kinds_and_texts(html: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in blocks(html)]


def test_every_block_has_its_kind_in_reading_order() -> None:
    html = """
      <h2>Findings</h2><p>First <em>part</em>.</p>loose text
      <ul><li>one<p>still the item</p></li><li>two</li></ul>
      <blockquote><p>Said.</p></blockquote>
      <figure><img src="a.png" alt="x"><figcaption>The <b>court</b></figcaption></figure>
      <pre>let x = 1
      let y = 2</pre>
      <table><caption>Years</caption><tr><th>2024</th><td><p>12</p></td></tr><tr><td>2025<td>14</table>
    """
    assert kinds_and_texts(html) == [
        ("heading", "Findings"),
        ("paragraph", "First part."),
        ("paragraph", "loose text"),
        ("item", "one"),
        ("item", "still the item"),
        ("item", "two"),
        ("quote", "Said."),
        ("caption", "The court"),
        ("code", "let x = 1 let y = 2"),
        ("table", "Years"),
        ("table", "2024 12"),
        ("table", "2025 14"),
    ]


def test_a_heading_has_its_level_and_other_blocks_have_none() -> None:
    assert blocks("<h3>Why</h3><p>Because.</p>") == (
        Block(kind=BlockKind.HEADING, text="Why", level=3),
        Block(kind=BlockKind.PARAGRAPH, text="Because."),
    )


@pytest.mark.parametrize(
    ("html", "aside"),
    [
        ("<p><em>Photo by Ann.</em></p>", True),
        ("<p><small><i>A note.</i></small></p>", True),
        ("<p>An <em>emphasised</em> word.</p>", False),
        ("<p><em>One</em> word first, then a whole line that is upright.</p>", False),
    ],
)
def test_a_block_wholly_in_italics_or_small_print_is_an_aside(html: str, *, aside: bool) -> None:
    assert [block.aside for block in blocks(html)] == [aside]


def test_what_is_no_text_is_left_out_but_what_follows_it_is_kept() -> None:
    assert plain("<p>a<script>evil()</script>b<!-- c --> c<button>Share</button> d</p>") == "ab c d"


def test_footnote_marks_are_left_out_and_raised_letters_kept() -> None:
    html = (
        "<p>Fell<sup><a href='#1'>1</a></sup> by 3 m<sup>2</sup> on the 4<sup>th</sup>[12]<sup>*</sup>.</p>"
    )
    assert plain(html) == "Fell by 3 m2 on the 4th."
    assert plain("<p>Fell.[^1] Rose.[^note-2]</p><p>[^1]: In May.</p>") == "Fell. Rose.\nIn May."


def test_a_line_break_separates_words() -> None:
    assert plain("<p>Inn<br>Keeper</p>") == "Inn Keeper"


@pytest.mark.parametrize("html", ["", "   ", "<p> </p>", "<img src='a.png'>", "<p>&nbsp;</p>", "<!-- -->"])
def test_a_body_without_words_has_no_blocks(html: str) -> None:
    assert blocks(html) == ()
    assert plain(html) == ""


def test_a_text_with_an_xml_declaration_and_one_nested_deep_are_read() -> None:
    assert plain('<?xml version="1.0" encoding="latin-1"?><p>é</p>') == "é"
    assert blocks("<div>" * 5000 + "x") in ((), (Block(kind=BlockKind.PARAGRAPH, text="x"),))


def test_half_a_surrogate_pair_does_not_stop_reading() -> None:
    assert plain("<p>a\ud800b</p>") == "a?b"


@given(st.text(alphabet=st.characters(codec="utf-8")), st.sampled_from(["p", "li", "td", "pre", "h2", "em"]))
def test_any_text_is_read_as_lines_without_white_space_at_the_ends(text: str, tag: str) -> None:
    for html in (text, f"<{tag}>{text}</{tag}>", f"<table><{tag}>{text}"):
        assert all(block.text and block.text == " ".join(block.text.split()) for block in blocks(html))
