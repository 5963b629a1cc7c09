"""Pictures made fit for mail: JPEG or PNG, upright, still, no larger than they are shown on a dense screen.

The only home of Pillow, which the extra ``images`` brings. What a stranger's file may cost is bounded before
anything is decoded: bytes by who fetched it, pixels here. Nothing of the camera's notes (place, name, serial
number) is passed on. Neighbours: ``image_header`` measures, ``pipeline.pictures`` keeps what is made.
"""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from digest.editorial.pictures import SMALL_PX, WIDE_PX, scaled
from digest.feeds import image_header

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 40_000_000
"""The largest picture that is decoded: 160 MB of memory for a moment. Cameras that make more are rare."""

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_QUALITY = 82
_LARGEST_PNG = 600_000  # bytes; above it a see-through picture is put on white


class BadPicture(Exception):
    """A picture that cannot be used; the message is a clause that follows its name."""


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """One picture we made."""

    data: bytes
    name: str  # of its file: a hash of the data and the format
    width: int
    height: int


def available() -> bool:
    """Return whether the extra ``images`` is installed."""
    return find_spec("PIL") is not None


def refuse_bomb(width: int, height: int) -> None:
    """Raise BadPicture for a picture that would fill the memory when it is decoded."""
    if width * height > MOST_PIXELS:
        raise BadPicture(f"is {width:,} × {height:,} pixels, more than any mail can use")


def make(body: bytes) -> tuple[Rendition, Rendition]:
    """Return a picture as a mail shows it wide, and small. Raises BadPicture."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - an extra

    size = image_header.size_of(body)
    if size is not None:
        refuse_bomb(*size)
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as picture:
            refuse_bomb(*picture.size)  # the file's own word, should ours have missed it
            picture.draft("RGB", (WIDE_PX * 2, WIDE_PX * 2))  # JPEG alone: decodes no more than is needed
            upright = _upright(picture)
        photo = picture.format in ("JPEG", "WEBP", "AVIF")
        return _rendition(upright, WIDE_PX, photo=photo), _rendition(upright, SMALL_PX, photo=photo)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadPicture("is no picture that can be read") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, TypeError) as error:
        # Each of them has been seen from a decoder that met a broken file.
        raise BadPicture("is damaged or breaks off") from error


def _upright(picture: Image.Image) -> Image.Image:
    """Return the first frame, turned as the camera was held, in colours that both formats have."""
    from PIL import ImageOps  # noqa: PLC0415 - an extra

    picture.seek(0)
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    see_through = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    shown = turned.convert("RGBA" if see_through else "RGB")
    if see_through and shown.getchannel("A").getextrema() == (255, 255):
        shown = shown.convert("RGB")  # could be seen through, and nowhere is
    return shown


def _rendition(picture: Image.Image, widest: int, *, photo: bool) -> Rendition:
    """Return a picture no wider than that, in the format that suits it: never enlarged."""
    from PIL import Image  # noqa: PLC0415 - an extra

    width, height = scaled(*picture.size, widest)
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    data, ending = _encoded(picture, photo=photo)
    name = f"{hashlib.sha256(data).hexdigest()[:40]}.{ending}"
    return Rendition(data=data, name=name, width=width, height=height)


def _encoded(picture: Image.Image, *, photo: bool) -> tuple[bytes, str]:
    """Return a picture's bytes and the ending of its name: drawings stay sharp where that is not dearer."""
    if picture.mode == "RGBA":
        sharp = _saved(picture, "PNG")
        return (sharp, "png") if len(sharp) <= _LARGEST_PNG else (_saved(_on_white(picture), "JPEG"), "jpg")
    soft = _saved(picture, "JPEG")
    if photo:
        return soft, "jpg"
    sharp = _saved(picture, "PNG")
    return (sharp, "png") if len(sharp) <= len(soft) else (soft, "jpg")


def _saved(picture: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    how = {"quality": _QUALITY, "progressive": True} if form == "JPEG" else {}
    picture.save(out, form, optimize=True, **how)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image  # noqa: PLC0415 - an extra

    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground
