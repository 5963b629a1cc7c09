"""docs/faults.md is what the tests say, and no fault of the table is without a test or a reason."""

from __future__ import annotations

from itertools import chain

from tests.fault_table import PAGE, SECTIONS, by_row, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make faults`"


def test_every_row_has_a_test_or_a_reason() -> None:
    tests = by_row()
    numbered = chain.from_iterable(enumerate(rows, first) for first, rows in SECTIONS.values())
    assert [number for number, row in numbered if not tests.get(number) and not row.untested] == []


def test_the_rows_are_numbered_from_1_to_89_and_no_test_names_another() -> None:
    numbers = [first + index for first, rows in SECTIONS.values() for index in range(len(rows))]
    assert numbers == list(range(1, 90))
    assert set(by_row()) <= set(numbers)
