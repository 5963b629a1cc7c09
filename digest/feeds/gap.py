"""Whether posts may have come and gone between two polls.

Pure. Feeds show a window of their newest posts; when nothing in it was there the last time, more may have
passed through it than it can hold. Neighbours: ``identity`` recognises, ``pipeline.take_in`` asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.feeds.identity import Recognised

_FEWEST = 2  # a feed of one post replaces its whole window with every post


def no_overlap(recognised: Sequence[Recognised]) -> bool:
    """Return whether an answer shows no post that we know, from a feed some of whose posts we know."""
    return len(recognised) >= _FEWEST and all(item.post_id is None for item in recognised)
