"""An operator's own templates: they take the place of ours, are tried by a command, and cannot run away."""

import json
from pathlib import Path

import pytest

from digest.cli.frame import main
from digest.errors import TemplateFault
from digest.pipeline import confine, sampling
from digest.pipeline.proof import prove
from digest.rendering.samples import editions, notice_facts
from digest.rendering.transactional import FACTS
from tests.installation import Clock, installation

_LOOP = "{% for a in range(999) %}"
ENDLESS = f"{_LOOP * 3}.{'{% endfor %}' * 3}"


def _own(folder: Path, source: str) -> Path:
    (folder / "own" / "email").mkdir(parents=True)
    (folder / "own" / "email" / "_also.txt").write_text(source, encoding="utf-8")
    return folder / "own"


@pytest.fixture
def own(tmp_path: Path):
    """Return a way to open an installation with these templates of its own."""

    def open_with(**templates: str):
        folder = tmp_path / "own"
        folder.mkdir(exist_ok=True)
        for name, source in templates.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(source, encoding="utf-8")
        return installation(tmp_path, clock=Clock(), templates={"folder": str(folder)})

    return open_with


def test_an_own_template_is_rendered_in_confinement_to_the_same_mail(own, tmp_path):
    with installation(tmp_path, clock=Clock()) as ours:
        assert not ours.tools.own_mails
        expected = {name: confine.issue_mail(its, ours.publication, ours.tools)
                    for name, its in editions(ours.publication).items()}  # fmt: skip
    source = ours.tools.templates["email/_also.txt"]
    folder = tmp_path / "two"
    folder.mkdir()
    with installation(folder, clock=Clock(), templates={"folder": str(_own(folder, source))}) as app:
        assert app.tools.own_mails
        for name, edition in editions(app.publication).items():
            assert confine.issue_mail(edition, app.publication, app.tools) == expected[name]


def test_an_own_subject_is_what_is_mailed(own):
    with own(**{"email/welcome/subject.txt": "Hello from {{ publication.name }}"}) as app:
        mail = sampling.sample_notice(app.tools, "welcome", {}, app.clock())
    assert b"Subject: Hello from Plain Sentence\r\n" in mail.data


def test_a_template_that_runs_away_is_stopped_and_named(own, monkeypatch):
    monkeypatch.setattr(confine, "WALL_S", 8)
    with own(**{"email/welcome/subject.txt": ENDLESS}) as app, pytest.raises(TemplateFault) as caught:
        sampling.sample_notice(app.tools, "welcome", {}, app.clock())
    assert "look for a loop in a loop" in str(caught.value)


def test_a_template_that_fills_the_memory_is_stopped(own):
    doubled = "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}"
    with own(**{"email/welcome/subject.txt": doubled}) as app, pytest.raises(TemplateFault):
        sampling.sample_notice(app.tools, "welcome", {}, app.clock())


def test_a_part_too_large_for_any_mail_is_refused(own):
    wide = "{% for a in range(999) %}{% for b in range(999) %}xx{% endfor %}{% endfor %}"
    with own(**{"email/welcome/body.txt": wide}) as app, pytest.raises(TemplateFault):
        sampling.sample_notice(app.tools, "welcome", {}, app.clock())


def test_a_fault_keeps_its_template_and_line(own):
    with own(**{"email/confirm/body.txt": "one\n{{ nobody_knows }}"}) as app:
        with pytest.raises(TemplateFault) as caught:
            sampling.sample_notice(app.tools, "confirm", {}, app.clock())
        broken = [proof for proof in prove(app.tools) if proof.problem]
    assert (caught.value.template, caught.value.line) == ("email/confirm/body.txt", 2)
    assert [(proof.mail, proof.template, proof.line) for proof in broken] == [
        ("confirm", "email/confirm/body.txt", 2)
    ]


def test_every_notice_has_sample_facts(own):
    with own() as app:
        assert set(notice_facts(app.publication)) == set(FACTS)
        assert [proof for proof in prove(app.tools) if proof.problem] == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a new installation's folder, made by ``digest init``, with a template folder of its own."""
    given = ["--name", "Plain", "--site", "https://a.example", "--public-url", "https://b.example",
             "--from", "n@a.example", "--operator", "o@a.example"]  # fmt: skip
    assert main(["init", str(tmp_path), *given]) == 0
    config = tmp_path / "digest.toml"
    text = config.read_text("utf-8").replace('# folder = ""  ', 'folder = "own"  ')
    head, mark, tail = text.partition("[templates]")
    config.write_text(head + mark + tail.replace('# folder = ""', 'folder = "own"', 1), "utf-8")
    (tmp_path / "own").mkdir()
    return tmp_path


def digest(folder: Path, *arguments: str) -> int:
    return main(["--config", str(folder / "digest.toml"), *arguments])


def test_copy_list_and_check_work_together(folder, capsys):
    assert digest(folder, "template", "copy", "email/welcome/subject.txt") == 0
    copied = folder / "own" / "email" / "welcome" / "subject.txt"
    capsys.readouterr()
    assert digest(folder, "template", "list", "--json") == 0
    listed = {row["template"]: row["whose"] for row in json.loads(capsys.readouterr().out)}
    assert listed["email/welcome/subject.txt"] == "yours"
    assert listed["email/welcome/body.html"] == "ours"
    copied.write_text("fine\n{% if %}", "utf-8")
    assert digest(folder, "template", "check") == 1
    assert "email/welcome/subject.txt, line 2" in capsys.readouterr().out


def test_copy_wants_a_folder(tmp_path, capsys):
    assert main(["init", str(tmp_path), "--name", "P", "--site", "https://a.example", "--public-url",
                 "https://b.example", "--from", "n@a.example", "--operator", "o@a.example"]) == 0  # fmt: skip
    assert digest(tmp_path, "template", "copy", "email/_also.txt") == 1
    assert "templates.folder" in capsys.readouterr().err
