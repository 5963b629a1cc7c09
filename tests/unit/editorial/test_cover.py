from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.clusters import MOST_GROUPS
from digest.editorial.cover import cover, is_too_broad


def test_labels_that_cover_most_are_chosen_and_single_ones_are_not() -> None:
    posts = [("prison", "visit"), ("prison",), ("court", "visit"), ("court",), ("zebra",)]
    assert cover(posts) == {"prison": "prison", "court": "court"}


def test_a_label_on_nearly_every_post_divides_nothing() -> None:
    posts = [("law", "court"), ("law", "court"), ("law", "prison"), ("law", "prison"), ("law",)]
    assert set(cover(posts)) == {"court", "prison"}
    assert is_too_broad(4, 5)
    assert not is_too_broad(4, 4)


def test_two_labels_on_the_same_posts_are_one_and_the_one_named_first_stays() -> None:
    posts = [("prison", "custody")] * 3 + [("court",)] * 3
    assert cover(posts) == {"prison": "prison", "court": "court", "custody": "prison"}


def test_a_standing_theme_is_kept_and_what_means_the_same_leads_to_it() -> None:
    posts = [("=custody", "prison")] * 2 + [("court",)] * 3
    assert cover(posts, standing={"=custody", "=elsewhere"}) == {
        "=custody": "=custody",
        "prison": "=custody",
        "court": "court",
    }


def test_a_standing_theme_is_kept_even_where_it_is_on_every_post() -> None:
    assert cover([("=law",)] * 6, standing={"=law"}) == {"=law": "=law"}


def test_what_the_publisher_names_first_counts_for_more() -> None:
    posts = [("a", "x"), ("a", "x"), ("a", "y"), ("b", "y"), ("b", "x"), ("b", "y")]
    assert list(cover(posts))[:2] in (["a", "b"], ["b", "a"])


def test_four_hundred_labels_make_no_more_groups_than_an_issue_holds() -> None:
    posts = [(f"tag-{number}", f"tag-{number % 40}", f"tag-{number % 13}") for number in range(400)]
    assert len(set(cover(posts).values())) <= MOST_GROUPS


labels = st.lists(st.sampled_from("abcdefghij"), max_size=4, unique=True)


@given(st.lists(labels, max_size=30), st.sets(st.sampled_from("abc")))
def test_a_cover_names_only_what_is_there_and_every_new_label_has_two_posts(
    posts: list[list[str]], standing: set[str]
) -> None:
    chosen = cover(posts, standing=standing)
    for label, leads in chosen.items():
        assert any(label in post for post in posts)
        assert chosen[leads] == leads
        if leads not in standing:
            assert sum(leads in post for post in posts) >= 2
    assert chosen == cover(posts, standing=standing)
