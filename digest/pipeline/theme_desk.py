"""What an editor decides about themes: their names, order and place; and how past weeks would have looked.

A key never changes and no theme is deleted: readers chose by it. What is decided here holds for every later
post and every issue that is not approved yet. Neighbours: ``editorial.settling`` gives new posts their
themes, ``shaping`` groups an issue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import Connection

from digest.editorial import themes as names
from digest.editorial.assemble import items_of
from digest.editorial.sections import sections
from digest.errors import NotAllowed, UnknownName
from digest.model import Content, IssueKind, Item, Post, Theme
from digest.pipeline import shaping
from digest.pipeline.tools import Tools
from digest.store import posts, sponsors, themes

log = structlog.get_logger()

_NEWEST = 10  # posts that `digest theme show` lists
_A_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class ThemeDetail:
    """One theme with what belongs to it."""

    theme: Theme
    posts: int  # all but the skipped ones: mailed, mailable, held, or there before us
    part_of: str = ""  # name of the theme it was merged into
    parts: tuple[str, ...] = ()  # names of themes that were merged into it
    newest: tuple[tuple[int, str], ...] = ()  # id and title


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What merging did."""

    theme: Theme  # as it was before
    into: Theme
    posts: int  # that moved


@dataclass(frozen=True, kw_only=True)
class PastSection:
    """A heading of one week and the titles below it."""

    heading: str  # empty: the last section
    found: bool  # in the text of the posts; false: a theme
    posts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PastWeek:
    """How one week's posts would have been divided."""

    first: date
    last: date
    lead: str  # title; empty where nothing was published
    sections: tuple[PastSection, ...]


