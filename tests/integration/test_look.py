"""What operators say of the look: what is shown of it, and what is refused because no mail could show it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.cli.frame import main
from digest.errors import ConfigurationError
from digest.look import Look, Place
from digest.rendering.issue import render_issue, render_web
from digest.settings.load import check
from digest.settings.sources import Sources
from digest.template_files import read_templates
from tests.factories_mail import digest, publication, single

TEMPLATES = read_templates()
LOGO = {"logo": "https://a.example/logo.png", "logo_width": 160, "logo_height": 40}


def settings(**sections: dict[str, Any]):
    values: dict[str, Any] = {
        "publication": {"name": "P", "site_url": "https://a.example", "public_url": "https://b.example"},
        "mail": {"from_address": "n@a.example", "operator_address": "o@a.example"},
        "secrets": {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32},
    }
    for section, changes in sections.items():
        values[section] = values.get(section, {}) | changes
    return check(Sources(values=values, origins={}))


@pytest.mark.parametrize(
    ("section", "changes", "told"),
    [
        ("look", {"logo": "http://a.example/logo.png", "logo_width": 9, "logo_height": 9}, "https"),
        ("look", {"logo": "javascript:alert(1)", "logo_width": 9, "logo_height": 9}, "web address"),
        ("look", {"logo": "https://a.example/logo.png"}, "logo_width"),
        ("look", LOGO | {"logo_height": 400}, "40"),
        ("look", {"places": {"Mastodon": "javascript:alert(1)"}}, "web address"),
        ("look", {"places": {"Mastodon": ""}}, "empty"),
        ("look", {"headings": "comic"}, "serif"),
        ("publication", {"accent": "reddish"}, "hex digits"),
        ("publication", {"accent": "#FFF"}, "hex digits"),
    ],
)
def test_what_no_mail_could_show_is_refused_with_a_remedy(
    section: str, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        settings(**{section: changes})


def test_the_look_is_what_the_settings_say() -> None:
    made = settings(look=LOGO | {"places": {"Mastodon": "https://m.example/@p"}, "headings": "sans"})
    look = made.publication_value().look
    assert (look.logo, look.logo_height, look.headings) == (LOGO["logo"], 40, "sans")
    assert look.places == (Place(name="Mastodon", url="https://m.example/@p"),)


def shown(look: Look) -> str:
    return render_issue(digest(), publication(look=look), TEMPLATES).html


def test_a_logo_has_its_size_its_words_and_its_dark_twin() -> None:
    look = Look(**LOGO, logo_dark="https://a.example/night.png")
    html = shown(look)
    size = 'width="160" height="40" alt="The Quiet Bench"'
    assert f'<img src="{look.logo}" {size}' in html
    assert f'<img src="{look.logo_dark}" {size}' in html
    assert look.logo_dark not in shown(replace(look, logo_dark=""))
    assert look.logo in render_web(digest(), publication(look=look), TEMPLATES)


def test_thumbnails_and_contents_can_be_left_out() -> None:
    assert 'class="thi"' in shown(Look())
    assert 'class="thi"' not in shown(Look(thumbnails=False))
    assert "In this issue" in shown(Look(contents_from=7))
    assert "In this issue" not in shown(Look(contents_from=8))
    assert "In this issue" not in shown(Look(contents_from=0))


def test_headlines_without_serifs_leave_the_body_as_it_is() -> None:
    html = render_issue(single(), publication(look=Look(headings="sans")), TEMPLATES).html
    start = html.index("<h1")
    assert "Georgia" not in html[start : html.index("</h1>")]
    assert "Georgia" in html[html.index("</h1>") :]


def test_places_and_a_very_long_address_stand_at_the_foot_of_both_parts() -> None:
    look = Look(places=(Place(name="Mastodon", url="https://m.example/@p"),), company_number="No. 01234567")
    address = "Quiet Bench, " + "1 Long Street, " * 130
    made = render_issue(digest(), publication(look=look, postal_address=address), TEMPLATES)
    for part in (made.html, made.text):
        assert "https://m.example/@p" in part
        assert "No. 01234567" in part
    assert max(len(line) for line in made.text.splitlines() if "://" not in line) <= 76


def test_look_show_says_what_became_of_the_colour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--name", "Plain", "--site", "https://a.example", "--public-url", "https://b.example",
             "--from", "n@a.example", "--operator", "o@a.example"]  # fmt: skip
    assert main(["init", str(tmp_path), *given]) == 0
    config = tmp_path / "digest.toml"
    text = config.read_text("utf-8").replace('# accent = "#0F4C5C"', 'accent = "#FFD400"')
    config.write_text(text, "utf-8")
    capsys.readouterr()
    assert main(["--config", str(config), "look", "show", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["chosen"] == "#FFD400"
    light, dark = told["modes"]
    assert light["changed"]
    assert light["contrast"] >= light["needed"] > light["contrast_of_yours"]
    assert not dark["changed"]
    assert dark["contrast"] >= dark["needed"]
    assert main(["--config", str(config), "look", "show"]) == 0
    assert "so it was changed" in capsys.readouterr().out
