"""Running text keeps to 72 columns."""

from digest.rendering.columns import columns, underlined


def test_long_words_stay_whole():
    url = "https://example.org/" + "a" * 90
    assert columns(f"see {url} now") == f"see\n{url}\nnow"


def test_a_hanging_indent_leaves_the_first_line_to_the_caller():
    text = "10. " + columns("word " * 20, hanging=4)
    first, second = text.splitlines()
    assert len(first) <= 72
    assert second.startswith("    word")


def test_an_indent_counts_every_line():
    assert all(line.startswith("   ") and len(line) <= 72 for line in columns("word " * 40, 3).splitlines())


def test_an_underline_is_as_long_as_the_longest_line():
    assert underlined("Abc") == "Abc\n==="
    assert underlined("", "-") == "\n"
