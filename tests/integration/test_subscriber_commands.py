"""What the commands about readers print and leave behind, on a real installation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from digest.app import App
from digest.cli.frame import app as command_line
from digest.errors import UnknownName
from subscribers.model import Cadence, Status
from tests.installation import Clock, ask_to_join, installation, join

ANN = "ann@reader.example"

Digest = Callable[..., str]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with installation(tmp_path, clock=Clock()) as app:
        yield app


@pytest.fixture
def digest(app: App, monkeypatch: pytest.MonkeyPatch) -> Digest:
    """Runs a command on the installation and returns what it prints."""
    monkeypatch.setattr("digest.cli.context.Context.app", lambda self: _Lent(app))

    def run(*words: str, code: int = 0, answers: str = "") -> str:
        done = CliRunner().invoke(command_line, list(words), input=answers)
        if done.exception and not isinstance(done.exception, SystemExit | typer.Exit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    return run


class _Lent:
    """The test's own installation, which the command does not close."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __enter__(self) -> App:
        return self._app

    def __exit__(self, *_: object) -> None:
        pass


def test_a_reader_is_shown_with_the_proof_of_consent(app: App, digest: Digest) -> None:
    join(app, ANN, Cadence.DAILY)
    shown = digest("subscriber", "show", ANN)
    for words in ("confirmed", "daily", "every theme", "web form", "confirm page", "We promise."):
        assert words in shown
    told = json.loads(digest("subscriber", "show", ANN, "--json"))
    assert told["subscriber"]["status"] == "confirmed"
    assert [record["kind"] for record in told["consent"]] == ["requested", "confirmed"]


def test_a_stranger_has_nothing_to_show(digest: Digest) -> None:
    with pytest.raises(UnknownName):
        digest("subscriber", "show", ANN)


def test_removing_ends_the_mail_of_readers_and_of_those_who_wait(app: App, digest: Digest) -> None:
    join(app, ANN)
    ask_to_join(app, "bob@reader.example")
    for email in (ANN, "bob@reader.example"):
        assert "unsubscribed" in digest("subscriber", "remove", email)
        assert app.readers.find(email).status is Status.UNSUBSCRIBED
    assert app.readers.dossier(ANN).consent[-1].source == "digest subscriber remove"


def test_erasing_asks_first_and_leaves_only_a_hash(app: App, digest: Digest) -> None:
    join(app, ANN)
    digest("subscriber", "erase", ANN, code=1, answers="n\n")
    assert app.readers.find(ANN).status is Status.CONFIRMED
    assert "Erased." in digest("subscriber", "erase", ANN, "--yes")
    shown = digest("subscriber", "show", ANN)
    assert "erased" in shown
    assert ANN not in shown


def test_suppressing_holds_until_it_is_lifted(app: App, digest: Digest) -> None:
    digest("subscriber", "suppress", ANN)
    assert "manual" in digest("subscriber", "show", ANN)
    app.readers.subscribe(email=ANN, shown="We promise.")
    with pytest.raises(UnknownName):
        app.readers.find(ANN)
    assert "Lifted (manual)" in digest("subscriber", "lift", ANN)
    assert "nothing was changed" in digest("subscriber", "lift", ANN)
    assert ask_to_join(app, ANN).status is Status.PENDING


def test_an_export_is_printed_or_kept_in_a_file_of_ones_own(app: App, digest: Digest, tmp_path: Path) -> None:
    join(app, ANN, Cadence.DAILY)
    join(app, "bob@reader.example")
    ask_to_join(app, "cat@reader.example")
    printed = digest("subscriber", "export", "--status", "confirmed", "--cadence", "daily")
    assert ANN in printed
    assert "bob" not in printed
    assert "cat" not in printed
    file = tmp_path / "readers.csv"
    assert digest("subscriber", "export", str(file)) == f"3 written to {file}.\n"
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        digest("subscriber", "export", str(file))


def test_whoever_typed_an_address_in_is_part_of_its_proof(
    app: App, digest: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "henrietta")
    digest("subscriber", "add", ANN)
    [asked] = app.readers.dossier(ANN).consent
    assert (asked.source, asked.detail) == (
        "digest subscriber add",
        "weekly; themes: all. Typed in by henrietta.",
    )


@pytest.mark.parametrize(("readers", "shown"), [(1999, False), (2000, True)])
def test_only_a_long_import_shows_how_far_it_is(
    digest: Digest, tmp_path: Path, readers: int, shown: bool
) -> None:
    file = tmp_path / "readers.csv"
    file.write_text("email\n" + "".join(f"r{number}@reader.example\n" for number in range(readers)))
    told = digest("subscriber", "import", str(file))
    assert f"{readers}  wait until they confirm" in told
    assert ("readers.csv: 2000 of 2000 (100 %)" in told) is shown
