"""Whether a post that a feed has not shown before may be mailed, must wait, or never goes.

Pure: the rules see the post, the instant and what the operator set, and answer with a reason in a word. First
sight decides what is new, so a date never lets a post in; it can only make one wait. Neighbours: ``identity``
says which posts are new, ``burst`` whether too many are, ``pipeline.take_in`` carries the answers out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.model import FoundPost, KnownPost, PostState
from digest.text.words import folded

OLDEST = timedelta(days=30)
"""Posts dated longer ago than this wait for a person: authors back-date, and archives come back to life."""

AHEAD = timedelta(days=7)
"""Posts dated up to this far ahead wait until then; later dates are mistakes and count as none."""

BACK_DATED = "back-dated"
FUTURE_DATED = "future-dated"
SETTLING = "settling"
FUSED = "fuse"
NO_MAIL = "no-mail tag"
BY_EDITOR = "by the editor"

NO_MAIL_TAGS = ("no-mail", "nomail")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the operator may set."""

    no_mail_tags: Collection[str] = NO_MAIL_TAGS  # a post with one of these categories never goes
    settle: timedelta = field(default=timedelta(0))  # how long a new post waits for its first corrections

    def forbid(self, found: FoundPost) -> bool:
        """Return whether the post's author said that it is not to be mailed."""
        forbidden = {folded(tag) for tag in self.no_mail_tags}
        return any(folded(category) in forbidden for category in found.categories)


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What happens to a post that is new to us."""

    state: PostState
    because: str = ""  # why it is held or skipped
    until: datetime | None = None  # when it is let in by itself


def admit(found: FoundPost, *, first_run: bool, fused: bool, rules: Rules, now: datetime) -> Admission:
    """Return what happens to a post seen for the first time.

    ``first_run`` says that its feed was never read before: everything in it is known from then on. ``fused``
    says that it came in a burst that looks like known posts under new names.
    """
    if first_run:
        return Admission(state=PostState.BASELINE)
    if rules.forbid(found):
        return Admission(state=PostState.SKIPPED, because=NO_MAIL)
    if fused:
        return Admission(state=PostState.HELD, because=FUSED)
    dated = dependable(found, now).published_at
    if dated is not None and now - dated > OLDEST:
        return Admission(state=PostState.HELD, because=BACK_DATED)
    return when_due(dated, rules=rules, now=now)


def when_due(dated: datetime | None, *, rules: Rules, now: datetime) -> Admission:
    """Return whether a new post of that date may go at once, or from when on."""
    settled = now + rules.settle
    if dated is not None and dated > max(now, settled):
        return Admission(state=PostState.HELD, because=FUTURE_DATED, until=dated)
    if settled > now:
        return Admission(state=PostState.HELD, because=SETTLING, until=settled)
    return Admission(state=PostState.MAILABLE)


def dependable(found: FoundPost, now: datetime) -> FoundPost:
    """Return the post without its date where that lies too far ahead to be meant."""
    if found.published_at is not None and found.published_at > now + AHEAD:
        return replace(found, published_at=None)
    return found


def reconsidered(
    known: KnownPost, found: FoundPost, *, frozen: bool, rules: Rules, now: datetime
) -> Admission | None:
    """Return what changes for a known post because of what its feed says of it now; None for nothing.

    ``frozen`` says that an issue with its number has its audience already. A tag can still stop a post that
    waits; taking the tag off again lets nothing in, because an editor may have decided meanwhile.
    """
    waits = known.state is PostState.HELD or (known.state is PostState.MAILABLE and not frozen)
    if waits and rules.forbid(found):
        return Admission(state=PostState.SKIPPED, because=NO_MAIL)
    dated = dependable(found, now).published_at
    moved = known.state is PostState.HELD and known.held_because == FUTURE_DATED and dated != known.held_until
    # Let in by the next release, like any other whose time has come.
    return (
        Admission(state=PostState.HELD, because=FUTURE_DATED, until=max(dated or now, now)) if moved else None
    )
