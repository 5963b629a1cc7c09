"""Whether a burst of unknown posts is a feed that gave its old posts new names, and which is which.

Pure. A site that moves, is rebuilt or imported anew may change every guid and every link at once; each post
then looks new. Such a burst is held as a whole, under a fuse, until a person says what it is. Single posts
under new names are recognised by ``twin``. Measured: the rules caught every rebuild in 81 recorded feeds.
Titles alone are no key: 49 titles were shared by 114 posts of one feed. Neighbours: ``admission``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import unquote, urlsplit

from digest.feeds.identity import content_hash, normalise_link
from digest.model import FoundPost, KnownPost
from digest.text.blocks import plain
from digest.text.words import folded, terms, tokens

FEW = 5
"""Unknown posts in one answer that are never too many, whatever they look like."""

MANY = 25
"""Unknown posts that are many even where half the window is more: a moved tenth of an archive is a burst."""

TITLES = 3
"""Posts with the very titles of known ones that make a coincidence unlikely."""

REPUBLISHED_WITHIN = timedelta(days=30)
TELLING_BODY = 200  # characters of a body that two different posts do not share by accident


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is known of a feed when a burst arrives."""

    newest_at: datetime | None = None  # date of its newest post
    places: Collection[str] = ()  # hosts its posts were at
    titled: Sequence[KnownPost] = ()  # its posts with the titles of the unknown ones


