"""The editor's overrides file, from the file to the mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.delivery.issue_states import IssueState
from digest.errors import ConfigurationError
from digest.pipeline import overrides_check
from digest.preview.samples import Samples
from subscribers.model import Cadence
from tests.blog import Blog, blog, entry
from tests.installation import join
from tests.newsroom import Newsroom, newsroom

ANN, BEN = "ann@reader.example", "ben@reader.example"
OLD = [entry(number, tags=(tag,)) for number, tag in enumerate(["Prisons", "Prisons", "Courts", "Courts"], 1)]
NEW = [entry(number, f"New {number}", tags=("Prisons",)) for number in (5, 6, 7)]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Blog]:
    with blog(tmp_path) as made:
        made.app.tools = replace(made.app.tools, overrides_file=tmp_path / "overrides.toml")
        made.show(*OLD)
        made.add()
        made.join(ANN, Cadence.WEEKLY)
        made.show(*OLD, *NEW)
        made.poll()
        yield made


def write(one: Blog, text: str) -> None:
    path = one.app.tools.overrides_file
    assert path is not None
    path.write_text(text, encoding="utf-8")


def week_passes(one: Blog) -> None:
    """Let the next Sunday come, an hour after the weekly issue is due, and do all that is."""
    one.clock.pass_time(days=6 - one.clock().weekday() or 7)
    one.clock.now = one.clock.now.replace(hour=8, minute=0)
    one.reports.append(one.app.run())


def body(one: Blog, to: str = ANN) -> str:
    return one.mails(to)[-1].get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_what_the_file_says_is_in_the_mail_and_told(one: Blog) -> None:
    first, second, third = (one.post(f"New {number}").id for number in (5, 6, 7))
    write(
        one,
        f"""
        [weekly]
        title = "Doors that do not lock"
        intro = "Three posts this week."
        subject = "Read about doors"
        preheader = "And what is behind them"
        lead = {second}
        order = [{third}, {first}]
        [weekly.posts.{third}]
        summary = "Ours is shorter."
        """,
    )
    week_passes(one)
    [made] = [made for made in one.reports[-1].issues if made.name.startswith("weekly")]
    assert made.overridden == (
        "title", "intro", "subject", "preheader", "lead", "order", f"summary of post {third}",
    )  # fmt: skip
    assert one.subjects(ANN) == ["Read about doors"]
    told = body(one)
    assert "Doors that do not lock\n======" in told
    assert "Three posts this week." in told
    assert "1. New 6" in told
    assert told.index("New 7\n   Ours is shorter.") < told.index("\n3. New 5")
    assert one.app.issue(made.name).overridden == made.overridden


def test_the_theme_an_editor_gives_a_post_decides_who_gets_it_and_stays(one: Blog) -> None:
    join(one.app, BEN, Cadence.WEEKLY, frozenset({"courts"}))
    post = one.post("New 5")
    write(one, f'[weekly.posts.{post.id}]\ntheme = "Courts"')
    week_passes(one)
    assert one.post("New 5").theme_key == "courts"
    assert one.subjects(BEN) == ["New 5"]
    one.show(*OLD, *NEW, entry(8, "New 8", tags=("Prisons",)))
    one.poll()
    assert one.post("New 5").theme_key == "courts"


def test_a_table_of_a_cadence_is_used_for_one_issue(one: Blog) -> None:
    write(one, '[weekly]\nsubject = "Only once"')
    week_passes(one)
    one.show(*OLD, *NEW, entry(8, "New 8"))
    one.poll()
    week_passes(one)
    assert one.subjects(ANN) == ["Only once", "New 8"]
    [made] = [made for made in one.reports[-1].issues if made.name.startswith("weekly")]
    assert (made.overridden, made.overrides_used_for) == ((), "weekly-2026-11-29")
    write(one, '[weekly]\nsubject = "Only once"\nintro = "Again."')
    one.show(*OLD, *NEW, entry(8, "New 8"), entry(9, "New 9"))
    one.poll()
    week_passes(one)
    assert one.subjects(ANN)[-1].startswith("Only once (")  # mailboxes would thread two equal ones


def test_the_next_build_of_the_same_issue_keeps_the_override(one: Blog) -> None:
    write(one, '[weekly]\nsubject = "Read about doors"')
    checked = overrides_check.check(one.app.tools)
    assert [(one.table, one.issue, one.changes) for one in checked] == [
        ("weekly", "weekly-2026-11-29", ("subject",))
    ]
    assert overrides_check.check(one.app.tools) == checked
    shown = {mail.key: mail.data for mail in Samples(one.app)()}
    assert b"Subject: Read about doors" in shown["next-weekly"]


def test_a_fault_holds_the_issue_back_until_it_is_mended(one: Blog) -> None:
    write(one, '[weekly]\ntitle = "Half"\nlead = 999\n')
    week_passes(one)
    [made] = [made for made in one.reports[-1].issues if made.name.startswith("weekly")]
    assert made.state is IssueState.BLOCKED
    assert "line 3: weekly-2026-11-29 has no post 999. Its posts are" in made.reason
    assert one.reports[-1].failed
    assert one.mails(ANN) == []
    [alert] = one.alerts()
    assert "the editor's overrides are faulty" in " ".join(alert.split())
    [note] = [mail.note for mail in Samples(one.app)() if mail.key == "next-weekly"]
    assert "Nothing new" in note or "no post 999" in note
    write(one, '[weekly]\ntitle = "Whole"\n')
    one.reports.append(one.app.run())
    assert one.subjects(ANN) == ["Whole"]


def test_preview_tells_a_fault_where_the_mail_would_be(one: Blog) -> None:
    write(one, "[weekly]\nlead = 999\n")
    [note] = [mail.note for mail in Samples(one.app)() if mail.key == "next-weekly"]
    assert "line 2: weekly-2026-11-29 has no post 999" in note


@pytest.mark.parametrize(("data", "told"), [(b"\xff\xfe", "is not UTF-8 text"), (b"[", "this is not TOML")])
def test_a_file_that_cannot_be_read_is_told(one: Blog, data: bytes, told: str) -> None:
    path = one.app.tools.overrides_file
    assert path is not None
    path.write_bytes(data)
    with pytest.raises(ConfigurationError, match=told):
        overrides_check.check(one.app.tools)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read: "):
        overrides_check.check(one.app.tools)


def test_a_table_that_meets_no_coming_issue_and_no_file_at_all_are_told(one: Blog) -> None:
    assert overrides_check.check(one.app.tools) == []
    one.app.tools = replace(one.app.tools, overrides_file=None)
    assert overrides_check.check(one.app.tools) == []
    one.app.tools = replace(one.app.tools, overrides_file=Path(one.app.tools.templates_hash))
    assert overrides_check.check(one.app.tools) == []


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with newsroom(tmp_path) as made:
        yield made


def test_the_command_line_checks_the_file_and_says_what_was_edited(room: Newsroom) -> None:
    assert room.digest("feed", "add", room.feed_url).returncode == 0
    room.join("ann@example.org")
    room.go_live()
    assert "says nothing" in room.digest("issue", "overrides").stdout
    room.publish("Doors")
    file = room.folder / "overrides.toml"
    file.write_text('[every-post]\nlead = 99\n[weekly-2020-01-05]\ntitle = "Long ago"\n')
    room.digest("feed", "poll")
    wrong = room.digest("issue", "overrides")
    assert wrong.returncode == 2
    assert "overrides.toml, line 2: post-1 has no post 99. Its posts are 2 (“Doors”)." in wrong.stderr
    held = room.digest("run")
    assert held.returncode == 1
    assert "blocked" in held.stdout
    file.write_text('[every-post]\nsubject = "Mind the doors"\n[weekly-2020-01-05]\ntitle = "Long ago"\n')
    checked = json.loads(room.digest("issue", "overrides", "--json").stdout)
    assert [(one["table"], one["issue"], one["changes"]) for one in checked] == [
        ("every-post", "post-1", ["subject"]),
        ("weekly-2020-01-05", "", []),
    ]
    assert "no issue of that name comes next" in room.digest("issue", "overrides").stdout
    sent = room.digest("run")
    assert "edit  as your overrides have it: subject" in sent.stdout
    assert [str(mail["Subject"]) for mail in room.mails_to("ann@example.org")] == ["Mind the doors"]
    assert "edited   subject (by the overrides file)" in room.digest("issue", "show", "post-1").stdout
