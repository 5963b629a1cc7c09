"""HTML cut to a size ends where a reader would stop, and never leaves anything open."""

from __future__ import annotations

import pytest

from digest.text.cut_html import cut_html

WORDS = "One two three four five six seven eight nine ten. "
FIGURE = '<figure><img src="https://b.example/a.jpg" alt="A lamp"><figcaption>A lamp</figcaption></figure>'


def test_a_short_body_is_left_as_it_is():
    assert cut_html("<p>Short & plain<br>", 100) == "<p>Short & plain<br>"


def test_a_text_ends_at_a_word():
    assert cut_html(f"<p>{WORDS * 9}</p>", 40) == "<p>One two three four five six…</p>"


def test_what_stands_behind_is_gone_at_every_level():
    html = f"<div><p>First <b>bold {WORDS}</b> tail.</p><p>Second.</p></div><p>Third.</p>"
    assert cut_html(html, 70) == "<div><p>First <b>bold One two three four five six seven…</b></p></div>"


def test_a_cut_behind_an_element_keeps_the_element():
    html = f"<p>See <em>this</em> {WORDS * 3}</p><p>More.</p>"
    assert cut_html(html, 60) == "<p>See <em>this</em> One two three four five six seven…</p>"


@pytest.mark.parametrize(
    "whole", [FIGURE, "<table><tr><td>38</td></tr></table>", "<pre>for lamp in harbour: light(lamp)</pre>"]
)
def test_figures_tables_and_code_are_kept_whole_or_left_out(whole):
    assert cut_html(f"<p>Before.</p>{whole}<p>After. {WORDS * 9}</p>", 25) == "<p>Before.</p>"
    kept = cut_html(f"<p>Before.</p>{whole}<p>After. {WORDS * 9}</p>", 40 + len(whole))
    assert whole.replace("alt", "alt") in kept


def test_words_right_behind_a_figure_are_cut_as_words():
    html = f"<div>{FIGURE}{WORDS * 9}</div>"
    assert cut_html(html, len(FIGURE) + 60).startswith(f"<div>{FIGURE}One two")


def test_no_heading_is_left_without_what_it_heads():
    html = f"<p>Before.</p><h2>A heading</h2><hr><p>{WORDS * 9}</p>"
    assert cut_html(html, 45) == "<p>Before.</p>"


def test_a_picture_at_the_end_stays():
    html = f'<p>Before.</p><p><img src="a"></p><p>{"x" * 90}</p>'
    assert cut_html(html, 46) == '<p>Before.</p><p><img src="a"></p>'


def test_text_without_a_block_around_it_is_cut_too():
    html = f"<b>Bold</b> {WORDS * 9}"
    assert cut_html(html, 40) == "<b>Bold</b> One two three four five six…"


def test_text_right_at_the_beginning_is_kept():
    assert cut_html(f"Loose words. <p>{WORDS * 9}</p>", 40).startswith("Loose words. <p>One two")
    assert cut_html(f"Loose words {WORDS * 9}", 24) == "Loose words One two…"
    assert cut_html("x" * 90, 0) == ""


def test_letters_without_spaces_are_cut_inside():
    assert cut_html(f"<p>{'字' * 300}</p>", 30) == f"<p>{'字' * 23}…</p>"


def test_where_there_is_no_room_nothing_is_left():
    assert cut_html(f"<p>{WORDS}</p>", 3) == ""


def test_what_only_the_markup_made_long_stays_whole():
    assert cut_html(f"<p>Short.</p><!-- {'x' * 500} --><p>Also.</p>", 60) == "<p>Short.</p><p>Also.</p>"


def test_broken_and_deep_markup_is_no_hindrance():
    deep = "<div>" * 900 + f"<p>{WORDS * 200}</p>"
    assert len(cut_html(deep, 2_000)) < 4_000
    assert cut_html("<p>x<!-- > --><?php ?>" + WORDS * 9, 20).startswith("<p>x")


def test_equal_bodies_are_cut_alike():
    html = f"<div><p>{WORDS * 50}</p>{FIGURE * 4}</div>"
    assert cut_html(html, 700) == cut_html(html, 700)
