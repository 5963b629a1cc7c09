"""Replays a feed's real history, one poll per state, and judges what became mailable.

Each state is served by a real server on this machine and polled by a whole installation whose clock says
the instant the state was seen. The judge shares nothing with the code it judges but the parser:

    An *article* is a connected component of entries, over all states of the history. Two entries are
    connected when they have the same guid, or the same link once scheme, ``www.``, fragment, last slash and
    ``utm_`` parameters are gone. A guid or link that two entries of one state share connects nothing, unless
    their titles are equal too; nor does a link to the site itself. What does connect
    is the same title at the same instant (midnight says no instant): sites that move change guid and link.

    A *repeat* is a post that became mailable although a post of the same article was baseline or mailable
    before. A *miss* is an article that is not in the first good state and never became mailable, nor is held
    or left out for a reason that the ledger names; those are counted apart, by reason.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from logging import CRITICAL
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select

from digest.errors import NotAFeed
from digest.feeds.parse import parse
from digest.model import FoundPost, PostState
from digest.pipeline.release import release_due
from digest.store import feeds
from digest.store.tables import post
from tests.installation import Clock, installation
from tests.servers import FeedServer

_PATH = "/feed"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A post the installation made, and of which article."""

    id: int
    article: int
    state: PostState
    reason: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of one history."""

    name: str
    states: int
    unread: int  # states that are no feed
    articles: int
    baseline: int  # articles of the first good state
    mailable: int  # posts
    held: Counter[str]  # articles held or left out, by reason
    repeats: tuple[str, ...]  # titles
    misses: tuple[str, ...]  # titles


def show(replays: Sequence[Replay]) -> None:
    """Print one line per history, the sums, and every repeat and miss."""
    columns = ("states", "no feed", "articles", "baseline", "mailable", "held", "repeats", "misses")
    print(f"{'history':28}" + "".join(f"{column:>10}" for column in columns))
    rows = [_figures(replay) for replay in replays]
    for replay, row in zip(replays, rows, strict=True):
        print(f"{replay.name:28}" + "".join(f"{figure:10}" for figure in row))
    sums = [sum(column) for column in zip(*rows, strict=True)]
    print(f"{'all':28}" + "".join(f"{figure:10}" for figure in sums))
    for replay in replays:
        for reason, count in replay.held.most_common():
            print(f"  {replay.name}: {count} held: {reason}")
        for kind, titles in (("repeat", replay.repeats), ("miss", replay.misses)):
            for title in titles:
                print(f"  {replay.name}: {kind}: {title[:90]}")
    print((__doc__ or "").partition("\n\n    ")[2].rstrip())


def _figures(replay: Replay) -> tuple[int, ...]:
    return (
        replay.states,
        replay.unread,
        replay.articles,
        replay.baseline,
        replay.mailable,
        replay.held.total(),
        len(replay.repeats),
        len(replay.misses),
    )


def replay(history: Path, folder: Path) -> Replay:
    """Poll every state of a history with a new installation in ``folder``, and judge the result."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    place = folder / history.name
    place.mkdir()
    paths = sorted(history.iterdir())
    clock = Clock(_instant(paths[0]))
    with FeedServer() as site, installation(place, clock=clock, feeds={"allow_private": True}) as app:
        url = site.url + _PATH
        with app.database.transaction() as conn:
            feeds.add(conn, url=url, title="", site_url="", now=clock())
        states = [_parsed(path, url) for path in paths]
        articles = Articles(states)
        article_of: dict[int, int] = {}  # by post id
        for index, path in enumerate(paths):
            site.route(_PATH, path.read_bytes())
            clock.now = _instant(path)
            app.feed_desk.poll()
            release_due(app.tools, clock())
            with app.database.read() as conn:
                newest = max(article_of, default=0)
                for row in conn.execute(select(post).where(post.c.id > newest)):
                    article_of[row.id] = articles.of(index, row.link, row.title)
        with app.database.read() as conn:
            made = [_made(row, article_of[row.id]) for row in conn.execute(select(post).order_by(post.c.id))]
    return _judged(history.name, states, articles, made)


