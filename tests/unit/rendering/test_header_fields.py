"""No value can smuggle a header, and what is written reads back as it was meant."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UnsafeHeader
from digest.rendering.header_fields import ascii_address, checked, exact, mailbox, phrase, unstructured

visible = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs", "Cf", "Cn", "Co")) | st.just(" "),
    max_size=200,
).map(lambda text: " ".join(text.split()).replace("=?", "= ?"))

VECTORS = [
    "a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\x00b", "a\x0bb", "a\x85b", "a\u2028b", "a\u2029b", "a\x7fb",
    "=?utf-8?q?=0D=0ABcc:x?=", "\ud800",
]  # fmt: skip


def parsed(field: bytes):
    return message_from_bytes(field + b"\r\n", policy=policy.default)


@pytest.mark.parametrize("value", VECTORS)
@pytest.mark.parametrize("write", [
    checked, unstructured, exact, phrase, lambda header, value: mailbox(header, value, "a@example.org"),
    lambda header, value: mailbox(header, "", f"{value}@example.org"),
])  # fmt: skip
def test_smuggled_headers_are_refused_and_named(write, value):
    with pytest.raises(UnsafeHeader) as caught:
        write("Subject", value)
    assert caught.value.header == "Subject"


@given(visible)
def test_a_subject_reads_back_as_written(text):
    field = unstructured("Subject", text)
    assert all(len(line) <= 76 for line in field.split(b"\r\n"))
    assert parsed(field).keys() == ["Subject"]
    assert str(parsed(field)["Subject"]) == text


@given(visible)
def test_a_display_name_reads_back_as_written(name):
    field = mailbox("From", name, "ann@example.org")
    assert all(len(line) <= 76 for line in field.split(b"\r\n"))
    # The modern parser puts spaces between encoded words of a name on Python 3.11; the older one obeys
    # RFC 2047 §6.2, as mail readers do.
    shown, address = parseaddr(message_from_bytes(field + b"\r\n")["From"])
    assert (str(make_header(decode_header(shown))), address) == (name, "ann@example.org")


def test_names_are_bare_quoted_or_encoded():
    assert mailbox("To", "Ann Reader", "a@example.org") == b"To: Ann Reader <a@example.org>\r\n"
    assert mailbox("To", 'A. "B" \\', "a@example.org") == b'To: "A. \\"B\\" \\\\" <a@example.org>\r\n'
    assert mailbox("To", "Änne", "a@example.org") == b"To: =?utf-8?b?w4RubmU=?= <a@example.org>\r\n"
    assert mailbox("To", " ", "a@example.org") == b"To: a@example.org\r\n"


def test_a_long_name_puts_the_address_on_its_own_line():
    field = mailbox("From", "The Quiet Bench of Research", "letters-and-digests@mail.quietbench.example")
    assert field.endswith(b"\r\n <letters-and-digests@mail.quietbench.example>\r\n")


def test_an_exact_field_is_never_folded_nor_encoded():
    url = "<https://example.org/" + "a" * 800 + ">"
    assert exact("List-Unsubscribe", url) == f"List-Unsubscribe: {url}\r\n".encode()
    with pytest.raises(UnsafeHeader, match="998"):
        exact("List-Unsubscribe", "a" * 990)
    with pytest.raises(UnsafeHeader, match="ASCII"):
        exact("List-Unsubscribe", "https://exämple.org")


def test_domains_are_written_in_ascii():
    assert ascii_address("To", "ann@bücher.example.org") == "ann@xn--bcher-kva.example.org"


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@example.org", "a b@example.org", "a@b@c.org", "a,b@example.org", "<a@example.org>",
     "änne@example.org", "änne", "a" * 250 + "@example.org"],
)  # fmt: skip
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(UnsafeHeader, match="plain mail address"):
        ascii_address("To", address)
