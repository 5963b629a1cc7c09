"""A feed's answer, post by post: which are known, which are new, and which of those may be mailed.

    recognise → a burst? hold it under a fuse → per post, oldest first: known → follow its edits
                                                                       new   → admit and keep

First sight decides what is new; the feed's own dates are only shown. A feed's first good answer is its
baseline: everything in it is known from then on and nothing of it is mailed. Runs in the caller's
transaction. Neighbours: ``feeds.identity``, ``feeds.burst`` and ``feeds.admission`` decide, ``collect``
calls this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from digest.editorial.settling import RECENT, settle
from digest.feeds import admission, burst, gap, identity
from digest.feeds.admission import Admission, Rules
from digest.feeds.identity import Recognised
from digest.model import Alias, AliasKind, Feed, FoundPost, KnownPost, ParsedFeed, PostState
from digest.pipeline import fuses
from digest.pipeline.follow import Follower
from digest.store import fuses as fuse_store
from digest.store import posts, recognition, themes


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What one answer brought."""

    new: tuple[str, ...]  # titles of posts that became mailable, oldest first
    baseline: int  # posts taken as already known
    held: int = 0  # new posts that wait
    skipped: int = 0  # new posts that are never mailed
    renamed: int = 0  # known posts that came under names all new
    warnings: tuple[str, ...] = ()  # plain sentences about what was odd
    gap: bool = False  # nothing in it was known: posts may have come and gone unseen


def take_in(
    conn: Connection,
    feed: Feed,
    parsed: ParsedFeed,
    now: datetime,
    rules: Rules | None = None,
    *,
    paged_back: bool = False,
) -> TakenIn:
    """Store what one answer says of posts.

    ``paged_back`` says that older pages were read back to what we know: posts that had slipped through are
    older than the newest one known, and that alone makes nobody suspicious.
    """
    intake = _Intake(conn=conn, feed=feed, now=now, rules=rules or Rules(), paged_back=paged_back)
    intake.take(parsed)
    return TakenIn(
        new=tuple(intake.new),
        baseline=len(parsed.posts) if intake.first_run else 0,
        held=intake.counted[PostState.HELD],
        skipped=intake.counted[PostState.SKIPPED],
        renamed=intake.renamed,
        warnings=tuple(intake.warnings),
        gap=intake.gap,
    )