def _instant(path: Path) -> datetime:
    """Return when a state was seen, which its file's name says."""
    stamp = path.name.split("_")[1]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _parsed(path: Path, url: str) -> tuple[FoundPost, ...] | None:
    """Return the entries of a state; None when it is no feed."""
    try:
        found = parse(path.read_bytes(), content_type="", url=url, now=_instant(path))
    except NotAFeed:
        return None
    site = _bare(found.site_url)
    # The link to the site itself names no post.
    return tuple(replace(entry, link="") if _bare(entry.link) == site else entry for entry in found.posts)


def _made(row: Any, article: int) -> Made:
    state = PostState(row.state)
    return Made(id=row.id, article=article, state=state, reason=row.held_because, title=row.title)


class Articles:
    """Which entries of a history are one article: a disjoint-set forest over their names."""

    def __init__(self, states: Sequence[tuple[FoundPost, ...] | None]) -> None:
        self._parent: dict[int, int] = {}
        self._entries: list[dict[tuple[str, str], int]] = []  # by state: link and title → entry
        self._titles: dict[int, str] = {}  # by entry
        by_name: dict[tuple[str, str], int] = {}
        for state in states:
            places: dict[tuple[str, str], int] = {}
            once = {(_bare(entry.link), entry.title): entry for entry in state or ()}
            shared = Counter(name for entry in once.values() for name in _names(entry))
            for place, entry in once.items():
                number = len(self._parent)
                self._parent[number] = number
                self._titles[number] = entry.title
                places[place] = number
                for name in _names(entry):
                    if shared[name] == 1:
                        self._join(by_name.setdefault(name, number), number)
            self._entries.append(places)

    def of(self, state: int, link: str, title: str) -> int:
        """Return the article of the entry of this state that became a post."""
        places = self._entries[state]
        number = places.get((_bare(link), title), places.get(("", title)))
        assert number is not None, f"no entry of state {state} is {title!r} at {link}"
        return self._root(number)

    def in_state(self, state: int) -> set[int]:
        """Return the articles of one state."""
        return {self._root(number) for number in self._entries[state].values()}

    def all(self) -> dict[int, str]:
        """Return every article with the first title it had."""
        titles: dict[int, str] = {}
        for number, title in self._titles.items():
            titles.setdefault(self._root(number), title)
        return titles

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def _join(self, one: int, other: int) -> None:
        self._parent[self._root(other)] = self._root(one)


def _names(entry: FoundPost) -> list[tuple[str, str]]:
    """Return the names that may connect an entry with others."""
    at = entry.published_at
    instant = "" if at is None or at.time() == time(0) else f"{entry.title} {at}"
    names = [("guid", entry.guid), ("link", _bare(entry.link)), ("instant", instant)]
    return [name for name in names if name[1]] or [("content", f"{entry.title} {at}")]


def _bare(link: str) -> str:
    """Return a link without scheme, www., fragment, last slash and utm_ parameters."""
    path, _, query = link.partition("#")[0].partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair and not pair.startswith("utm_"))
    return re.sub(r"^https?://(www\.)?", "", path).rstrip("/").lower() + (f"?{kept}" if kept else "")


def _judged(
    name: str, states: Sequence[tuple[FoundPost, ...] | None], articles: Articles, made: Sequence[Made]
) -> Replay:
    first_good = next(index for index, state in enumerate(states) if state is not None)
    baseline = articles.in_state(first_good)
    by_article: dict[int, list[Made]] = defaultdict(list)
    for one in made:
        by_article[one.article].append(one)
    repeats = [title for of_one in by_article.values() for title in _repeats(of_one)]
    held: Counter[str] = Counter()
    misses = []
    for article, title in articles.all().items():
        of_one = by_article[article]
        if article in baseline or any(one.state is PostState.MAILABLE for one in of_one):
            continue
        reason = next((one.reason for one in of_one if one.reason), "")
        if reason:
            held[reason] += 1
        else:
            misses.append(title)
    return Replay(
        name=name,
        states=len(states),
        unread=states.count(None),
        articles=len(articles.all()),
        baseline=len(baseline),
        mailable=sum(one.state is PostState.MAILABLE for one in made),
        held=held,
        repeats=tuple(repeats),
        misses=tuple(misses),
    )


def _repeats(of_one: Sequence[Made]) -> Iterator[str]:
    """Yield the title of every post of one article that is mailable although the article was known before."""
    known = False
    for one in of_one:
        if known and one.state is PostState.MAILABLE:
            yield one.title
        known = known or one.state in (PostState.MAILABLE, PostState.BASELINE)