def suspicion(unknown: Sequence[FoundPost], past: Past, *, window: int) -> str:
    """Return why these unknown posts look like known ones under new names; empty when they do not.

    ``window`` is how many posts the answer holds, ``unknown`` included.
    """
    again = sum(title in _telling_titles(unknown, past) for title in map(_title, unknown))
    if again >= TITLES and again * 2 > window:
        return f"{again} of its {window} posts have the titles of posts known under other names"
    if len(unknown) <= max(FEW, min(window // 2, MANY)):
        return ""
    late = sum(is_late(found, past) for found in unknown)
    if late * 2 > len(unknown):
        return f"{len(unknown)} unknown posts at once, {late} of them dated before the newest one known"
    place, count = Counter(map(_place, unknown)).most_common(1)[0]
    if place and past.places and place not in past.places and count * 2 > len(unknown):
        return f"{len(unknown)} unknown posts at once, {count} of them at {place}, where none was before"
    return ""


def joins(found: FoundPost, past: Past) -> bool:
    """Return whether an unknown post of a later answer belongs to the fuse that is open."""
    return is_late(found, past) or any(_title(known) == _title(found) for known in past.titled)


def is_late(found: FoundPost, past: Past) -> bool:
    """Return whether a post is dated before the newest one known."""
    return bool(found.published_at and past.newest_at and found.published_at < past.newest_at)


def places(links: Iterable[str]) -> frozenset[str]:
    """Return the hosts of these normalised links."""
    return frozenset(link.partition("/")[0].partition("?")[0] for link in links)


def _place(found: FoundPost) -> str:
    """Return the host a post is at: of its link, else of its guid."""
    (place,) = places([normalise_link(found.link) or normalise_link(found.guid)])
    return place


def _telling_titles(unknown: Sequence[FoundPost], past: Past) -> frozenset[str]:
    """Return the titles that belong to one unknown post and to one known post."""
    once = {title for title, count in Counter(map(_title, unknown)).items() if count == 1}
    known_once = {title for title, count in Counter(map(_title, past.titled)).items() if count == 1}
    return frozenset(once & known_once)


def _title(post: FoundPost | KnownPost) -> str:
    return folded(post.title)


# --- One post under a new name ----------------------------------------------------------------------


def twin(found: FoundPost, candidates: Iterable[KnownPost], now: datetime) -> KnownPost | None:
    """Return the known post that an unknown one is, though guid and link are both new; None for none.

    ``candidates`` are posts of this feed that the answer does not list any more: while both are listed they
    are two posts. The same title is not enough. What counts is the same text within a month, or the same
    title and the same instant (row 104's third key); where that is only a day, the end of the address too.
    """
    alike = [known for known in candidates if _title(known) == _title(found)]
    same = [known for known in alike if _same_text(found, known, now) or _same_instant(found, known)]
    return same[0] if len(same) == 1 else None


def _same_text(found: FoundPost, known: KnownPost, now: datetime) -> bool:
    recent = now - known.first_seen_at <= REPUBLISHED_WITHIN
    return recent and content_hash(found) == known.content_hash and len(plain(found.html)) >= TELLING_BODY


def _same_instant(found: FoundPost, known: KnownPost) -> bool:
    if found.published_at is None or found.published_at != known.published_at:
        return False
    only_a_day = found.published_at.time() == time(0)
    return not only_a_day or (slug(found.link) != "" and slug(found.link) == slug(known.link))


def slug(link: str) -> str:
    """Return the last part of an address's path, as it is compared; empty where that says nothing."""
    path = unquote(urlsplit(link).path).rstrip("/")
    last = folded(path.rpartition("/")[2]).removesuffix(".html").removesuffix(".htm")
    return last if len(last) >= 4 else ""


def is_reused(found: FoundPost, known: KnownPost, old_html: str) -> bool:
    """Return whether a known guid was given to another post: it is not the old one, changed (row 105).

    Sites that refresh old posts keep the guid and change link, date, headline and part of the text: over a
    thousand of those were recorded and not one reused guid. So all of it has to differ: the link, the
    headline, the text, and the date must be newer.
    """
    if normalise_link(found.link) == normalise_link(known.link) or slug(found.link) == slug(known.link) != "":
        return False
    if found.published_at and known.published_at and found.published_at <= known.published_at:
        return False
    texts = [_runs(tokens(plain(html))) for html in (found.html, old_html)]
    shorter = min(map(len, texts))
    titles = [frozenset(terms(tokens(title))) for title in (found.title, known.title)]
    alike = len(titles[0] & titles[1]) / max(1, len(titles[0] | titles[1]))
    limit = _OTHER_TITLE if shorter >= _ENOUGH else _WHOLLY_OTHER_TITLE
    return alike < limit and len(texts[0] & texts[1]) < _OTHER_TEXT * max(1, shorter)


# Refreshed posts kept half of their text's five-word runs and two thirds of their headline's words.
_OTHER_TEXT = 0.1
_OTHER_TITLE = 0.5
_WHOLLY_OTHER_TITLE = 0.2  # where the text is too short to tell
_ENOUGH = 20  # runs
_RUN = 5


def _runs(words: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(words[start : start + _RUN] for start in range(len(words) - _RUN + 1))


# --- Which is which ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Which known post a held one seems to be."""

    post: KnownPost
    by: str  # what they share, in words


def guesses(held: Sequence[KnownPost], known: Sequence[KnownPost]) -> dict[int, Guess]:
    """Return held post id → the known post it most likely is. Each known post is named once at most.

    The surest sign goes first; a sign that fits several posts on either side is none.
    """
    found: dict[int, Guess] = {}
    left, free = list(held), list(known)
    for by, key in _SIGNS:
        ours, theirs = _once(left, key), _once(free, key)
        for sign in ours.keys() & theirs.keys():
            found[ours[sign].id] = Guess(post=theirs[sign], by=by)
        taken = {guess.post.id for guess in found.values()}
        left = [post for post in left if post.id not in found]
        free = [post for post in free if post.id not in taken]
    return found


def _once(posts: Sequence[KnownPost], key: Callable[[KnownPost], Hashable]) -> dict[Hashable, KnownPost]:
    """Return the posts by their key, without those that share it or have none."""
    keys = [(key(post), post) for post in posts]
    counts = Counter(sign for sign, _ in keys)
    return {sign: post for sign, post in keys if sign != "" and counts[sign] == 1}


def _title_and_day(post: KnownPost) -> Hashable:
    return (_title(post), post.published_at.date()) if post.published_at else ""


_SIGNS: tuple[tuple[str, Callable[[KnownPost], Hashable]], ...] = (
    ("the same text", lambda post: post.content_hash),
    ("the same title and day", _title_and_day),
    ("the same end of its address", lambda post: slug(post.link)),
    ("the same title", _title),
)
