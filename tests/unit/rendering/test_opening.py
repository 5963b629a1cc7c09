"""A mail of one post shows its first section, cut where a reader would not notice a cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.rendering.opening import FAR_TOO_MANY, LEAST_WORDS, MOST_WORDS, opening
from digest.text.blocks import plain
from digest.text.words import length, tokens


def words(count: int, first: str = "Word") -> str:
    """Return one sentence of that many words."""
    return f"{first} " + "word " * (count - 2) + "end."


def paragraph(count: int, first: str = "Word") -> str:
    return f"<p>{words(count, first)}</p>"


REST = "<h2>Later</h2>" + paragraph(400, "Rest")


def test_the_text_above_the_first_heading_is_the_first_section() -> None:
    shown = opening(paragraph(100) + "<h2>Second</h2>" + paragraph(100, "Next") + REST)
    assert shown.html == paragraph(100)
    assert shown.minutes_left == 2


def test_a_first_section_under_its_own_heading_keeps_the_heading() -> None:
    first = "<h2>First</h2>" + paragraph(100)
    assert opening(first + REST).html == first


def test_a_few_words_above_the_first_heading_go_together_with_its_section() -> None:
    first = paragraph(LEAST_WORDS - 1) + "<h2>First</h2>" + paragraph(100)
    assert opening(first + REST).html == first


def test_a_section_that_is_too_long_ends_with_a_paragraph() -> None:
    shown = opening(paragraph(100, "One") + paragraph(100, "Two") + paragraph(100, "Three") + REST)
    assert shown.html == paragraph(100, "One") + paragraph(100, "Two")


def test_a_post_without_headings_ends_with_a_paragraph() -> None:
    assert opening(paragraph(120) * 10).html == paragraph(120) * 2


def test_a_post_with_little_more_than_its_opening_is_shown_whole() -> None:
    whole = paragraph(MOST_WORDS) + paragraph(79)
    assert opening(whole).html == whole
    assert opening(whole).minutes_left == 0
    assert opening(whole + paragraph(2)).html == paragraph(MOST_WORDS)


@pytest.mark.parametrize(
    "html", ["", " \n", "<p>Short.</p>", "<img src='https://i.example/a.png'>", "<p></p>"]
)
def test_a_short_body_is_left_as_it_is(html: str) -> None:
    assert (opening(html).html, opening(html).minutes_left) == (html, 0)


@pytest.mark.parametrize("mark", [":", "："])
def test_what_announces_something_is_not_parted_from_it(mark: str) -> None:
    listed = "<ul>" + f"<li>{words(60)}</li>" * 6 + "</ul>"
    announced = f"<p>{words(100).rstrip('.')}{mark}</p>"
    assert opening(paragraph(100) + announced + listed).html == paragraph(100)


def test_a_long_list_ends_between_two_items_and_stays_a_list() -> None:
    item = f"<li><p>{words(60)}</p></li>"
    shown = opening(f"<ol>{item * 9}</ol>")
    assert shown.html == f"<ol>{item * 4}</ol>"


def test_what_stands_after_the_opening_is_gone_with_the_elements_it_leaves_empty() -> None:
    shown = opening(paragraph(200) + f"<blockquote><ul><li>{words(100)}</li></ul></blockquote>" + REST)
    assert shown.html == paragraph(200)


def test_a_paragraph_longer_than_an_opening_is_kept_whole() -> None:
    html = paragraph(30) + paragraph(FAR_TOO_MANY - 40)
    assert opening(html + REST).html == html


def test_an_over_long_paragraph_ends_after_a_sentence_with_its_markup() -> None:
    sentence = (
        "The <b>court&nbsp;sat</b> on\n day five<br>and heard a <a href='https://e.example/'>case</a>. "
    )
    shown = opening(f"<p>{sentence * 200}</p>")
    kept = MOST_WORDS // 10
    assert shown.html.count("</a>.") == kept
    assert shown.html.endswith('heard a <a href="https://e.example/">case</a>.</p>')
    assert shown.minutes_left == round(10 * (200 - kept) / 230)


def test_an_over_long_paragraph_that_cannot_be_cut_is_shown_whole() -> None:
    """Half a sentence is worse than a long mail."""
    for html in (f"<p>{'word ' * 10_000}</p>", f"<p>{words(600)} Little more.</p>"):
        assert opening(html).html == html


def test_code_and_tables_are_never_cut_inside() -> None:
    code = "<pre>" + "print('The court sat.') # It did.\n" * 200 + "</pre>"
    table = "<table>" + "<tr><td>The court sat.</td><td>It rose.</td></tr>" * 200 + "</table>"
    for whole in (code, table):
        assert opening(whole).html == whole


def test_scripts_without_spaces_are_measured_in_their_characters() -> None:
    html = "<p>" + "法院今年开庭的天数比去年少了很多。" * 100 + "</p>"
    shown = opening(html, "zh")
    assert shown.html.endswith("。</p>")
    assert LEAST_WORDS <= length(tokens(plain(shown.html))) <= MOST_WORDS


def test_a_picture_before_a_heading_belongs_to_the_section_it_stands_in() -> None:
    picture = '<figure><img src="https://i.example/a.png" alt="A"></figure>'
    assert opening(paragraph(100) + picture + REST).html == paragraph(100) + picture


sentence_lists = st.lists(
    st.sampled_from(["He sat.", "The court rose at nine!", words(40), "法院。"]), max_size=30
)
parts = st.tuples(st.sampled_from(["p", "h2", "li", "blockquote", "pre", "ul"]), sentence_lists.map(" ".join))


@settings(max_examples=200)
@given(st.lists(parts, max_size=12))
def test_an_opening_is_the_beginning_of_the_body_in_whole_sentences(chosen: list[tuple[str, str]]) -> None:
    html = "".join(f"<{tag}>{text}</{tag}>" for tag, text in chosen)
    shown = opening(html)
    text = plain(shown.html).replace("\n", " ")
    assert " ".join(plain(html).split()).startswith(" ".join(text.split()))
    assert not text or text[-1] in ".!。"
    assert (shown.html == html) == (shown.minutes_left == 0)
    assert opening(html) == shown
