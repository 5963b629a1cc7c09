"""``digest check`` as an editor types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.cli.frame import main
from digest.net.look import links, pictures
from tests.data.quality.good_mail import HTML, mail
from tests.servers import FeedServer

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (320).to_bytes(4) + b"\x08\x02\x00\x00\x00"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.html"
    file.write_text(
        HTML.replace("Every lamp", "[gallery ids=\"1\"] It\u0092s cafÃ© <a href=''>here</a> Every lamp")
    )
    return file


def test_what_is_wrong_is_told_with_its_place_and_mend_and_exit_code_1(bad, capsys):
    code, out, _ = run(capsys, str(bad))
    assert code == 1
    lines = out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("error    LINK-01"))
    assert "html, line" in lines[first + 1]
    assert "content: Give the public address" in lines[first + 2]
    assert "not run  LINK-02, LINK-03: the links were not asked: --online does that" in out
    assert "octets of HTML as it travels" in out
    assert "\u0092" not in out


def test_a_mail_without_errors_ends_with_exit_code_0_and_says_what_weighs_what(tmp_path, capsys):
    file = tmp_path / "good.eml"
    file.write_bytes(mail().data)
    code, out, _ = run(capsys, str(file), "--json")
    told = json.loads(out)
    assert (code, [one["rule"] for one in told["findings"] if one["severity"] == "error"]) == (0, [])
    names = [part["name"] for part in told["weights"]["parts"]]
    assert names == ["styles", "rest of the head", "masthead", "Harbour lights", "Ferry questions", "footer"]
    assert told["weights"]["room_for"] > 20
    assert set(told["passed"]) & {one["rule"] for one in told["not_run"]} == set()


def test_a_rule_is_left_out_only_with_a_reason(bad, capsys):
    assert run(capsys, str(bad), "--ignore", "DOC-07")[0] == 2
    assert run(capsys, str(bad), "--ignore", "DOC-77", "--because", "x")[0] == 2
    _, out, _ = run(capsys, str(bad), "--ignore", "DOC-07", "--because", "we like it")
    assert "ignored  DOC-07   1 found; we like it" in out
    assert "error    DOC-07" not in out


def test_the_mended_file_stands_beside_the_other(bad, capsys):
    before = bad.read_text()
    _, out, _ = run(capsys, str(bad), "--fix")
    assert "bad.mended.html: mended DOC-07 once, DOC-09 once, HTM-04 once" in out
    assert bad.read_text() == before
    assert bad.with_suffix(".mended.html").read_text() == before.replace('[gallery ids="1"] ', " ").replace(
        "\u0092", "’").replace("Ã©", "é")  # fmt: skip
    run(capsys, str(bad), "--fix", "--in-place")
    assert bad.read_text() == bad.with_suffix(".mended.html").read_text()


def test_only_files_can_be_mended(capsys):
    assert run(capsys, "weekly", "--fix")[0] == 2
    assert run(capsys, "weekly.html", "--in-place")[0] == 2


def test_a_file_that_is_not_there_is_named(capsys):
    code, _, err = run(capsys, "nowhere.eml")
    assert (code, err) == (1, "digest: nowhere.eml: No such file or directory\n")


# --- What links and pictures answer ----------------------------------------------------------------


@pytest.fixture
def site():
    with FeedServer() as site:
        yield site


def test_links_are_asked_and_their_answers_told(site):
    fine, gone = site.route("/fine", "ok"), site.route("/gone", status=410)
    moved = site.route("/moved", status=301, headers={"Location": fine})
    answers = links([fine, gone, moved, "mailto:a@b.example"], "test", allow_private=True)
    assert (answers[fine].status, answers[gone].status, answers[moved].url) == (200, 410, fine)
    assert "mailto:a@b.example" not in answers
    assert answers[fine].over_https is False


def test_private_addresses_are_refused(site):
    answers = links([site.route("/x", "ok")], "test")
    assert [answer.failure for answer in answers.values()] == ["not public"]
    assert site.asked == []


def test_pictures_are_measured_by_their_first_bytes(site):
    found = site.route("/a.png", PNG, headers={"Content-Type": "image/png"})
    missing = site.route("/b.png", status=404)
    told = pictures([found, missing], "test", allow_private=True)
    assert (told[found].status, told[found].width, told[found].height) == (200, 640, 320)
    assert told[found].content_type == "image/png"
    assert told[missing].status == 404
