"""Characters that went wrong on the way: garbled ones, and controls that nobody typed.

Shared by the rules that find them (DOC-07, DOC-09) and by ``mending``, which puts them right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""C0 and C1 controls but for tab and line ends."""

# The characters that bytes 0x80 to 0xBF become when UTF-8 is read as Windows-1252.
_FOLLOWING = "".join(bytes([octet]).decode("cp1252", "ignore") or chr(octet) for octet in range(0x80, 0xC0))
# Only the lead bytes of Latin letters, punctuation and emoji: others stand in real words ("CAFÉ »").
_GARBLED = re.compile(
    f"[ÂÃ][{re.escape(_FOLLOWING)}]|[âï][{re.escape(_FOLLOWING)}]{{2}}|ð[{re.escape(_FOLLOWING)}]{{3}}"
)


def garbled(text: str) -> Iterator[tuple[str, str]]:
    """Yield every garbled piece with what it should be."""
    for found in _GARBLED.finditer(text):
        right = _right(found[0])
        if right:
            yield found[0], right


def ungarbled(text: str) -> str:
    """Return the text with every garbled piece put right."""
    return _GARBLED.sub(lambda found: _right(found[0]) or found[0], text)


def without_controls(text: str) -> str:
    """Return the text without controls; those that stand for a character in Windows-1252 become it."""
    return CONTROLS.sub(lambda found: _meant(found[0]), text)


def _right(piece: str) -> str:
    """Return what a piece was before it was read wrongly; empty when it was nothing."""
    try:
        return b"".join(_octet(one) for one in piece).decode("utf-8")
    except UnicodeError:
        return ""


def _octet(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else character.encode("cp1252")


def _meant(control: str) -> str:
    """Return the character WordPress and Word meant by a C1 control: U+0092 is an apostrophe."""
    if ord(control) < 0x80:
        return ""
    return bytes([ord(control)]).decode("cp1252", "ignore")
