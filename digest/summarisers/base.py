"""The one contract every summariser keeps. ``extractive`` is the default and needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from digest.model import Post, Summary


class Summariser(Protocol):
    """Makes the short texts of posts."""

    name: str  # what its summaries are kept under: another name makes them anew
    asked_once: bool  # for the longest summary only: it costs, and shorter ones are its beginning

    def summarise_all(self, posts: Sequence[Post], *, sentences: int) -> list[Summary]:
        """A summary of each post in at most ``sentences`` whole sentences; "none" where nothing can be said.

        The posts are those of one issue. Never raises because of what a post holds.
        """
        ...
