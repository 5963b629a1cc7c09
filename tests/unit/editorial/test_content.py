from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from digest.editorial.content import content_hash, from_json, to_json
from digest.model import Content, Image, IssueKind
from tests.unit.text_makers import make_content, make_item, make_sponsor, make_theme


def whole() -> Content:
    picture = Image(url="https://blog.example/desk.jpg", alt="A desk", credit="Photo: Ansel Wray", width=1200)
    return make_content(
        make_item(1, title="Füße & „Anführung“", image=picture),
        make_item(2),
        window=(1, 2),
        themes=(make_theme("prisons"),),
        sponsors=(make_sponsor("prisons"),),
        recent_subjects=("Last week",),
    )


def test_content_comes_back_from_json_as_it_was() -> None:
    assert from_json(to_json(whole())) == whole()


def test_equal_content_has_an_equal_hash() -> None:
    assert content_hash(whole(), templates_hash="t") == content_hash(whole(), templates_hash="t")


@pytest.mark.parametrize(
    "change",
    [
        {"items": whole().items[:1]},
        {"items": whole().items[::-1]},
        {"window": (2,)},
        {"lead": 1},
        {"themes": ()},
        {"sponsors": ()},
        {"period_end": date(2026, 11, 29)},
        {"recent_subjects": ()},
    ],
)
def test_any_change_of_what_a_segment_can_show_changes_the_hash(change: dict[str, Any]) -> None:
    """Invariant 2: sending refuses what was not approved."""
    changed = replace(whole(), **change)
    assert content_hash(changed, templates_hash="t") != content_hash(whole(), templates_hash="t")


def test_another_template_set_changes_the_hash() -> None:
    assert content_hash(whole(), templates_hash="t") != content_hash(whole(), templates_hash="u")


def test_only_kinds_with_a_frozen_audience_have_a_cadence() -> None:
    without = {kind for kind in IssueKind if kind.cadence is None}
    assert without == {IssueKind.RESEND, IssueKind.TEST}
