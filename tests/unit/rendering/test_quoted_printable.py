"""Pieces joined in any number decode to the joined text, on lines every server accepts."""

import quopri

from hypothesis import example, given
from hypothesis import strategies as st

from digest.rendering.quoted_printable import last_piece, piece

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t .=\r"), max_size=300)


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(texts, max_size=5), texts)
@example(["a" * 75, "a" * 76, " " * 76, "é" * 40], "." * 80)
@example(["line one ", ".", "\n.\n"], "")
def test_pieces_decode_to_the_joined_text(parts, end):
    encoded = b"".join(map(piece, parts)) + last_piece(end + "\n")
    expected = "".join(map(plain, parts)) + plain(end + "\n")
    decoded = quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode()
    assert decoded == expected
    lines = encoded.split(b"\r\n")
    assert all(len(line) <= 76 and not line.endswith((b" ", b"\t")) for line in lines)
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert encoded.isascii()


def test_controls_that_clip_mails_are_left_out():
    assert last_piece("a\u0092\x00b\x1f\ud800") == b"ab?\r\n"
