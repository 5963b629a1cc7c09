"""The places of keys in a TOML document."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from digest.text.toml_places import lines_of

DOCUMENT = '''\
# A comment with [brackets] = and "quotes"
title = "one"
a.b.c = 1   # dotted

[mail]  # a table
text = """
[not.a.table]
x = 1
"""
"quoted key" = 2
list = [
  "a", # ]
  [1, 2],
]
inline = { k1 = "x", k2 = "y" }

[a."d.e"]
z = 1

[[many]]
n = 1
[[many]]
n = 2
'''


def test_every_key_and_table_has_the_line_it_starts_on() -> None:
    assert lines_of(DOCUMENT) == {
        ("title",): 2,
        ("a",): 3,
        ("a", "b"): 3,
        ("a", "b", "c"): 3,
        ("mail",): 5,
        ("mail", "text"): 6,
        ("mail", "quoted key"): 10,
        ("mail", "list"): 11,
        ("mail", "inline"): 15,
        ("mail", "inline", "k1"): 15,
        ("mail", "inline", "k2"): 15,
        ("a", "d.e"): 17,
        ("a", "d.e", "z"): 18,
        ("many",): 20,
        ("many", "n"): 21,
    }


def test_line_ends_of_windows_count_once() -> None:
    assert lines_of("a = 1\r\n\r\nb = 2\r\n") == {("a",): 1, ("b",): 3}


def test_a_unicode_line_separator_is_no_line_end() -> None:
    assert lines_of('a = "x\u2028y"\nb = 1\n') == {("a",): 1, ("b",): 2}


@given(
    st.lists(
        st.sampled_from(["n = {}", "t{} = '''\n[x]\n'''", "l{} = [\n1,\n]", "# n", "", "[s{}]"]), max_size=12
    )
)
def test_a_key_stands_on_the_line_it_is_said_to(kinds: list[str]) -> None:
    text = "\n".join(
        kind.format(index) if kind != "n = {}" else f"n{index} = 1" for index, kind in enumerate(kinds)
    )
    tomllib.loads(text)  # the document is valid, or the test is not
    lines = text.split("\n")
    for path, number in lines_of(text).items():
        assert lines[number - 1].startswith((path[-1], f"[{path[-1]}]"))
