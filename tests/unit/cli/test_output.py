"""Tables, JSON and progress as people and scripts see them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from types import MappingProxyType

import pytest

from digest.cli.output import Progress, json_text, table
from digest.model import IssueKind


class Terminal(StringIO):
    """A stream that says it is watched by a person."""

    def isatty(self) -> bool:
        return True


def test_a_table_is_aligned_with_numbers_to_the_right() -> None:
    rows = [("On Probation", 7, None), ("Prisons\nand 監獄", 12, "held")]
    assert table(("theme", "posts", "state"), rows).splitlines() == [
        "theme             posts  state",
        "On Probation          7",
        "Prisons and 監獄     12  held",
    ]


def test_a_table_without_rows_is_its_heading() -> None:
    assert table(("theme", "posts"), []) == "theme  posts"


def test_json_has_a_form_for_every_value_of_the_model() -> None:
    values = {
        "kind": IssueKind.WEEKLY,
        "due": datetime(2026, 11, 22, 7, tzinfo=UTC),
        "on": date(2026, 11, 22),
        "themes": frozenset({"courts", "bail"}),
        "names": MappingProxyType({"a": "é"}),
        "folder": Path("out"),
    }
    assert json.loads(json_text(values)) == {
        "kind": "weekly",
        "due": "2026-11-22T07:00:00Z",
        "on": "2026-11-22",
        "themes": ["bail", "courts"],
        "names": {"a": "é"},
        "folder": "out",
    }
    assert "é" in json_text(values)


def test_json_of_a_dataclass_is_an_object() -> None:
    @dataclass(frozen=True)
    class Row:
        on: date

    assert json_text(Row(on=date(2026, 11, 22))) == '{\n  "on": "2026-11-22"\n}'


def test_what_has_no_json_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        json_text(object())


def test_progress_without_a_watcher_is_a_line_per_tenth() -> None:
    stream = StringIO()
    with Progress("Sending", 25, stream) as progress:
        for _ in range(25):
            progress.advance()
    lines = stream.getvalue().splitlines()
    assert (lines[0], lines[-1]) == ("Sending: 3 of 25 (12 %)", "Sending: 25 of 25 (100 %)")
    assert len(lines) == 9


def test_progress_before_a_person_is_one_line_redrawn() -> None:
    stream = Terminal()
    with Progress("Sending", 500, stream) as progress:
        for _ in range(500):
            progress.advance()
    assert stream.getvalue().startswith("\rSending: 1 of 500 (0 %)")
    assert stream.getvalue().endswith("\rSending: 500 of 500 (100 %)\n")
    assert stream.getvalue().count("\n") == 1


def test_progress_of_nothing_says_nothing() -> None:
    stream = StringIO()
    with Progress("Sending", 0, stream):
        pass
    assert not stream.getvalue()
