from datetime import UTC, datetime

import pytest

from digest.feeds.identity import aliases_of_all, content_hash, normalise_link, recognise
from digest.model import Alias, AliasKind, FoundPost, Image

SITE = "https://blog.example/"


def aliases(found, posts_in_fetch, site_url):
    """The names of one post of a fetch."""
    return aliases_of_all(posts_in_fetch, site_url)[posts_in_fetch.index(found)]


def post(guid: str = "", link: str = "", title: str = "T", **more: object) -> FoundPost:
    return FoundPost(guid=guid, link=link, title=title, **more)  # type: ignore[arg-type]


def guid(value: str) -> Alias:
    return Alias(kind=AliasKind.GUID, value=value)


def link(value: str) -> Alias:
    return Alias(kind=AliasKind.LINK, value=value)


def ids(posts: list[FoundPost], known: dict[Alias, int]) -> list[int | None]:
    return [found.post_id for found in recognise(posts, known, site_url=SITE)]


@pytest.mark.parametrize(
    ("spelled", "normal"),
    [
        ("https://www.Blog.example/a/", "blog.example/a"),
        ("http://blog.example:80/a#top", "blog.example/a"),
        ("https://blog.example:8443/a", "blog.example:8443/a"),
        ("https://blog.example/?p=7&utm_source=rss", "blog.example?p=7"),
        ("https://blog.example/a?fbclid=x&UTM_medium=y", "blog.example/a"),
        ("https://blog.example/a?empty=&b=2", "blog.example/a?empty=&b=2"),
        ("https://blog.example/%C3%A4", "blog.example/%C3%A4"),
        ("https://blog.example/ä", "blog.example/%C3%A4"),
        ("https://blog.example", "blog.example"),
        ("", ""),
        ("mailto:ann@blog.example", ""),
        ("https://[::1", ""),
        ("https:///x", ""),
    ],
)
def test_spellings_of_one_link_are_one_name(spelled: str, normal: str) -> None:
    assert normalise_link(spelled) == normal


def test_a_post_has_every_name_that_singles_it_out() -> None:
    one = post("g1", "https://blog.example/1")
    assert aliases(one, [one], SITE) == (guid("g1"), link("blog.example/1"))


@pytest.mark.parametrize("shared", [SITE, "https://blog.example", "https://other.example/", ""])
def test_a_link_to_the_site_itself_is_no_name(shared: str) -> None:
    one = post("g1", shared)
    assert aliases(one, [one], SITE) == (guid("g1"),)


def test_a_site_below_a_path_is_told_from_its_posts() -> None:
    one = post("g1", "http://www.blog.example/notes")
    assert aliases(one, [one], "https://blog.example/notes/") == (guid("g1"),)


def test_a_link_that_several_posts_share_is_no_name() -> None:
    posts = [post(f"g{i}", "https://pod.example/show", f"Episode {i}") for i in range(3)]
    assert aliases(posts[0], posts, SITE) == (guid("g0"),)
    assert ids(posts, {guid("g0"): 1, link("pod.example/show"): 9}) == [1, None, None]


def test_a_guid_that_several_posts_share_is_no_name() -> None:
    posts = [post("same", f"https://blog.example/{i}", f"Post {i}") for i in range(3)]
    assert ids(posts, {guid("same"): 1, link("blog.example/0"): 1}) == [1, None, None]


def test_only_a_post_without_guid_and_link_is_known_by_its_content() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    bare = post(title="Bare", published_at=day)
    (name,) = aliases(bare, [bare], SITE)
    assert name.kind is AliasKind.CONTENT
    assert ids([bare], {name: 4}) == [4]
    assert ids([post(title="Bare, edited", published_at=day)], {name: 4}) == [None]
    assert ids([post(title="Bare")], {name: 4}) == [None]


def test_an_updated_post_under_a_new_link_is_known_by_its_guid_and_keeps_both_links() -> None:
    (found,) = recognise(
        [post("?p=1", "https://blog.example/2026/new")],
        {guid("?p=1"): 1, link("blog.example/2025/old"): 1},
        site_url=SITE,
    )
    assert (found.post_id, found.new_aliases) == (1, (link("blog.example/2026/new"),))


def test_a_moved_host_changes_every_guid_and_repeats_nothing() -> None:
    before = [post(f"http://localhost/{i}", f"http://blog.example/{i}", f"P{i}") for i in range(10)]
    known = {
        alias: number
        for number, found in enumerate(recognise(before, {}, site_url=SITE))
        for alias in found.new_aliases
    }
    after = [
        post(f"https://www.blog.example/{i}", f"https://www.blog.example/{i}/", f"P{i}") for i in range(10)
    ]
    assert ids(after, known) == list(range(10))


def test_a_guid_outranks_a_link_that_another_post_once_had() -> None:
    found = post("g2", "https://blog.example/today")
    assert ids([found], {guid("g2"): 2, link("blog.example/today"): 1}) == [2]


def test_one_post_listed_twice_comes_out_once() -> None:
    same_link = [post("a", "https://blog.example/1"), post("b", "http://blog.example/1/?utm_source=x")]
    same_guid = [post("a", "https://blog.example/1"), post("a", "https://blog.example/one")]
    nameless = [post(title="x"), post(title="x")]
    for posts in (same_link, same_guid, nameless):
        assert [found.found for found in recognise(posts, {}, site_url=SITE)] == [posts[0]]


def test_two_entries_that_turn_out_to_be_one_known_post_come_out_once_with_all_names() -> None:
    posts = [
        post("new", "https://blog.example/1", "Headline"),
        post("old", "https://blog.example/1b", "Headline, decorated"),
        post("x", "https://blog.example/2"),
    ]
    known = {link("blog.example/1"): 1, guid("old"): 1}
    found = recognise(posts, known, site_url=SITE)
    assert [(one.post_id, one.new_aliases) for one in found] == [
        (1, (guid("new"), link("blog.example/1b"))),
        (None, (guid("x"), link("blog.example/2"))),
    ]


def test_an_old_copy_from_a_cache_is_still_known() -> None:
    new, old = (
        [post("2", "https://b.example/2"), post("1", "https://b.example/1")],
        [post("1", "https://b.example/1")],
    )
    known = {guid("1"): 1, guid("2"): 2}
    for answer in (new, old, new):
        assert None not in ids(answer, known)


def test_the_content_hash_follows_what_a_reader_sees_and_nothing_else() -> None:
    one = post("g", "https://blog.example/1", html="<p>x</p>")
    assert content_hash(one) == content_hash(post("other", "https://blog.example/2", html="<p>x</p>"))
    seen = [
        post(title="U", html="<p>x</p>"),
        post(html="<p>y</p>"),
        post(html="<p>x</p>", excerpt="e"),
        post(html="<p>x</p>", author="a"),
        post(html="<p>x</p>", image=Image(url="https://blog.example/i.png")),
    ]
    assert len({content_hash(found) for found in [one, *seen]}) == 6
