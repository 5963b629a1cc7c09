"""Envelope senders of their own: a bounce proves which mail it is about, and nobody else can."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.providers.bounce_tokens import LOCAL_PART_MAX, BounceTokens, token_in


def tokens(*, current="k1", publication="weekly.site.example"):
    return BounceTokens(keys={"k1": b"1" * 32, "k2": b"2" * 32}, current=current, publication=publication)


@given(st.integers(1, 2**53))
def test_a_token_leads_back_to_its_delivery_and_fits_into_an_address(delivery_id):
    address = tokens().address("bounces@site.example", delivery_id)
    assert len(address.partition("@")[0]) <= LOCAL_PART_MAX
    assert tokens().delivery_id(token_in(address)) == delivery_id
    assert tokens().delivery_id(token_in(address.upper())) == delivery_id, "some servers shout"


def test_an_old_key_still_reads():
    assert tokens(current="k2").delivery_id(tokens(current="k1").token(17)) == 17


@given(st.data())
def test_row_48_no_changed_token_is_believed(data):
    token = tokens().token(1234567)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefghk.+-"))
    changed = token[:place] + other + token[place + 1 :]
    assert changed == token or tokens().delivery_id(changed) is None


@pytest.mark.parametrize("text", ["", "17", "k1.11", "k1..", "k9.11." + "0" * 20, "k1.0." + "0" * 20, "é"])
def test_any_other_text_is_no_token(text):
    assert tokens().delivery_id(text) is None


def test_another_publication_makes_other_tokens():
    assert tokens().delivery_id(tokens(publication="other.example").token(17)) is None


def test_an_address_that_would_grow_too_long_is_left_as_it_is():
    address = f"{'b' * 50}@site.example"
    assert tokens().address(address, 17) == address


def test_keys_are_never_shown():
    assert not re.search(r"1{8}|2{8}", repr(tokens()))


def test_an_address_without_a_plus_holds_no_token():
    assert token_in("bounces@site.example") == ""
