"""What the first bytes of a picture say: its format, and how large it is shown.

Pure. Reads the few fields it needs and nothing else, so that a picture can be measured without being fetched
whole and without Pillow. Neighbours: ``pictures`` asks for the bytes, ``renditions`` decodes whole pictures.
"""

from __future__ import annotations

import re
from struct import error as too_short
from struct import unpack_from

SVG = "image/svg+xml"

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
)
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"mif1": "image/heic"}
_IS_SVG = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg\b", re.DOTALL
)

# JPEG markers that begin a frame (ITU-T T.81, table B.1): all of C0 to CF but DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_APP1 = 0xE1
_ORIENTATION = 0x0112  # Exif 3.0 §4.6.5: 5 to 8 lie on their side
_ON_ITS_SIDE = 5


def kind_of(start: bytes) -> str:
    """Return a picture's media type by its first bytes, whatever its server says; empty when it is none."""
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "")
    return SVG if _IS_SVG.match(start[:2048]) else ""


def size_of(start: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels as a reader sees them, turned as the camera noted.

    None when these bytes do not say, or say nothing that can be.
    """
    readers = {
        "image/jpeg": _jpeg,
        "image/png": lambda data: _pair(data, ">II", 16),
        "image/gif": lambda data: _pair(data, "<HH", 6),
        "image/webp": _webp,
        "image/avif": _avif,
    }
    reader = readers.get(kind_of(start))
    try:
        size = reader(start) if reader else None
    except (too_short, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _pair(data: bytes, form: str, at: int) -> tuple[int, int]:
    width, height = unpack_from(form, data, at)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Walk from marker to marker until the frame that names the size."""
    at, on_its_side = 2, False
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes may precede any marker
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = unpack_from(">H", data, at + 2)[0]
        if marker in _FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            return (height, width) if on_its_side else (width, height)
        if marker == _APP1 and data[at + 4 : at + 10] == b"Exif\0\0":
            on_its_side = _orientation(data[at + 10 : at + 2 + length]) >= _ON_ITS_SIDE
        at += 2 + length
    return None


def _orientation(tiff: bytes) -> int:
    """Return how the camera was held, from the first directory of its notes; 1 (upright) when unknown."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        first = unpack_from(order + "I", tiff, 4)[0]
        count = unpack_from(order + "H", tiff, first)[0]
        for entry in range(count):
            tag, _, _, value = unpack_from(order + "HHIH", tiff, first + 2 + 12 * entry)
            if tag == _ORIENTATION:
                return int(value)
    except too_short:
        return 1
    return 1


def _webp(data: bytes) -> tuple[int, int] | None:
    """Read one of the three forms a WebP file has (RFC 9649 §2.5 to §2.7)."""
    match data[12:16]:
        case b"VP8X":
            wide, high = data[24:27] + b"\0", data[27:30] + b"\0"
            return unpack_from("<I", wide)[0] + 1, unpack_from("<I", high)[0] + 1
        case b"VP8L":
            bits = unpack_from("<I", data, 21)[0]
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return None


def _avif(data: bytes) -> tuple[int, int] | None:
    """Return the largest of the sizes given (ISO/IEC 23008-12 §6.5.3): a picture may be made of tiles."""
    places = [found.end() for found in re.finditer(b"ispe", data)]
    sizes = [_pair(data, ">II", at + 4) for at in places]
    turned = re.search(rb"irot([\x00-\x03])", data)
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return (height, width) if turned and turned[1][0] % 2 else (width, height)
