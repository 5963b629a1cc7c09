"""Addresses: what is let in, in which form, and what two spellings of one address share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.address import Address, mask, parse
from subscribers.errors import BadAddress

GOOD = {
    "ann@site.org": ("ann@site.org", "ann@site.org"),
    "  ann@site.org\n": ("ann@site.org", "ann@site.org"),
    "Ann.Lee@Site.ORG": ("Ann.Lee@site.org", "ann.lee@site.org"),
    "ann+weekly@site.org": ("ann+weekly@site.org", "ann+weekly@site.org"),
    "o'hara_9-x@mail.site.co.uk": ("o'hara_9-x@mail.site.co.uk", "o'hara_9-x@mail.site.co.uk"),
    "%_@site.org": ("%_@site.org", "%_@site.org"),
    "ann@bücher.de": ("ann@xn--bcher-kva.de", "ann@xn--bcher-kva.de"),
    "ann@BÜCHER.de": ("ann@xn--bcher-kva.de", "ann@xn--bcher-kva.de"),
    "ann@xn--bcher-kva.de": ("ann@xn--bcher-kva.de", "ann@xn--bcher-kva.de"),
    "ann@例え.jp": ("ann@xn--r8jz45g.jp", "ann@xn--r8jz45g.jp"),
}

BAD = [
    "", "   ", "ann", "@", "ann@", "@site.org", "ann@site", "a@b@site.org", "ann@site..org", "ann@.site.org",
    "ann@site.org.", ".ann@site.org", "ann.@site.org", "a..n@site.org", "ann@-site.org", "ann@site-.org",
    "ann@[192.0.2.1]", "ann@[IPv6:2001:db8::1]", "ann@192.0.2.1", '"ann lee"@site.org', '"a@b"@site.org',
    "ann(comment)@site.org", "ann@site.org(comment)", "Ann <ann@site.org>", "<ann@site.org>",
    "friends:ann@site.org;", "ann@site.org, bob@site.org", "ann@site.org;bob@site.org", "ann lee@site.org",
    "ann@site .org", "ann@site.org\r\nBcc: bob@site.org", "ann\n@site.org", "ann\x00@site.org",
    "ann@si\u200bte.org", "ann\u202e@site.org", "ann@site.org\u2028x", "ann@site\x85.org", "añn@site.org",
    "ann@xn--zzzzzzzzzz-.org", "ann@site.123", "ann\\@site.org", "ann:x@site.org",
    "=?utf-8?q?ann?= <ann@site.org>",
    "ann@site.org\x00",
    "a" * 65 + "@site.org", "ann@" + "a" * 64 + ".org", "ann@" + "a." * 130 + "org", "x" * 1000,
    "ann@site.local", "ann@site.onion", "ann@host.arpa", "ann@site.invalid",
]  # fmt: skip

RESERVED = ["ann@reader.example", "ann@mail.test", "ann@localhost", "ann@LOCALHOST"]


@pytest.mark.parametrize("text", GOOD, ids=ascii)
def test_a_good_address_is_kept_as_written_with_its_domain_in_ascii(text):
    email, key = GOOD[text]
    assert parse(text) == Address(email=email, key=key)


@pytest.mark.parametrize("allow_reserved", [False, True])
@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_anything_else_is_refused_with_a_sentence(text, allow_reserved):
    with pytest.raises(BadAddress) as refused:
        parse(text, allow_reserved=allow_reserved)
    assert refused.value.reason.endswith(".") or refused.value.reason.endswith("'.")


@pytest.mark.parametrize("text", RESERVED)
def test_names_nobody_can_be_reached_at_are_for_tests_only(text):
    with pytest.raises(BadAddress):
        parse(text)
    assert parse(text, allow_reserved=True).key == text.lower()


def test_a_bad_local_part_is_refused_at_localhost_too():
    with pytest.raises(BadAddress):
        parse("a..b@localhost", allow_reserved=True)


@given(st.text(max_size=300))
def test_whatever_is_let_in_is_safe_in_a_header_and_stays_itself(text):
    try:
        address = parse(text, allow_reserved=True)
    except BadAddress:
        return
    assert address.email.isascii()
    assert not any(character.isspace() or ord(character) < 33 for character in address.email)
    assert parse(address.email, allow_reserved=True) == address


def test_a_masked_address_shows_the_first_letter_and_the_domain():
    assert mask("sam@reader.example") == "s•••@reader.example"
    assert mask("") == ""