@dataclass(frozen=True, kw_only=True)
class ThemeDesk:
    """What an editor can do with themes, on these tools."""

    tools: Tools

    def every(self) -> list[ThemeDetail]:
        """Return every theme in the order readers see, hidden and merged ones last."""
        with self.tools.db.read() as conn:
            known, counts = themes.every(conn), themes.post_counts(conn)
        shown_first = sorted(known, key=lambda theme: (bool(theme.merged_into), theme.hidden))
        return [_detail(theme, known, counts.get(theme.key, 0)) for theme in shown_first]

    def show(self, name: str) -> ThemeDetail:
        """Return one theme with its newest posts. Raises UnknownName."""
        with self.tools.db.read() as conn:
            known = themes.every(conn)
            theme = _named(known, name)
            counts = themes.post_counts(conn)
            newest = themes.newest_posts(conn, theme.key, _NEWEST)
        return replace(_detail(theme, known, counts.get(theme.key, 0)), newest=tuple(newest))

    def rename(self, name: str, to: str) -> Theme:
        """Give a theme another name; return it as it was. Raises UnknownName and NotAllowed."""
        wanted = names.clean_name(to)
        if not wanted:
            raise NotAllowed(
                f"A theme's name has a letter or a digit, and at most {names.MAX_NAME} characters; "
                "write a shorter one."
            )
        with self.tools.db.transaction() as conn:
            known = themes.every(conn)
            theme = _named(known, name)
            other = names.find(wanted, known)
            if other is not None and other.key != theme.key:
                raise NotAllowed(
                    f"“{wanted}” leads to the theme {other.name} already; "
                    f'`digest theme merge "{theme.name}" "{other.name}"` makes them one.'
                )
            themes.change(conn, theme.key, name=wanted)
        log.info("theme.changed", theme=theme.key, what="renamed")
        return theme

    def merge(self, name: str, into: str) -> Merged:
        """Make a theme part of another. Raises UnknownName, and NotAllowed for two placements at once."""
        with self.tools.db.transaction() as conn:
            known = themes.every(conn)
            theme, target = _named(known, name), _named(known, into)
            if theme.key == target.key:
                raise NotAllowed(f"{theme.name} and {into} are one theme already; nothing was changed.")
            _refuse_double_placement(conn, theme, target)
            moved = themes.merge(conn, theme.key, target.key)
        log.info("theme.changed", theme=theme.key, what=f"merged into {target.key}")
        return Merged(theme=theme, into=target, posts=moved)

    def pin(self, name: str, *, pinned: bool) -> Theme:
        """Let a theme stand first with a section of its own, or no more. Raises UnknownName."""
        return self._change(name, "pinned" if pinned else "unpinned", pinned=pinned)

    def hide(self, name: str, *, hidden: bool) -> Theme:
        """Show a theme no more, or again; its posts are in the last section then. Raises UnknownName."""
        return self._change(name, "hidden" if hidden else "shown again", hidden=hidden)

    def _change(self, name: str, what: str, **values: bool) -> Theme:
        with self.tools.db.transaction() as conn:
            theme = _named(themes.every(conn), name)
            themes.change(conn, theme.key, **values)
        log.info("theme.changed", theme=theme.key, what=what)
        return theme

    def order(self, wanted: Sequence[str]) -> list[Theme]:
        """Put these themes first, in this order, then the others; return those shown. Raises UnknownName."""
        with self.tools.db.transaction() as conn:
            known = themes.every(conn)
            first = [_named(known, name).key for name in wanted]
            by_position = sorted(known, key=lambda theme: theme.position)
            themes.set_order(conn, list(dict.fromkeys([*first, *(theme.key for theme in by_position)])))
            ordered = themes.every(conn)
        log.info("theme.changed", theme=", ".join(first), what="ordered")
        return [theme for theme in ordered if theme.shown]

    # --- Past weeks ---

    def preview(self, weeks: int) -> list[PastWeek]:
        """Return how the posts of the last weeks would be divided now, the newest week first.

        Every post that the site dated in a week counts, mailed or not, the feed's baseline too.
        """
        zone = self.tools.schedule.zone
        today = self.tools.clock().astimezone(zone).date()
        ends = [today - _A_WEEK * back for back in range(weeks)]
        with self.tools.db.read() as conn:
            return [self._week(conn, last) for last in ends]

    def _week(self, conn: Connection, last: date) -> PastWeek:
        first = last - _A_WEEK + timedelta(days=1)
        found = posts.seen_between(conn, self._midnight(first), self._midnight(last + timedelta(days=1)))
        if not found:
            return PastWeek(first=first, last=last, lead="", sections=())
        items = items_of([_numbered(place, post) for place, post in enumerate(found, 1)], {}, self._zone)
        whole = shaping.grouped(
            Content(
                name=f"preview-{last}",
                kind=IssueKind.WEEKLY,
                period_start=first,
                period_end=last,
                sent_on=last,
                items=items,
                window=tuple(item.number for item in items),
                sponsors=tuple(sponsors.on(conn, last)),
            ),
            shaping.read(conn, None, "", IssueKind.WEEKLY),
        )
        lead = max(whole.items, key=lambda item: (item.minutes, item.number))
        others = [item for item in whole.items if item is not lead]
        divided = sections(others, whole.themes, whole.sponsors, last)
        return PastWeek(
            first=first,
            last=last,
            lead=lead.title,
            sections=tuple(
                PastSection(
                    heading=section.theme.name if section.theme else "",
                    found=bool(section.theme and section.theme.passing),
                    posts=_titles(section.items),
                )
                for section in divided
            ),
        )

    @property
    def _zone(self) -> str:
        return self.tools.publication.zone

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.tools.schedule.zone)


def _titles(items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(item.title for item in items)


def _numbered(place: int, post: Post) -> Post:
    """Return the post with a number, as if it were mailable: those of the baseline have none."""
    return replace(post, number=place)


def _detail(theme: Theme, known: Sequence[Theme], count: int) -> ThemeDetail:
    whole = names.whole(theme, known)
    return ThemeDetail(
        theme=theme,
        posts=count,
        part_of=whole.name if whole and theme.merged_into else "",
        parts=tuple(part.name for part in known if part.merged_into == theme.key),
    )


def _named(known: Sequence[Theme], name: str) -> Theme:
    """Return the theme of that name or key; a merged one's name gives the theme it is part of now."""
    found = next((theme for theme in known if theme.key == name), None) or names.find(name, known)
    whole = names.whole(found, known)
    if whole is None:
        said = ", ".join(theme.name for theme in known if not theme.merged_into) or "none yet"
        raise UnknownName(f"There is no theme {name!r}. Known themes: {said}.")
    return whole


def _refuse_double_placement(conn: Connection, theme: Theme, target: Theme) -> None:
    """Raise NotAllowed where both themes have sold the same days: one section holds one placement."""
    placed = sponsors.every(conn)
    for one in placed:
        for other in placed:
            same_days = one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
            if one.theme_key == theme.key and other.theme_key == target.key and same_days:
                raise NotAllowed(
                    f"{one.name} has placed in {theme.name} and {other.name} in {target.name} on the same "
                    f"days, up to {min(one.ends_on, other.ends_on)}. Merge the themes after that."
                )
