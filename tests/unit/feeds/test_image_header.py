"""Measuring pictures by their first bytes, against what Pillow writes and what breaks."""

from __future__ import annotations

import struct

import pytest

from digest.feeds.image_header import kind_of, size_of
from tests.pictures import lying, picture

KINDS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}


@pytest.mark.parametrize("form", KINDS)
def test_each_format_is_known_and_measured(form: str) -> None:
    data = picture(form, (644, 322))

    assert (kind_of(data), size_of(data)) == (KINDS[form], (644, 322))


def test_each_form_of_a_webp_file_is_measured() -> None:
    assert size_of(picture("WEBP", (301, 77), lossless=True)) == (301, 77)
    assert size_of(picture("WEBP", (301, 77), exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")) == (301, 77)
    assert size_of(b"RIFF....WEBPANIM" + bytes(40)) is None


def test_a_progressive_photograph_is_measured_behind_its_colour_profile() -> None:
    assert size_of(picture(size=(900, 300), progressive=True, icc_profile=bytes(70_000))) == (900, 300)


def test_a_photograph_that_lies_on_its_side_is_measured_standing() -> None:
    assert size_of(lying((1600, 800))) == (800, 1600)


def notes(tiff: bytes) -> bytes:
    """Return a JPEG of 20 × 10 whose camera's notes are these bytes."""
    inside = b"Exif\0\0" + tiff
    return (
        b"\xff\xd8\xff\xff\xe1" + struct.pack(">H", len(inside) + 2) + inside
        + b"\xff\x01\xff\xc0\x00\x11\x08" + struct.pack(">HH", 10, 20) + bytes(12)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tiff", "size"),
    [
        (b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0", (10, 20)),
        (b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0", (20, 10)),
        (b"II*\0\x08\0\0\0\x01\0\x10\x01\x03\0\x01\0\0\0\x06\0\0\0", (20, 10)),
        (b"II*\0\x08\0\0\0\x09\0", (20, 10)),
        (b"no notes", (20, 10)),
    ],
    ids=["on its side", "upside down", "of something else", "broken off", "none"],
)
def test_notes_of_cameras_turn_a_picture_only_where_they_say_so(tiff: bytes, size: tuple[int, int]) -> None:
    assert size_of(notes(tiff)) == size


def box(name: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", len(inside) + 8) + name + inside


def test_a_picture_of_tiles_has_the_size_of_the_whole_and_may_be_turned() -> None:
    start = box(b"ftyp", b"avif\0\0\0\0avif")
    tile, whole = (box(b"ispe", struct.pack(">III", 0, *size)) for size in ((512, 512), (2000, 1000)))

    assert size_of(start + tile + whole) == (2000, 1000)
    assert size_of(start + tile + whole + box(b"irot", b"\1")) == (1000, 2000)
    assert size_of(start + whole + box(b"irot", b"\2")) == (2000, 1000)
    assert size_of(start) is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"", ""),
        (b"<!doctype html><svg>", ""),
        (b"\0\0\0\x18ftypmp42", ""),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"BM6\0", "image/bmp"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\0\0\1\0", "image/x-icon"),
        (b"<svg width='1'>", "image/svg+xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by hand -->\n<!DOCTYPE svg>\n<svg>", "image/svg+xml"),
    ],
)
def test_what_is_no_measurable_picture_is_known_for_what_it_is(start: bytes, kind: str) -> None:
    assert (kind_of(start), size_of(start)) == (kind, None)


@pytest.mark.parametrize("form", KINDS)
def test_broken_off_files_are_not_measured_and_break_nothing(form: str) -> None:
    whole = picture(form, (644, 322))

    assert {size_of(whole[:length]) for length in range(len(whole) // 2)} <= {None, (644, 322)}


def test_a_picture_without_any_size_is_not_measured() -> None:
    assert size_of(b"GIF89a\0\0\0\0") is None
    assert size_of(b"\xff\xd8\xff\xe0\x00\x04ab\x00\x00") is None
