"""What an editor does with themes, from the command line to the mail that readers get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from digest.cli.frame import app as command_line
from digest.errors import NotAllowed, UnknownName
from digest.model import Sponsor
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.blog import Blog, blog, entry
from tests.installation import BEGINNING, join

OLD = [
    entry(number, f"Old {number}", tags=(tag,), dated=BEGINNING - timedelta(days=30 - number))
    for number, tag in enumerate(["Prisons", "Prisons", "Courts", "Courts", "Gaols", "Gaols"], 1)
]
Digest = Callable[..., str]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Blog]:
    with blog(tmp_path) as made:
        made.show(*OLD)
        made.add()
        made.join("all@reader.example")
        yield made


@pytest.fixture
def digest(one: Blog, monkeypatch: pytest.MonkeyPatch) -> Digest:
    monkeypatch.setattr("digest.cli.context.Context.app", lambda self: _Lent(one))

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(command_line, list(words))
        if done.exception and not isinstance(done.exception, SystemExit | typer.Exit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    return run


class _Lent:
    """The blog's own installation, which the command does not close."""

    def __init__(self, one: Blog) -> None:
        self._one = one

    def __enter__(self) -> object:
        return self._one.app

    def __exit__(self, *_: object) -> None:
        pass


def publish(one: Blog, *tags: str) -> list[str]:
    """Let a post with each of these categories appear, and do all that is due; return the titles."""
    shown = len(one.posts()) + 1
    new = [
        entry(100 + shown + place, f"{tag} post {shown + place}", tags=(tag,))
        for place, tag in enumerate(tags)
    ]
    one.show(*OLD, *new)
    one.poll()
    return [post.title for post in new]


def text_of(one: Blog, to: str) -> str:
    return one.mails(to)[-1].get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_themes_come_from_the_baseline_and_are_listed_with_what_they_hold(one: Blog, digest: Digest) -> None:
    found = json.loads(digest("theme", "list", "--json"))
    assert [(row["theme"]["name"], row["posts"]) for row in found] == [
        ("Prisons", 2),
        ("Courts", 2),
        ("Gaols", 2),
    ]
    publish(one, "Prisons")
    assert "Prisons  prisons      3" in digest("theme", "list")
    shown = digest("theme", "show", "prison")
    assert "Prisons post 7" in shown
    assert json.loads(digest("theme", "show", "Prisons", "--json"))["theme"]["key"] == "prisons"


def test_a_renamed_theme_is_called_so_in_the_next_issue_and_its_posts_follow(
    one: Blog, digest: Digest
) -> None:
    told = digest("theme", "rename", "Prisons", "Custody")
    assert "Prisons is called Custody from the next issue on. Its key stays prisons." in told
    publish(one, "Prisons", "Custody", "Courts")
    assert "CUSTODY" in text_of(one, "all@reader.example").upper()
    assert "\nPRISONS\n" not in text_of(one, "all@reader.example").upper()
    assert [post.theme_key for post in one.posts()[-3:]] == ["prisons", "prisons", "courts"]


def test_readers_of_a_merged_theme_get_the_whole_from_then_on(one: Blog, digest: Digest) -> None:
    join(one.app, "gaols@reader.example", Cadence.EVERY_POST, frozenset({"gaols"}))
    join(one.app, "prisons@reader.example", Cadence.EVERY_POST, frozenset({"prisons"}))
    join(one.app, "courts@reader.example", Cadence.EVERY_POST, frozenset({"courts"}))
    assert "Gaols is part of Prisons: 2 posts move" in digest("theme", "merge", "Gaols", "Prisons")
    publish(one, "Gaols", "Prisons", "Courts")
    for reader in ("gaols@reader.example", "prisons@reader.example"):
        told = text_of(one, reader)
        assert "Gaols post 7" in told
        assert "Prisons post 8" in told
        assert "Courts post 9" not in told
        assert "Themes: Prisons" in told or "Prisons" in told.partition("You get")[2]
    assert "Gaols post" not in text_of(one, "courts@reader.example")
    assert "part of Prisons" in digest("theme", "list")
    assert "holds  Gaols" in digest("theme", "show", "Gaols")


def test_what_a_reader_of_a_merged_theme_chose_is_ticked_and_never_rewritten(
    one: Blog, digest: Digest
) -> None:
    person = join(one.app, "gaols@reader.example", Cadence.WEEKLY, frozenset({"gaols"}))
    digest("theme", "merge", "Gaols", "Prisons")
    assert one.app.readers.find("gaols@reader.example").preferences.themes == {"gaols"}
    assert one.app.present_themes(person.preferences.themes) == {"prisons"}
    assert [theme.key for theme in one.app.themes()] == ["prisons", "courts"]
    assert one.app.readers.link(Purpose.PREFERENCES, person)


