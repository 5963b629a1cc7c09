"""Looks at a picture once, before a mail shows it: that it is there, how large it is, and what it is.

The first bytes are enough where the publisher's own picture is shown; it is fetched whole only where we serve
pictures ourselves. Asked by the same guarded client as feeds are: every hop checked, bounded in time and
bytes. Why a picture is left out, or stays although we could not see it, is in docs/decisions/0012.
Neighbours: ``image_header`` reads the bytes, ``renditions`` makes what we serve, ``pipeline.pictures``
decides which pictures and keeps what was found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from digest.editorial.pictures import Picture, Verdict
from digest.errors import AddressRefused, ConfigurationError, Fault, FetchFailed
from digest.feeds import image_header, renditions
from digest.feeds.renditions import BadPicture, Rendition
from digest.net.client import Client, Reply

START_BYTES = 128 * 1024
"""The first bytes asked for: a camera's notes and colour profile stand before the size."""

_MEGABYTE = 1024 * 1024
_COUNTS_READERS_PX = 2
# A picture of this kind is shown by hardly any mail program, and nothing here can turn it into another.
_NOT_SHOWN = {
    image_header.SVG: "SVG",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/heic": "HEIC",
    "image/x-icon": "an icon",
}
# We may not see it, but a reader may: sites that refuse programs, and those that have a bad moment.
_NOT_FOR_US = frozenset({401, 403, 406, 408, 425, 429, 451})
_ACCEPT = ("accept", "image/jpeg, image/png, image/gif, image/*;q=0.5")  # what every mail program shows


@dataclass(frozen=True, kw_only=True)
class Looking:
    """How pictures are looked at and shown, from the settings."""

    client: Callable[[], Client]
    serve_here: bool  # whether mails show our renditions instead of the publisher's files
    max_bytes: int
    folder_url: str  # where the public finds renditions
    has: Callable[[str], bool]  # whether a rendition of that name is kept
    keep: Callable[[str, bytes], None]  # keeps one; raises OSError


class _LeftOut(Exception):
    """There is nothing a mail could show; the message is a clause that follows the picture's name."""


class _Unseen(Exception):
    """It could not be looked at now; the message is a clause that follows the picture's name."""


def needs_pillow(*, serve_here: bool) -> None:
    """Raise ConfigurationError where pictures are to be made here and the extra is not installed."""
    if serve_here and not renditions.available():
        raise ConfigurationError(
            [
                Fault(
                    where="images.serve",
                    problem="making pictures for mail needs the extra `images`, which is not installed",
                    mend="Run `pip install 'everypost[images]'`, or set serve = \"remote\".",
                )
            ]
        )


def look(client: Client, how: Looking, url: str, now: datetime) -> Picture:
    """Return what there is to say of a picture. Never raises for what a site answers."""
    try:
        reply = _asked(client, how, url)
        kind = image_header.kind_of(reply.body)
        _refuse_unfit(reply, kind, how)
        width, height = _measured(reply.body)
        wide, small = _made(how, reply.body) if how.serve_here else (None, None)
    except (_LeftOut, AddressRefused) as reason:
        return _without(url, now, Verdict.LEFT_OUT, reason)
    except _Unseen as reason:
        return _without(url, now, Verdict.UNSEEN, reason)
    return Picture(
        url=url,
        looked_at=now,
        verdict=Verdict.FINE,
        kind=kind,
        width=wide.width if wide else width,
        height=wide.height if wide else height,
        wide=wide.name if wide else "",
        small=small.name if small else "",
    )


def _without(url: str, now: datetime, verdict: Verdict, reason: Exception) -> Picture:
    said = "is at an address we do not ask" if isinstance(reason, AddressRefused) else str(reason)
    return Picture(url=url, looked_at=now, verdict=verdict, reason=f"{named(url)} {said}")


def named(url: str) -> str:
    """Return a picture's address as logs and people may see it: without what may be a signature."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _asked(client: Client, how: Looking, url: str) -> Reply:
    try:
        if how.serve_here:
            reply = client.get(url, [_ACCEPT])
        else:
            reply = client.get_start(url, START_BYTES, [_ACCEPT])
    except FetchFailed as error:
        if error.cause == "too_large":
            raise _LeftOut(_too_large(how)) from error
        raise _Unseen(f"could not be looked at ({error.cause})") from error
    if reply.status == 416:  # nothing to send a part of (RFC 9110 §15.5.17)
        raise _LeftOut("is empty")
    if reply.status >= 500 or reply.status in _NOT_FOR_US:
        raise _Unseen(f"could not be looked at (it answers {reply.status})")
    if reply.status not in (200, 206):
        raise _LeftOut(f"is not there (it answers {reply.status})")
    return reply


def _refuse_unfit(reply: Reply, kind: str, how: Looking) -> None:
    if not reply.body:
        raise _LeftOut("is empty")
    if kind in _NOT_SHOWN:
        raise _LeftOut(f"is {_NOT_SHOWN[kind]}, which mail programs do not show")
    if not kind:
        said = reply.headers.get("content-type", "").partition(";")[0].strip()
        raise _LeftOut(f"is no picture ({said or 'of no kind that it says'})")
    if _whole_size(reply) > how.max_bytes:
        raise _LeftOut(_too_large(how))


def _too_large(how: Looking) -> str:
    return f"has more than {how.max_bytes // _MEGABYTE} MB (images.max_megabytes)"


def _whole_size(reply: Reply) -> int:
    """Return how many bytes a picture has in all, as far as its server says."""
    total = reply.headers.get("content-range", "").rpartition("/")[2] or reply.headers.get(
        "content-length", ""
    )
    return int(total) if total.isascii() and total.isdigit() else len(reply.body)


def _measured(body: bytes) -> tuple[int, int]:
    """Return a picture's size, (0, 0) where its first bytes do not tell."""
    width, height = image_header.size_of(body) or (0, 0)
    if 0 < min(width, height) <= _COUNTS_READERS_PX:
        raise _LeftOut(f"is {width} × {height} pixels: it counts readers and shows nothing")
    try:
        renditions.refuse_bomb(width, height)
    except BadPicture as error:
        raise _LeftOut(str(error)) from error
    return width, height


def _made(how: Looking, body: bytes) -> tuple[Rendition, Rendition]:
    """Return the renditions of a picture, kept."""
    try:
        wide, small = renditions.make(body)
    except BadPicture as error:
        raise _LeftOut(str(error)) from error
    try:
        for made in (wide, small):
            how.keep(made.name, made.data)
    except OSError as error:
        raise _Unseen(f"could not be kept in images.folder ({error.strerror})") from error
    return wide, small
