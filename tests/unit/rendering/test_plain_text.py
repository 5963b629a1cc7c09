"""A body as text loses nothing that words can carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.plain_text import to_text

WORDS = {"media": "Watch it", "table": "See the table", "image": "Image"}

CASES = [
    ("nothing", "  ", ""),
    ("paragraphs", "<p>a\n b</p><div>c<p>d</p>e</div>", "a b\n\nc\n\nd\n\ne"),
    ("headings", "<h2>A <em>b</em></h2><h3></h3><p>c</p>", "A b\n---\n\nc"),
    ("breaks", "<p>a<br>b</p>", "a\nb"),
    ("links",
     ('<p><a href="https://e.example/1">one</a>, <a href="https://e.example/2">two</a>, '
      '<a href="https://e.example/1">one</a></p>'),
     "one [1], two [2], one [1]\n\n[1] https://e.example/1\n[2] https://e.example/2"),
    ("a link that is its own words", '<a href="https://e.example/1">https://e.example/1</a>', "https://e.example/1"),
    ("links to nowhere and without words", '<a href="#x">a</a><a href="https://e.example/"></a>', "a"),
    ("bullets", "<ul><li>a</li><li><p>b</p><ul><li>c</li></ul></li></ul>", "* a\n* b\n  * c"),
    ("numbers", '<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
    ("odd numbers", '<ol start="x"><li>a</li></ol>', "1. a"),
    ("quotes", "<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    ("code", "<pre>a\n  b</pre>", "    a\n      b"),
    ("rules", "<p>a</p><hr><p>b</p>", "a\n\n* * *\n\nb"),
    ("pictures", '<img alt="x" src="y"><img alt="" src="z">', "[Image: x]"),
    ("players", '<p><iframe src="https://v.example/1"></iframe></p>', "Watch it [1]\n\n[1] https://v.example/1"),
    ("silence", "<p>a<script>x</script></p>", "a"),
    ("tables", "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A  B\n1  2"),
    ("wide tables", f"<table><tr><td>{'a ' * 40}</td><td>b</td></tr></table>", "[See the table]"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_bodies_as_text(html, expected):
    assert to_text(html, WORDS) == expected


def test_lines_keep_to_72_columns():
    text = to_text("<blockquote><ul><li>" + "word " * 60 + "</li></ul></blockquote>", WORDS)
    assert max(map(len, text.splitlines())) <= 72


@given(st.lists(st.text("abcdefg", min_size=1, max_size=9), min_size=1, max_size=50))
def test_every_word_survives(words):
    assert to_text(f"<p>{' '.join(words)}</p>", WORDS).split() == words


@given(st.text("<>/apbrultd &#1;\n", max_size=100) | st.text(max_size=50))
def test_no_markup_breaks_it(html):
    assert "<script" not in to_text(html, WORDS)