def test_a_hidden_theme_is_no_section_and_no_choice_and_comes_back_with_its_posts(
    one: Blog, digest: Digest
) -> None:
    join(one.app, "courts@reader.example", Cadence.EVERY_POST, frozenset({"courts"}))
    digest("theme", "hide", "Prisons")
    assert [theme.key for theme in one.app.themes()] == ["courts", "gaols"]
    publish(one, "Prisons", "Prisons", "Courts", "Courts", "Courts")
    assert "\nPRISONS\n" not in text_of(one, "all@reader.example")
    assert "Prisons post 7" in text_of(
        one, "courts@reader.example"
    )  # nobody can choose it: everybody gets it
    assert one.post("Prisons post 7").theme_key == "prisons"
    digest("theme", "unhide", "Prisons")
    assert [theme.key for theme in one.app.themes()] == ["prisons", "courts", "gaols"]


def test_order_and_pins_hold_in_the_next_issue(one: Blog, digest: Digest) -> None:
    told = digest("theme", "order", "Gaols", "Courts")
    assert "The order from the next issue on: Gaols, Courts, Prisons." in told
    digest("theme", "pin", "Prisons")
    publish(one, "Courts", "Gaols", "Prisons", "Courts", "Gaols", "Courts")
    told = text_of(one, "all@reader.example")
    places = [told.index(f"\n{name}\n") for name in ("PRISONS", "GAOLS", "COURTS")]
    assert places == sorted(places)
    assert "takes its place among the others" in digest("theme", "pin", "Prisons", "--off")
    assert [theme.key for theme in one.app.themes()] == ["gaols", "courts", "prisons"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "Zebra"), "There is no theme 'Zebra'. Known themes: Prisons, Courts, Gaols."),
        (("rename", "Prisons", "Courts"), "“Courts” leads to the theme Courts already"),
        (("rename", "Prisons", "🎉"), "A theme's name has a letter or a digit"),
        (("merge", "Prisons", "prison"), "are one theme already"),
        (("order", "Prisons", "Zebra"), "There is no theme 'Zebra'."),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    one: Blog, digest: Digest, words: tuple[str, ...], told: str
) -> None:
    before = one.app.every_theme()
    with pytest.raises((NotAllowed, UnknownName)) as raised:
        digest("theme", *words)
    assert told in str(raised.value)
    assert one.app.every_theme() == before


def test_themes_that_sold_the_same_days_are_not_merged(one: Blog, digest: Digest) -> None:
    for key in ("gaols", "prisons"):
        one.app.placements.keep(
            Sponsor(
                name=f"Friend of {key}",
                text="helps.",
                link="https://harbour.example/",
                link_text="See",
                theme_key=key,
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 11, 30),
            )
        )
    with pytest.raises(NotAllowed, match="Merge the themes after that"):
        digest("theme", "merge", "Gaols", "Prisons")


def test_past_weeks_are_shown_as_they_would_be_divided(one: Blog, digest: Digest) -> None:
    publish(one, "Prisons", "Prisons", "Courts")
    told = digest("theme", "preview", "--weeks", "8")
    assert told.count(" to 2026-") == 8
    assert "Old 5" in told
    assert "nothing was published" in told
    weeks = json.loads(digest("theme", "preview", "--weeks", "1", "--json"))
    titles = [weeks[0]["lead"], *(title for section in weeks[0]["sections"] for title in section["posts"])]
    assert sorted(titles)[-3:] == ["Courts post 9", "Prisons post 7", "Prisons post 8"]


HOSTILE = (
    "<script>alert(1)</script>",
    "\u202eevil\u202c",
    "x" * 500,
    "   ",
    "🎉",
    "Prísons",
    "PRISON",
    "{{ 7 * 7 }}",
    "a\u200bb",
)


def test_hostile_categories_are_names_in_plain_text_or_none(one: Blog, digest: Digest) -> None:
    shown = [entry(100 + place, f"Hostile {place}", tags=(name,)) for place, name in enumerate(HOSTILE)]
    one.show(*OLD, *shown)
    assert len(one.poll()) == len(HOSTILE)
    mail = one.mails("all@reader.example")[-1]
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "\u202e" not in html + str(mail["Subject"])
    assert "49" not in {theme.name for theme in one.app.every_theme()}
    assert [one.post(f"Hostile {place}").theme_key for place in (5, 6)] == ["prisons", "prisons"]
    assert [one.post(f"Hostile {place}").theme_key for place in (2, 4)] == ["", ""]
    assert "x" * 61 not in digest("theme", "list")


def test_four_hundred_categories_leave_a_choice_that_a_reader_can_take_in(one: Blog, digest: Digest) -> None:
    many = tuple(f"Tag {number}" for number in range(400))
    one.show(*OLD, *(entry(200 + place, f"Tagged {place}", tags=many[place * 40 :]) for place in range(8)))
    assert len(one.poll()) == 8
    assert len(one.app.themes()) <= 10
    assert "Tagged 7" in text_of(one, "all@reader.example")
