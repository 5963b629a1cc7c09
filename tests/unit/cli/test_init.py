"""``digest init``: what it writes can be used as it stands."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest

from digest.cli.frame import main
from digest.settings.faults import fields_of
from digest.settings.load import load
from digest.settings.schema import Settings

FLAGS = [
    *("--name", 'The "Plain" Sentence'),
    *("--site", "https://example.org"),
    *("--public-url", "https://news.example.org"),
    *("--from", "news@example.org"),
    *("--operator", "mo@example.org"),
]


def test_what_it_writes_loads_and_holds_what_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    assert main(["init", str(folder), *FLAGS, "--zone", "Europe/London", "--language", "en-GB"]) == 0
    publication = load(folder / "digest.toml", {}).publication_value()
    assert publication.name == 'The "Plain" Sentence'
    assert (publication.zone, publication.language) == ("Europe/London", "en-GB")
    assert publication.operator_address == "mo@example.org"


def test_every_setting_is_there_with_its_meaning_and_default(tmp_path: Path) -> None:
    """Taking every default out of its comment changes nothing: the file tells the truth."""
    main(["init", str(tmp_path), *FLAGS])
    config = tmp_path / "digest.toml"
    before = load(config, {})
    text = re.sub(r"^# (?=\w+ = )", "", config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config.write_text(text, encoding="utf-8")
    assert load(config, {}) == before
    written = tomllib.loads(text)
    for section in set(Settings.model_fields) - {"secrets"}:
        assert list(written[section]) == list(fields_of(section))


def test_secrets_are_new_each_time_and_for_the_owner_only(tmp_path: Path) -> None:
    main(["init", str(tmp_path / "a"), *FLAGS])
    main(["init", str(tmp_path / "b"), *FLAGS])
    one, other = (tmp_path / name / "digest.secrets.toml" for name in "ab")
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    keys = [load(tmp_path / name / "digest.toml", {}) for name in "ab"]
    assert len({keys[0].address_key(), keys[1].address_key(), *(k.token_keys()["k1"] for k in keys)}) == 4
    assert one.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("present", ["digest.toml", "digest.secrets.toml"])
def test_it_never_overwrites(tmp_path: Path, present: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / present).write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path), *FLAGS]) == 1
    assert [file.name for file in tmp_path.iterdir()] == [present]
    assert (tmp_path / present).read_text(encoding="utf-8") == "mine"
    assert f"{present} is already there" in capsys.readouterr().err


def test_wrong_answers_are_told_by_their_flag_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [*FLAGS, "--site", "example.org", "--from", "news", "--zone", "Lundon"]
    assert main(["init", str(tmp_path / "news"), *flags]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in told] == ["--from", "--site", "--zone"]
    assert not (tmp_path / "news").exists()


def test_it_ends_with_the_next_three_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", str(tmp_path), *FLAGS])
    shown = capsys.readouterr().out
    assert f"digest --config {tmp_path / 'digest.toml'} feed add https://example.org" in shown
    assert re.findall(r"^ +(\d)\.", shown, flags=re.MULTILINE) == ["1", "2", "3", "4"]


def test_in_the_current_folder_the_steps_need_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["init", *FLAGS])
    assert "2. digest feed add https://example.org" in capsys.readouterr().out
