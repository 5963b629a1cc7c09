"""Stands in for a summariser that takes time and money, where nothing may be asked: in rehearsals.

What is kept under the other's name is used as it is; for the rest there are extracts, and a list of the posts
to ask about afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.model import Post, Summary
from digest.summarisers.base import Summariser
from digest.summarisers.extractive import Extractive


class Deferred:
    """Gives extracts under another summariser's name, and notes what that one was to be asked for."""

    def __init__(self, real: Summariser) -> None:
        self.name = real.name
        self.asked_once = real.asked_once
        self.wanted: list[
            tuple[tuple[Post, ...], int]
        ] = []  # the posts of one issue, and of how many sentences
        self._extractive = Extractive()

    def summarise_all(self, posts: Sequence[Post], *, sentences: int) -> list[Summary]:
        """An extract of each post."""
        self.wanted.append((tuple(posts), sentences))
        return self._extractive.summarise_all(posts, sentences=sentences)
