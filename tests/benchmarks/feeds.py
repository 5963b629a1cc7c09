"""Measures what we make of real feeds. Run by hand: `make bench-feeds`.

    python -m tests.benchmarks.feeds [SAMPLES]

``SAMPLES`` holds ``feeds/`` (single states of real feeds) and ``feed-histories/NAME/`` (successive states of
one feed, each named for its order and the instant it was seen). Prints, in this order: what the posts of
each feed have and lack; repeats and misses when the histories are replayed poll by poll; and what a feed of
4 MB and a poll without news cost. Neighbours: ``feed_histories`` replays, ``feed_load`` weighs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from digest.errors import NotAFeed
from digest.feeds.parse import parse
from digest.model import FoundPost
from tests.benchmarks import feed_histories, feed_load

_DEFAULT = Path("../shared/samples")
_PARTS = ("title", "link", "date", "body")


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one sample gave."""

    name: str
    posts: tuple[FoundPost, ...] = ()
    refused: str = ""  # why it is no feed

    def share(self, part: str) -> float:
        """Return how many of the posts have this part, in per cent."""
        return 100 * sum(has(post, part) for post in self.posts) / len(self.posts) if self.posts else 0.0

    @property
    def whole(self) -> bool:
        """Whether it gives posts, and every one of them has all parts."""
        return bool(self.posts) and all(has(post, part) for post in self.posts for part in _PARTS)


def has(post: FoundPost, part: str) -> bool:
    """Return whether a post has a title of its own, a link, a date, or a body."""
    return {
        "title": bool(post.title) and post.title != "–",
        "link": bool(post.link),
        "date": post.published_at is not None,
        "body": bool(post.html or post.image),
    }[part]


def main(samples: Path) -> None:
    """Print every table."""
    reads = [_read(path) for path in sorted((samples / "feeds").iterdir())]
    _show_feeds(reads)
    print()
    with tempfile.TemporaryDirectory() as folder:
        histories = sorted((samples / "feed-histories").iterdir())
        feed_histories.show([feed_histories.replay(path, Path(folder)) for path in histories])
    print()
    feed_load.show()


def _read(path: Path) -> Read:
    try:
        found = parse(path.read_bytes(), content_type="", url="https://feed.example/feed")
    except NotAFeed as refused:
        return Read(name=path.name, refused=refused.reason)
    return Read(name=path.name, posts=found.posts)


def _show_feeds(reads: list[Read]) -> None:
    print(f"{'feed':52}{'posts':>6}" + "".join(f"{part + ' %':>9}" for part in _PARTS))
    for read in reads:
        shares = "".join(f"{read.share(part):9.0f}" for part in _PARTS)
        print(f"{read.name[:50]:52}{len(read.posts):6}{shares}")
    whole = [read for read in reads if read.whole]
    readable = [read for read in reads if read.posts]
    posts = [post for read in readable for post in read.posts]
    complete = sum(all(has(post, part) for part in _PARTS) for post in posts)
    print(f"\n{len(reads)} feeds: {len(readable)} give posts, {len(whole)} of them all parts on every post.")
    print(f"{len(posts)} posts: {complete} ({100 * complete / len(posts):.1f} %) have all four parts.")
    for line in _exceptions(reads):
        print(line)


def _exceptions(reads: list[Read]) -> Iterator[str]:
    """Yield one line for each feed that is not whole: what is lacking, and how often."""
    for read in reads:
        if read.refused:
            yield f"  {read.name}: refused as {read.refused}"
        elif not read.posts:
            yield f"  {read.name}: lists no posts"
        elif not read.whole:
            lacking = {part: sum(not has(post, part) for post in read.posts) for part in _PARTS}
            told = ", ".join(f"{count} without {part}" for part, count in lacking.items() if count)
            yield f"  {read.name}: {told}, of {len(read.posts)}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT)
