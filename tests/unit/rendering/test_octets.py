"""What mail servers read differently is found; what is sound stays sound when it is joined."""

from __future__ import annotations

import pytest

from digest.rendering.octets import LINE_MAX_OCTETS, are_sound, fault

LONGEST = b"x" * LINE_MAX_OCTETS + b"\r\n"


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"", ""),
        (b"a\r\nb\r\n", ""),
        (b".a\r\n", ""),
        (b"a\nb\r\n", "a bare CR or LF"),
        (b"a\rb\r\n", "a bare CR or LF"),
        (b"a\n\rb\r\n", "a bare CR or LF"),
        (b"a\0b\r\n", "a NUL octet"),
        (LONGEST, ""),
        (b"x" + LONGEST, "a line of more than 998 octets"),
    ],
)
def test_a_fault_is_named(octets: bytes, found: str) -> None:
    assert fault(octets) == found


@pytest.mark.parametrize("octets", [b"a\r\n", b"a.\r\nb\r\n", LONGEST])
def test_whole_lines_without_a_fault_are_sound(octets: bytes) -> None:
    assert are_sound(octets)
    assert are_sound(octets + octets)


@pytest.mark.parametrize(
    "octets", [b"", b"a", b".a\r\n", b"a\r\n.b\r\n", b"a\nb\r\n", b"a\0\r\n", b"x" + LONGEST]
)
def test_what_could_be_misread_alone_or_joined_is_not(octets: bytes) -> None:
    assert not are_sound(octets)
