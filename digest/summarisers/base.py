"""The one contract every summariser keeps. ``extractive`` is the default and needs no network."""

from __future__ import annotations

from typing import Protocol

from digest.model import Post, Summary


class Summariser(Protocol):
    """Makes the short text of a post."""

    name: str  # shown in previews and logs, kept with each summary

    def summarise(self, post: Post, *, sentences: int) -> Summary:
        """A summary of at most ``sentences`` whole sentences; method "none" where there is nothing to say.

        Never raises because of what a post holds.
        """
        ...
