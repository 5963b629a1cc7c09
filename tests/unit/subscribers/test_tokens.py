"""Tokens: nobody can make one, change one, or use one for something else."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import BadToken, TokenFault
from subscribers.tokens import LIFETIMES, Purpose, Signer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SOMEBODY = "0123456789abcdef"
LASTING = [purpose for purpose in Purpose if purpose not in LIFETIMES]
EXPIRING = list(LIFETIMES)


def a_signer(*, keys=None, current="k1", address_key=b"a" * 32, publication="weekly.site.example"):
    return Signer(
        keys=keys or {"k1": b"1" * 32}, current=current, address_key=address_key, publication=publication
    )


def made(signer, purpose, public_id=SOMEBODY):
    if purpose in LIFETIMES:
        return signer.timed_token(purpose, public_id, NOW)
    return signer.token(purpose, public_id)


def read(signer, purpose, token, now=NOW):
    if purpose in LIFETIMES:
        return signer.read_timed(purpose, token, now)
    return signer.read(purpose, token)


@pytest.mark.parametrize("purpose", Purpose)
@given(public_id=st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True))
def test_a_token_names_the_person_it_was_made_for(purpose, public_id):
    assert read(a_signer(), purpose, made(a_signer(), purpose, public_id)) == public_id


@pytest.mark.parametrize("purpose", Purpose)
def test_equal_arguments_make_equal_tokens(purpose):
    assert made(a_signer(), purpose) == made(a_signer(), purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_changing_any_bit_of_any_character_is_refused(purpose):
    signer = a_signer()
    token = made(signer, purpose)
    for place, character in enumerate(token):
        for bit in range(8):
            changed = token[:place] + chr(ord(character) ^ (1 << bit)) + token[place + 1 :]
            with pytest.raises(BadToken):
                read(signer, purpose, changed)


@pytest.mark.parametrize("purpose", Purpose)
@given(
    junk=st.text(max_size=80)
    | st.from_regex(r"k1\.[a-z0-9]{16}\.([0-9a-f]{8}\.)?[0-9a-f]{40}", fullmatch=True)
)
def test_text_that_was_never_signed_is_refused(purpose, junk):
    with pytest.raises(BadToken):
        read(a_signer(), purpose, junk)


@pytest.mark.parametrize(("made_for", "used_for"), list(permutations(Purpose, 2)))
def test_a_token_serves_no_other_purpose(made_for, used_for):
    signer = a_signer()
    with pytest.raises(BadToken):
        read(signer, used_for, made(signer, made_for))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_of_another_publication_is_refused(purpose):
    token = made(a_signer(publication="other.site.example"), purpose)
    with pytest.raises(BadToken) as refused:
        read(a_signer(), purpose, token)
    assert refused.value.fault is TokenFault.FORGED


@pytest.mark.parametrize("purpose", Purpose)
def test_links_sent_before_a_key_change_still_work(purpose):
    token = made(a_signer(), purpose)
    changed = a_signer(keys={"k1": b"1" * 32, "k2": b"2" * 32}, current="k2")
    assert read(changed, purpose, token) == SOMEBODY
    assert made(changed, purpose).startswith("k2.")


@pytest.mark.parametrize("purpose", Purpose)
def test_links_signed_with_a_dropped_key_are_refused(purpose):
    token = made(a_signer(), purpose)
    with pytest.raises(BadToken) as refused:
        read(a_signer(keys={"k2": b"2" * 32}, current="k2"), purpose, token)
    assert refused.value.fault is TokenFault.UNKNOWN_KEY


@pytest.mark.parametrize("purpose", EXPIRING)
def test_an_expiring_token_works_to_its_last_second_and_not_after(purpose):
    signer, lifetime = a_signer(), LIFETIMES[purpose]
    token = made(signer, purpose)
    assert read(signer, purpose, token, NOW + lifetime) == SOMEBODY
    with pytest.raises(BadToken) as refused:
        read(signer, purpose, token, NOW + lifetime + timedelta(seconds=1))
    assert refused.value.fault is TokenFault.EXPIRED


@pytest.mark.parametrize(
    "token", ["", ".", "..", "...", "k1..0", "k1.a.b.c.d", "k1.abc..", f"k1.abc..{'0' * 40}"]
)
def test_a_cut_off_token_is_called_malformed(token):
    for purpose in Purpose:
        with pytest.raises(BadToken) as refused:
            read(a_signer(), purpose, token)
        assert refused.value.fault is TokenFault.MALFORMED


def test_the_two_kinds_of_token_cannot_be_mixed_up():
    for purpose in EXPIRING:
        with pytest.raises(ValueError, match="expires"):
            a_signer().token(purpose, SOMEBODY)
        with pytest.raises(BadToken):
            a_signer().read(purpose, a_signer().token(Purpose.UNSUBSCRIBE, SOMEBODY))
    for purpose in LASTING:
        with pytest.raises(ValueError, match="never expires"):
            a_signer().timed_token(purpose, SOMEBODY, NOW)


def test_a_public_id_that_could_blur_the_parts_is_refused():
    with pytest.raises(ValueError, match="public id"):
        a_signer().token(Purpose.UNSUBSCRIBE, "a.b")


def test_an_address_is_remembered_by_a_hash_only_the_installation_can_make():
    hashed = a_signer().address_hash("Ann@Site.org")
    assert hashed == a_signer(keys={"k9": b"9" * 32}, current="k9").address_hash("ann@site.org")
    assert hashed != a_signer(address_key=b"b" * 32).address_hash("ann@site.org")
    assert len(hashed) == 64


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"keys": {"k1": b"short"}}, "token key k1"),
        ({"keys": {"K.1": b"1" * 32}}, "key id"),
        ({"current": "k2"}, "'k2'"),
        ({"address_key": b"short"}, "address key"),
    ],
)
def test_secrets_that_cannot_protect_anybody_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        a_signer(**wrong)


def test_a_signer_shows_no_secret():
    shown = repr(a_signer())
    assert "k1" in shown
    assert "111" not in shown
    assert "aaa" not in shown
