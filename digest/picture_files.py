"""The folder of pictures we made: content-addressed files, written once and never changed.

A picture's name is the hash of what it shows, so browsers may keep it for ever, two posts with one picture
share a file, and writing it again changes nothing. Mails that were sent show these files for years: the
folder is kept as the database is. Neighbours: ``feeds.pictures`` has them made, ``web.reading`` serves them.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{40}\.(?:jpg|png)")
_KINDS = {".jpg": "image/jpeg", ".png": "image/png"}


class PictureFiles:
    """The renditions in one folder, which is made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        """Return whether a picture of that name is kept."""
        return bool(_NAME.fullmatch(name)) and (self._folder / name).is_file()

    def read(self, name: str) -> tuple[bytes, str] | None:
        """Return a picture with its media type; None when there is none of that name."""
        if not self.has(name):
            return None
        path = self._folder / name
        return path.read_bytes(), _KINDS[path.suffix]

    def keep(self, name: str, data: bytes) -> None:
        """Write a picture whole or not at all; raise OSError where that cannot be done."""
        assert _NAME.fullmatch(name), name
        if self.has(name):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # a mail that names it may go out right after
            Path(unfinished).chmod(0o644)  # a web server may serve the folder itself
            Path(unfinished).replace(self._folder / name)
        except OSError:
            Path(unfinished).unlink(missing_ok=True)
            raise
