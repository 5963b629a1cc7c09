"""Templates come from the house, overlaid by the operator's own folder."""

from pathlib import Path

import pytest

from digest import template_files
from digest.errors import NotAllowed, TemplateFault, UnknownName
from digest.template_files import copy_template, own_templates, read_templates, shipped_folder


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


@pytest.mark.parametrize(
    "name", ["email/My Mail/x.txt", "email/di..gest/x.txt", "email/Ä/x.txt", "a" * 65 + "/x.txt"]
)
def test_a_name_that_no_template_has_is_refused(tmp_path: Path, name: str):
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("x")
    with pytest.raises(TemplateFault, match="no name of a template"):
        read_templates(tmp_path)


def test_no_link_leads_out_of_the_folder(tmp_path: Path):
    (tmp_path / "secret.txt").write_text("key")
    folder = tmp_path / "own"
    (folder / "email").mkdir(parents=True)
    (folder / "email" / "_also.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TemplateFault, match="leads out of") as caught:
        read_templates(folder)
    assert caught.value.template == "email/_also.txt"


def test_a_copy_is_ours_word_for_word_and_overwrites_nothing(tmp_path: Path):
    path = copy_template("email/welcome/body.html", tmp_path)
    assert path.read_text("utf-8") == read_templates()["email/welcome/body.html"]
    assert own_templates(tmp_path) == {"email/welcome/body.html": path.read_text("utf-8")}
    with pytest.raises(NotAllowed, match="already there"):
        copy_template("email/welcome/body.html", tmp_path)


def test_a_copy_needs_a_name_we_have_and_stays_in_the_folder(tmp_path: Path):
    with pytest.raises(UnknownName, match=r"Did you mean email/welcome/body\.html"):
        copy_template("email/welcom/body.html", tmp_path)
    with pytest.raises(UnknownName, match="digest template list"):
        copy_template("../../etc/passwd", tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "own" / "email").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TemplateFault, match="leads out of"):
        copy_template("email/_also.txt", tmp_path / "own")
    assert list((tmp_path / "elsewhere").iterdir()) == []
