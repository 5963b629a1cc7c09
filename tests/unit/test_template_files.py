"""Templates come from the house, overlaid by the operator's own folder."""

from pathlib import Path

import pytest

from digest import template_files
from digest.errors import TemplateFault
from digest.template_files import read_templates, shipped_folder


def test_every_mail_has_subject_html_and_text():
    templates = read_templates()
    for mail in ("digest", "post", "confirm", "welcome", "preferences-link", "alert"):
        for part in ("subject.txt", "body.html", "body.txt"):
            assert f"email/{mail}/{part}" in templates


def test_an_operators_file_replaces_ours_and_others_stay(tmp_path: Path):
    (tmp_path / "email" / "digest").mkdir(parents=True)
    (tmp_path / "email" / "digest" / "subject.txt").write_text("\ufeffMine: {{ edition.subject }}", "utf-8")
    templates = read_templates(tmp_path)
    assert templates["email/digest/subject.txt"] == "Mine: {{ edition.subject }}"
    assert templates["email/digest/body.html"] == read_templates()["email/digest/body.html"]


def test_hidden_and_other_files_are_left_alone(tmp_path: Path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "note.txt").write_text("no")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    assert read_templates(tmp_path) == read_templates()


def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(TemplateFault, match="nowhere does not exist"):
        read_templates(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path):
    (tmp_path / "x.txt").write_bytes(b"caf\xe9")
    with pytest.raises(TemplateFault, match="not UTF-8") as caught:
        read_templates(tmp_path)
    assert caught.value.template == "x.txt"


def test_an_installed_wheel_reads_its_own_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "_templates").mkdir()
    monkeypatch.setattr(template_files, "__file__", str(tmp_path / "template_files.py"))
    assert shipped_folder() == tmp_path / "_templates"
