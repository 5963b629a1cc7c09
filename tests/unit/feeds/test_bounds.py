"""What a feed may demand of a parser, at the edges."""

from __future__ import annotations

import pytest

from digest.feeds import bounds


def attributes(count: int, form: str = " a{}='x'") -> str:
    return "".join(form.format(number) for number in range(count))


@pytest.mark.parametrize(
    ("body", "excess"),
    [
        ("<rss>" + "<item></item>" * bounds.MOST_ENTRIES + "</rss>", ""),
        ("<rss>" + "<item></item>" * (bounds.MOST_ENTRIES + 1) + "</rss>", "entries"),
        ("<feed>" + "<a:entry x='1'></a:entry>" * (bounds.MOST_ENTRIES + 1), "entries"),
        ("<a>" * bounds.DEEPEST, ""),
        ("<a>" * (bounds.DEEPEST + 1), "depth"),
        ("<a/>" * 9000 + "<p>" * 9000 + "</a>" * 9000 + "<a></a>" * 9000, ""),
        ("<![CDATA[" + "<a>" * 9000 + "]]><b/>", ""),
        ("<![CDATA[" + "<a>" * 9000, ""),
        ("<!-- <![CDATA[ -->" + "<a>" * 9000, "depth"),
        ("<!-- " + "<a>" * 9000 + "--><b/>", ""),
        ("<a" + attributes(bounds.MOST_ATTRIBUTES, " abcdefgh{}='x'") + ">", ""),
        ("<a" + attributes(bounds.MOST_ATTRIBUTES + 1, " abcdefgh{}='x'") + ">", "attributes"),
        ("<img src='data:" + "x" * 100_000 + "'/>", ""),
    ],
)
def test_only_what_no_feed_needs_is_too_much(body: str, excess: str) -> None:
    assert bounds.excess(body.encode()) == excess
    assert bounds.excess(body.encode("utf-16-le")) == excess


@pytest.mark.parametrize("form", [" a{}='x'", " a{}", "/a{}", " a{}=x", ' a{}=">"'])
@pytest.mark.parametrize("start", ["<p", "<p title='>'", "<p '", '<p title="\'>"', "<b>c</b><p <"])
def test_an_element_with_a_thousand_attributes_keeps_none(start: str, form: str) -> None:
    bare = bounds.without_swarms(f"{start}{attributes(1_200, form)}>words</p>")
    assert bare.endswith("<p>words</p>")


@pytest.mark.parametrize(
    "html",
    [
        "<p class='a b' title='x > y'>words</p>",
        f"<p title='{'many words ' * 3000}'>words</p>",
        f"<img src='data:image/png;base64,{'A' * 100_000}=='>",
        "<p>" + "1 = 1 < 2 / 3 " * 3000 + "</p>",
        f"<p{attributes(900, ' abc{}')}>words</p>",
    ],
)
def test_long_elements_of_few_attributes_stay_as_they_are(html: str) -> None:
    assert bounds.without_swarms(html) == html
