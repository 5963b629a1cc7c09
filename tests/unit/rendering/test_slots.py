"""Marks are where readers' own words go, and only our own marks count."""

import pytest

from digest.rendering.slots import SLOTS, slot, slots, split

NONCE = "0123456789abcdef"


def test_every_slot_has_its_mark():
    assert slots(NONCE) == {name: f"@@{NONCE}:{name}@@" for name in SLOTS}


def test_an_unknown_slot_is_refused():
    with pytest.raises(KeyError):
        slot("password", NONCE)


def test_splitting_gives_text_and_names_in_turn():
    text = f"a{slot('to', NONCE)}b{slot('since', NONCE)}"
    assert split(text, NONCE) == ["a", "to", "b", "since", ""]


def test_marks_with_another_nonce_are_only_words():
    forged = slot("unsubscribe_url", "f" * 16)
    assert split(forged, NONCE) == [forged]
