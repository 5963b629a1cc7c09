"""Posts without a theme, grouped by what they say. The texts are our own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.clusters import MOST_GROUPS, clusters, linked
from digest.editorial.grouping import PASSING, Grouping, grouping
from digest.editorial.headings import names
from digest.editorial.likeness import Spread, likenesses, spread
from digest.model import Item
from tests.unit.text_makers import make_item, make_theme

PRISONS, COURTS = make_theme("prisons", 1), make_theme("courts", 2)

_VISITS = (
    "Families queue for the visiting hall before nine. The visiting hall has forty chairs and one clock."
)
_BAIL = "The magistrate granted bail with a tag. A bail hearing takes eleven minutes and a tag takes a week."
_GARDEN = (
    "Unpaid work built a garden behind the library. The garden needs compost, spades and a patient gardener."
)


def visit(number: int, title: str = "Prison visits and the long queue", **changes: object) -> Item:
    return make_item(number, title=title, html=f"<h2>Visiting hall</h2><p>{_VISITS}</p>", **changes)


def bail(number: int, title: str = "Bail hearings by the clock", **changes: object) -> Item:
    return make_item(number, title=title, html=f"<h2>A tag</h2><p>{_BAIL}</p>", **changes)


def garden(number: int, title: str = "What the garden grew", **changes: object) -> Item:
    return make_item(number, title=title, html=f"<p>{_GARDEN}</p>", **changes)


MIXED = (visit(1), bail(2), garden(3), visit(4), bail(5), garden(6), visit(7), bail(8))


def by_heading(items: tuple[Item, ...], found: Grouping) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for item in items:
        groups.setdefault(found.keys.get(item.number, ""), []).append(item.number)
    return groups


def test_posts_that_nobody_sorted_stand_under_headings_of_the_publishers_words() -> None:
    found = grouping(MIXED, ())
    assert sorted(by_heading(MIXED, found).values()) == [[1, 4, 7], [2, 5, 8], [3, 6]]
    assert all(heading.passing and heading.key.startswith(PASSING) for heading in found.headings)
    said = " ".join(f"{item.title} {item.html}" for item in MIXED).lower()
    assert all(heading.name.lower() in said for heading in found.headings)
    assert [heading.position for heading in found.headings] == [1, 2, 3]


def test_categories_that_posts_share_come_before_what_their_text_says() -> None:
    said = [("Kent", "Doors"), ("Kent",), ("Doors",), ("Doors", "Kent"), ("Doors",), ("Kent",), (), ()]
    items = tuple(replace(item, categories=names) for item, names in zip(MIXED, said, strict=True))
    found = grouping(items, ())
    assert [heading.name for heading in found.headings][:2] == ["Doors", "Kent"]
    assert by_heading(items, found)[found.headings[0].key][:4] == [1, 3, 4, 5]
    assert by_heading(items, found)[found.headings[1].key][:2] == [2, 6]
    theme = make_theme("doors", 3)
    assert grouping(items, (theme,)).keys[5] == "doors"
    assert "doors" not in grouping(items, (replace(theme, hidden=True),)).keys.values()


def test_a_theme_of_a_single_post_gives_way_to_a_category_it_shares() -> None:
    items = (
        *(visit(number, theme_key="prisons") for number in (1, 2, 3)),
        bail(4, theme_key="courts", categories=("Courts", "Kent")),
        garden(5, categories=("Kent",)),
    )
    found = grouping(items, (PRISONS, COURTS))
    assert set(found.keys) == {4, 5}
    assert [heading.name for heading in found.headings] == ["Kent"]
    assert grouping(items, (PRISONS, replace(COURTS, pinned=True)), whole={"courts"}).keys == {}


def test_a_post_without_a_theme_joins_the_one_it_is_clearly_closest_to() -> None:
    items = (
        visit(1, theme_key="prisons"),
        visit(2, theme_key="prisons"),
        bail(3, theme_key="courts"),
        bail(4, theme_key="courts"),
        visit(5),
        garden(6),
    )
    assert grouping(items, (PRISONS, COURTS)) == Grouping(keys={5: "prisons"}, headings=())


def test_where_themes_say_little_the_rest_is_grouped_by_text() -> None:
    items = (visit(9, theme_key="prisons"), visit(10, theme_key="prisons"), *MIXED[1:3], *MIXED[4:6])
    found = grouping(items, (PRISONS,))
    assert by_heading(items, found)[""] == [9, 10]
    assert len(found.headings) == 2


def test_a_theme_that_holds_nearly_everything_is_split() -> None:
    items = tuple(replace(item, theme_key="prisons") for item in MIXED)
    assert len(grouping(items, (PRISONS,)).headings) == 3
    assert grouping(items, (PRISONS,), whole={"prisons"}) == Grouping(keys={}, headings=())


def test_a_hidden_themes_posts_are_as_those_without() -> None:
    items = tuple(replace(item, theme_key="prisons") for item in MIXED)
    assert len(grouping(items, (replace(PRISONS, hidden=True),)).headings) == 3


def test_a_group_that_is_called_as_a_theme_is_stands_under_it() -> None:
    known = make_theme("garden", 3)
    items = tuple(replace(item, title="Garden") if "garden" in item.title else item for item in MIXED)
    found = grouping(items, (known,))
    assert by_heading(items, found)["garden"] == [3, 6]
    assert known not in found.headings
    hidden = grouping(items, (replace(known, hidden=True),))
    assert "garden" not in hidden.keys.values()


def test_a_heading_that_readers_know_is_kept_where_it_is_nearly_as_good() -> None:
    [first, second, *_] = names(MIXED, [(0, 3, 6)])[0]
    assert names(MIXED, [(0, 3, 6)], earlier=[second])[0][0] in (first, second)
    assert names(MIXED, [(0, 3, 6)], earlier=[first])[0][0] == first


def test_a_short_issue_and_posts_that_say_the_same_are_left_as_they_are() -> None:
    nothing = Grouping(keys={}, headings=())
    assert grouping(MIXED[:3], ()) == nothing
    assert grouping(tuple(visit(number) for number in range(1, 7)), ()) == nothing
    assert grouping(tuple(make_item(number, title="", html="") for number in range(1, 7)), ()) == nothing
    assert grouping((), ()) == nothing


def test_groups_without_a_name_of_their_own_stay_in_the_last_section() -> None:
    nameless = [make_item(n, title=word * 3) for n, word in enumerate(["Making ", "Using "] * 3, 1)]
    assert grouping(nameless, ()) == Grouping(keys={}, headings=())


def test_chinese_posts_have_headings_too() -> None:
    items = tuple(
        make_item(number, title=f"{word}的故事", html=f"<p>{word}在城里。{word}很大。</p>", language="zh")
        for number, word in enumerate(["监狱探访", "法院听证", "监狱探访", "法院听证", "监狱探访"], 1)
    )
    found = grouping(items, ())
    assert sorted(by_heading(items, found).values()) == [[1, 3, 5], [2, 4]]


def test_a_name_holds_no_words_that_say_nothing() -> None:
    items = [make_item(n, title="How we talk about the cost of custody", html="") for n in (1, 2)]
    [found] = names([*items, visit(3)], [(0, 1)])
    assert found[0] == "Cost of custody"


def test_likeness_is_even_handed_and_measured_by_terms() -> None:
    alike = likenesses(MIXED)
    assert alike[0][3] > alike[0][1]
    assert all(alike[one][other] == alike[other][one] for one in range(8) for other in range(8))
    assert spread([[0.0]]) == Spread(mean=0.0, deviation=0.0)


def test_more_groups_than_an_issue_holds_are_merged_further() -> None:
    pairs = 10
    alike = [[0.0] * 2 * pairs for _ in range(2 * pairs)]
    for one in range(2 * pairs):
        for other in range(2 * pairs):
            alike[one][other] = 0.9 if one // 2 == other // 2 else 0.01 + 0.001 * ((one + other) % 7)
    assert len(linked(alike, spread(alike))) == MOST_GROUPS
    assert len(linked(alike, spread(alike), at_most=20)) == pairs


def test_a_post_that_was_left_alone_joins_a_group_only_if_it_is_close() -> None:
    alike = [[0.0] * 6 for _ in range(6)]
    for one, other, how in [(0, 1, 0.9), (2, 3, 0.9), (4, 0, 0.25), (4, 1, 0.25)]:
        alike[one][other] = alike[other][one] = how
    assert clusters(alike) == [(0, 1, 4), (2, 3)]
    assert linked(alike, spread(alike)) == [(0, 1), (2, 3)]
    far = [[0.0] * 4 for _ in range(4)]
    far[0][1] = far[1][0] = 0.5
    assert clusters(far) == [(0, 1)]


def test_posts_that_are_all_closer_than_usual_are_one_group() -> None:
    alike = [[0.0, 0.9, 0.8], [0.9, 0.0, 0.8], [0.8, 0.8, 0.0]]
    assert linked(alike, Spread(mean=0.1, deviation=0.1)) == [(0, 1, 2)]


titles = st.sampled_from(["Bail by the clock", "Prison visits", "The garden", "", "<b>x</b>", "刑事司法"])
bodies = st.sampled_from([_VISITS, _BAIL, _GARDEN, "", "<p>" * 50])
themes_of = st.sampled_from(["", "prisons", "courts", "unknown"])


@given(st.lists(st.tuples(titles, bodies, themes_of), max_size=14))
def test_a_grouping_is_the_same_again_and_never_over_one_post_or_too_many_headings(
    parts: list[tuple[str, str, str]],
) -> None:
    items = tuple(
        make_item(number, title=title, html=body, theme_key=key)
        for number, (title, body, key) in enumerate(parts, 1)
    )
    found = grouping(items, (PRISONS, COURTS))
    assert found == grouping(items, (PRISONS, COURTS))
    assert len(found.headings) <= MOST_GROUPS
    for heading in found.headings:
        assert sum(key == heading.key for key in found.keys.values()) >= 2
    assert set(found.keys) <= {item.number for item in items}
