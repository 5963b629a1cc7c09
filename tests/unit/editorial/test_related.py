from __future__ import annotations

from digest.editorial.assemble import related_items
from digest.editorial.related import AT_MOST, related
from tests.unit.text_makers import make_post

NEW = make_post(id=1, title="Bail hostels in winter", categories=("Prisons", "The Blog"))


def older(number: int, title: str, *categories: str, link: str = "yes"):
    address = f"https://blog.example/{number}" if link else ""
    return make_post(id=number, number=None, title=title, categories=categories, link=address)


def test_what_shares_more_categories_comes_first_then_words_of_the_title_then_the_newest() -> None:
    both = older(2, "Whatever it is", "prisons", "the blog")
    winter = older(3, "A winter without heating", "Prisons")
    newest, oldest = older(4, "Ten hours", "Prisons"), older(5, "Ten days", "Prisons")

    assert related(NEW, [newest, oldest, winter, both]) == [both, winter, newest]
    assert len(related(NEW, [newest, oldest, winter, both])) == AT_MOST


def test_a_post_on_another_subject_is_not_related_however_alike_its_title() -> None:
    assert related(NEW, [older(2, "Bail hostels in winter", "Courts"), older(3, "Bail hostels")]) == []


def test_a_label_that_says_nothing_relates_nothing() -> None:
    assert related(NEW, [older(2, "Anything", "The Blog")], dull=("the blog",)) == []


def test_a_post_is_not_related_to_itself_nor_to_what_has_no_address() -> None:
    again = older(2, "The same, republished", "Prisons")
    assert related(NEW, [NEW, older(3, "Nowhere", "Prisons", link="")]) == []
    assert related(make_post(id=9, link=again.link, categories=("Prisons",)), [again]) == []


def test_a_related_post_is_shown_by_its_standfirst_alone() -> None:
    [shown] = related_items(
        [make_post(number=None, title="Ten hours", excerpt="On paper.", html="<p>All of it</p>")],
        "Europe/London",
    )
    assert (shown.number, shown.title, shown.standfirst, shown.html) == (0, "Ten hours", "On paper.", "")
