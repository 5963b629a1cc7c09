"""Files of readers: what we make of other services' exports, and what a spreadsheet makes of ours."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import BadFile
from subscribers.model import Cadence, Preferences, Status, Subscriber
from subscribers.transfer import BadRow, GoodRow, export_csv, read_csv

SAMPLES = Path(__file__).parents[2] / "data" / "people"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def rows_of(text, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_csv(data, allow_reserved=True, **options))


def emails_of(text):
    return [row.address.email for row in rows_of(text) if isinstance(row, GoodRow)]


def a_person(**changes):
    facts = {
        "id": 1, "public_id": "0" * 16, "email": "ann@reader.example", "name": "Ann",
        "status": Status.CONFIRMED,
        "preferences": Preferences(themes=frozenset({"prisons", "courts"})),
        "created_at": NOW, "confirmed_at": NOW,
    }  # fmt: skip
    return Subscriber(**(facts | changes))


def test_a_row_is_read_whole():
    (row,) = rows_of(
        "Email Address,Full Name,Frequency,Topics,Status,Confirmed At\n"
        'Ann@reader.example, Ann  Lee ,Daily,"Prisons, Courts ,",active,2025-01-02 10:00\n'
    )
    assert (row.line, row.address.email, row.name) == (2, "Ann@reader.example", "Ann Lee")
    assert (row.cadence, row.themes) == (Cadence.DAILY, ("Prisons", "Courts"))
    assert (row.unproven, row.confirmed_at) == (False, "2025-01-02 10:00")


@pytest.mark.parametrize(
    ("sample", "emails"),
    [
        ("semicolons-latin1.csv", ["zoe@reader.example", "jose@reader.example"]),
        ("tabs-with-mark.csv", ["ann@reader.example", "bob@reader.example"]),
    ],
)
def test_the_files_spreadsheets_write_are_read(sample, emails):
    rows = rows_of((SAMPLES / sample).read_bytes())
    assert [row.address.email for row in rows] == emails


def test_latin_1_letters_survive():
    assert [row.name for row in rows_of((SAMPLES / "semicolons-latin1.csv").read_bytes())] == ["Zoë", "José"]


def test_bad_rows_are_listed_with_line_and_reason_and_the_rest_is_read():
    rows = rows_of(
        "email,status,cadence\nann@reader.example,,\nnobody,,\n\n,,weekly\n"
        "bob@reader.example,Unsubscribed,\ncat@reader.example,,hourly\ndan@reader.example\n"
    )
    assert [row.line for row in rows if isinstance(row, BadRow)] == [3, 5, 6, 7]
    assert all(row.reason.endswith(".") for row in rows if isinstance(row, BadRow))
    assert [row.address.key for row in rows if isinstance(row, GoodRow)] == [
        "ann@reader.example",
        "dan@reader.example",
    ]


def test_a_file_may_say_that_somebody_has_not_confirmed():
    (row,) = rows_of("email,status\nann@reader.example,Unconfirmed\n")
    assert row.unproven


def test_a_field_of_absurd_length_is_a_bad_row():
    (row,) = rows_of(f"email,name\nann@reader.example,{'x' * 10_001}\n")
    assert isinstance(row, BadRow)


def test_a_name_cannot_carry_control_characters():
    (row,) = rows_of('email,name\nann@reader.example,"Ann\r\nBcc: x\u2028\u202e"\n')
    assert row.name == "AnnBcc: x"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"name,status\nann,active\n", b"PK\x03\x04\x00\x00", b'email\n"' + b"x" * 200_000],
    ids=["empty", "blank", "no email column", "a zip", "an unclosed quote"],
)
def test_what_is_no_list_of_readers_is_refused_whole(data):
    with pytest.raises(BadFile):
        rows_of(data)


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_no_exported_cell_is_a_formula(start):
    out = io.StringIO()
    export_csv([a_person(name=start)], out)
    cells = list(csv.reader(io.StringIO(out.getvalue(), newline="")))[1]
    assert cells[1] == f"'{start}"


@given(
    name=st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=30),
    cadence=st.sampled_from(Cadence),
    themes=st.frozensets(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), max_size=3),
)
def test_an_export_reads_back_as_it_was(name, cadence, themes):
    out = io.StringIO()
    assert (
        export_csv([a_person(name=name, preferences=Preferences(cadence=cadence, themes=themes))], out) == 1
    )
    (row,) = rows_of(out.getvalue())
    assert row.cadence is cadence
    assert frozenset(row.themes) == themes
    assert row.name == name or name.startswith("'")