@dataclass(kw_only=True)
class _Intake:
    """One answer on its way into the store."""

    conn: Connection
    feed: Feed
    now: datetime
    rules: Rules
    paged_back: bool
    new: list[str] = field(default_factory=list)
    counted: dict[PostState, int] = field(default_factory=lambda: dict.fromkeys(PostState, 0))
    renamed: int = 0
    warnings: list[str] = field(default_factory=list)
    gap: bool = False
    _theme_keys: dict[int, str] = field(default_factory=dict)  # by the found post's identity
    _names: list[tuple[int, Alias]] = field(default_factory=list)  # to be written at the end
    _sources: list[int] = field(default_factory=list)
    _reused: set[Alias] = field(default_factory=set)  # guids that stand for another post from now on

    @property
    def first_run(self) -> bool:
        """Whether this answer is the feed's baseline."""
        return self.feed.baseline_at is None

    def take(self, parsed: ParsedFeed) -> None:
        """Store every post of the answer. Oldest first, so that numbers rise with the feed's own order."""
        seen = self._recognised(parsed)
        known = recognition.by_ids(self.conn, [item.post_id for item in seen if item.post_id is not None])
        seen = [self._without_reuse(item, known) for item in seen]
        newcomers = [item for item in seen if self._is_new(item, known)]
        titled = self._titled(newcomers)
        fuse_id, fused = self._fused(newcomers, titled, window=len(seen))
        self._settle(newcomers, parsed.title)
        gone = [post for post in titled if post.id not in known]
        for item in reversed(seen):
            if not any(item is newcomer for newcomer in newcomers):
                assert item.post_id is not None
                self._again(known[item.post_id], item)
                continue
            joins = any(item is suspect for suspect in fused)
            renamed = item.post_id is None and not joins
            twin = burst.twin(item.found, gone, self.now) if renamed else None
            if twin is not None:
                self.renamed += 1
                self._again(twin, item)
            else:
                self._admit(item, fuse_id if joins else None)
        # Known posts under new names are no sign that others passed by unseen.
        unseen = not self.first_run and not fused and not self.renamed and gap.no_overlap(seen)
        self.gap = unseen and posts.count_of_feed(self.conn, self.feed.id) > len(newcomers)
        recognition.add_names(self.conn, self.feed.id, self._names)
        recognition.add_sources(self.conn, self.feed.id, self._sources, self.now)

    # --- Which is which ---

    def _recognised(self, parsed: ParsedFeed) -> list[Recognised]:
        site_url = parsed.site_url or self.feed.site_url
        names = [name for its in identity.aliases_of_all(parsed.posts, site_url) for name in its]
        known = recognition.known(self.conn, self.feed.id, names)
        others = recognition.known_elsewhere(
            self.conn, self.feed.id, [name for name in names if name not in known]
        )
        return list(identity.recognise(parsed.posts, known, site_url=site_url, elsewhere=others))

    def _without_reuse(self, item: Recognised, known: dict[int, KnownPost]) -> Recognised:
        """Return the item as unknown where its guid was given to another post (row 105)."""
        fresh_link = any(name.kind is AliasKind.LINK for name in item.new_aliases)
        if item.post_id is None or item.elsewhere or not fresh_link:
            return item
        before = posts.by_id(self.conn, item.post_id)
        assert before is not None
        if not burst.is_reused(item.found, known[item.post_id], before.html):
            return item
        self.warnings.append(
            f"The guid of “{before.title}” was given to another post, “{item.found.title}”, which is new."
        )
        guid = Alias(kind=AliasKind.GUID, value=item.found.guid)
        self._reused.add(guid)
        return replace(item, post_id=None, new_aliases=(*item.new_aliases, guid))

    def _is_new(self, item: Recognised, known: dict[int, KnownPost]) -> bool:
        """Return whether nobody could have been mailed this post.

        What only another feed's baseline knows is new where it is published in a feed that was read before:
        that baseline came too late to say what is old.
        """
        if item.post_id is None:
            return True
        state = known[item.post_id].state
        return item.elsewhere and state is PostState.BASELINE and not self.first_run

    def _titled(self, newcomers: Sequence[Recognised]) -> list[KnownPost]:
        """Return this feed's posts with the titles of the unknown ones."""
        if self.first_run or not newcomers:
            return []
        return recognition.titled(self.conn, self.feed.id, [item.found.title for item in newcomers])

    def _fused(
        self, newcomers: Sequence[Recognised], titled: Sequence[KnownPost], *, window: int
    ) -> tuple[int | None, list[Recognised]]:
        """Return the fuse that unknown posts of this answer are held under, and which of them are."""
        if self.first_run or not newcomers:
            return None, []
        candidates = [item for item in newcomers if not self.rules.forbid(item.found)]
        found = [item.found for item in candidates]
        before = fuse_store.open_of(self.conn, self.feed.id)
        if before is None and len(found) < burst.TITLES:
            return None, []
        past = self._past(titled)
        reason = burst.suspicion(found, past, window=window)
        if reason:
            opened = before or fuses.blow(self.conn, self.feed, reason, len(found), self.now)
            return opened.id, candidates
        if before is None:
            return None, []
        return before.id, [item for item in candidates if burst.joins(item.found, past)]

    def _past(self, titled: Sequence[KnownPost]) -> burst.Past:
        return burst.Past(
            newest_at=None if self.paged_back else recognition.newest_date(self.conn, self.feed.id, self.now),
            places=burst.places(recognition.links_of_feed(self.conn, self.feed.id)),
            titled=titled,
        )

    def _again(self, known: KnownPost, item: Recognised) -> None:
        """Remember a known post's new names and feed, and follow what is said of it now."""
        self._names += [(known.id, name) for name in item.new_aliases]
        self._sources += [known.id] if item.elsewhere or item.post_id is None else []
        self._follower.follow(known, item.found)

    @cached_property
    def _follower(self) -> Follower:
        return Follower(conn=self.conn, feed=self.feed, now=self.now, rules=self.rules)

    # --- New posts ---

    def _admit(self, item: Recognised, fuse_id: int | None) -> None:
        found = admission.dependable(item.found, self.now)
        if found is not item.found:
            self.warnings.append(f"“{found.title}” is dated more than a week ahead: its date is left out.")
        admitted = admission.admit(
            found, first_run=self.first_run, fused=fuse_id is not None, rules=self.rules, now=self.now
        )
        held_under = fuse_id if admitted.because == admission.FUSED else None
        if item.post_id is None:
            theme_key = self._theme_keys.get(id(item.found), "")
            post_id = self._insert(found, admitted, held_under, theme_key)
        else:
            post_id = item.post_id
            self._promote(post_id, admitted, held_under)
        for name in item.new_aliases:
            if name in self._reused:
                recognition.give_name(self.conn, self.feed.id, name, post_id)
            else:
                self._names.append((post_id, name))
        self._sources.append(post_id)
        self.counted[admitted.state] += 1
        if admitted.state is PostState.MAILABLE:
            self.new.append(found.title)

    def _insert(self, found: FoundPost, admitted: Admission, fuse_id: int | None, theme_key: str) -> int:
        post_id, _ = posts.insert_found(
            self.conn,
            found,
            feed_id=self.feed.id,
            content_hash=identity.content_hash(found),
            state=admitted.state,
            because=admitted.because,
            until=admitted.until,
            fuse_id=fuse_id,
            theme_key=theme_key,
            now=self.now,
        )
        return post_id

    def _promote(self, post_id: int, admitted: Admission, fuse_id: int | None) -> None:
        """Decide anew about a post that another feed's baseline holds."""
        if admitted.state is PostState.MAILABLE:
            posts.let_in(self.conn, post_id)
        elif fuse_id is not None:
            posts.hold_under(self.conn, post_id, fuse_id, admitted.because)
        else:
            posts.decide(self.conn, post_id, admitted.state, because=admitted.because, until=admitted.until)

    def _settle(self, newcomers: Sequence[Recognised], title: str) -> None:
        """Decide on the themes of all new posts together, before the first is stored."""
        unknown = [item.found for item in newcomers if item.post_id is None]
        if not any(found.categories for found in unknown):
            return
        settled = settle(
            [found.categories for found in unknown],
            posts.recent_categories(self.conn, max(0, RECENT - len(unknown))),
            themes.every(self.conn),
            house=[name for name in (title, self.feed.title) if name],
            baseline=self.first_run,
        )
        for theme in settled.founded:
            themes.add(self.conn, theme)
        self._theme_keys = {id(found): key for found, key in zip(unknown, settled.keys, strict=True)}
