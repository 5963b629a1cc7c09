"""Pictures for tests, made on the spot: good ones of every format, and the bad ones sites really serve."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


def picture(form: str = "JPEG", size: tuple[int, int] = (1600, 800), mode: str = "RGB", **how: Any) -> bytes:
    """Return a picture that is dark at its left and light at its right edge, in any format Pillow writes."""
    grey = Image.linear_gradient("L").rotate(90).resize(size)
    out = io.BytesIO()
    grey.convert(mode).save(out, form, **how)
    return out.getvalue()


def lying(size: tuple[int, int] = (1600, 800)) -> bytes:
    """Return a photograph taken with the camera held upright, so that it is stored lying on its side."""
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010F] = "A camera that tells where it was"
    return picture(size=size, exif=notes)


def moving() -> bytes:
    """Return an animation whose first frame is red and whose second is blue."""
    frames = [Image.new("RGB", (400, 200), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return out.getvalue()


def see_through(size: tuple[int, int] = (800, 400)) -> bytes:
    """Return a drawing with a hole in it."""
    drawn = Image.new("RGBA", size, (200, 20, 20, 255))
    drawn.paste((0, 0, 0, 0), (10, 10, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a PNG of a few hundred kilobytes that would fill gigabytes when it is decoded."""
    rows = zlib.compressobj(9)
    line = b"\0" + bytes(width * 3)
    data = b"".join(rows.compress(line) for _ in range(height // 100)) + rows.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", data)
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
