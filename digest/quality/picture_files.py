"""What the first bytes of a picture's file say: its size in pixels, and how an animation runs.

Neither a decoder nor a check that the picture is whole: only the figures the rules compare.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # ITU T.81, table B.1
_SHORTEST_FRAME_S = 0.02  # what browsers show for longer
_SHOWN_INSTEAD_S = 0.1  # for frames that claim to be shorter


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a file says of itself."""

    width: int | None = None
    height: int | None = None
    seconds: float = 0.0  # one run of an animation; 0 for a still picture
    endless: bool = False


def measured(start: bytes) -> Measured:
    """Return what the start of a file says; nothing where it is no picture we can read, or breaks off."""
    try:
        if start.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", start, 16)
            return Measured(width=width, height=height)
        if start[:6] in {b"GIF87a", b"GIF89a"}:
            return _gif(start)
        if start.startswith(b"\xff\xd8"):
            return _jpeg(start)
        if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
            return _webp(start)
    except (struct.error, IndexError):
        return Measured()
    return Measured()


def _jpeg(data: bytes) -> Measured:
    """Walk the segments to the first frame header (ITU T.81, B.2.2)."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Measured(width=width, height=height)
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return Measured()


def _webp(data: bytes) -> Measured:
    """Read the first chunk (RFC 9649, 2.5 to 2.7)."""
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Measured(width=width, height=height)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Measured(width=(bits & 0x3FFF) + 1, height=(bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", data, 26)
    return Measured(width=width & 0x3FFF, height=height & 0x3FFF)


def _gif(data: bytes) -> Measured:
    """Walk the blocks (GIF89a specification, 1990); what breaks off counts as far as it goes."""
    width, height = struct.unpack_from("<HH", data, 6)
    at = 13 + _table(data[10])
    delays: list[float] = []
    frames, endless = 0, False
    while at < len(data) and data[at] in {0x21, 0x2C}:
        if data[at] == 0x2C:
            frames += 1
            at = _behind_blocks(data, at + 11 + _table(data[at + 9]))
            continue
        if data[at + 1] == 0xF9:
            delay = struct.unpack_from("<H", data, at + 4)[0] / 100
            delays.append(delay if delay >= _SHORTEST_FRAME_S else _SHOWN_INSTEAD_S)
        elif data[at + 3 : at + 14] == b"NETSCAPE2.0":
            endless = struct.unpack_from("<H", data, at + 16)[0] == 0
        at = _behind_blocks(data, at + 2)
    moving = frames > 1
    return Measured(
        width=width,
        height=height,
        seconds=round(sum(delays), 2) if moving else 0.0,
        endless=endless and moving,
    )


def _table(flags: int) -> int:
    """Return the octets of a colour table, none where the flag is not set."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> int:
    """Return the place behind a run of sub-blocks; the end where they break off."""
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
