"""A database that cannot be used is one clear sentence, exit code 1, and no secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newsroom import Newsroom, newsroom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with newsroom(tmp_path) as room:
        yield room


@pytest.mark.parametrize("command", ["status", "run"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all/digest.db", "unable to open database file. Its folder must exist"),
        ("sqlite:///feed.db", "file is not a database. Let database.url name another file"),
        ("postgresql://news:secretpw@127.0.0.1:1/letters", "database letters on 127.0.0.1 cannot be used"),
    ],
)
def test_it_is_named_with_what_to_do(room: Newsroom, command: str, url: str, said: str) -> None:
    (room.folder / "feed.db").write_text("This is a shopping list, and no database. " * 50)
    told = room.digest(command, DIGEST_DATABASE__URL=url)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert said in told.stderr
    assert "secretpw" not in told.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_row_21_a_folder_that_may_not_be_written_is_named(room: Newsroom) -> None:
    room.digest("status")
    room.folder.chmod(0o500)
    try:
        told = room.digest("run")
    finally:
        room.folder.chmod(0o700)
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert "must be allowed to write" in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["post", "show", "99999999999999999999"],
        ["post", "list", "--limit", "99999999999999999999"],
        ["issue", "list", "--limit", "99999999999999999999"],
        ["subscriber", "list", "--after", "99999999999999999999"],
        ["fuse", "show", "99999999999999999999"],
        ["why", "post", "99999999999999999999"],
    ],
)
def test_a_number_no_column_holds_is_wrong_use(room: Newsroom, arguments: list[str]) -> None:
    assert room.digest(*arguments).returncode == 2


def test_a_feed_of_an_impossible_number_is_unknown(room: Newsroom) -> None:
    told = room.digest("feed", "show", "99999999999999999999")
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert "There is no feed" in told.stderr
