"""What ``digest feed show`` prints: one feed on one screen, in words.

Pure. Neighbour: ``feeds`` has the command.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from digest.cli.output import table
from digest.feeds.pace import span
from digest.model import Feed, FeedState

if TYPE_CHECKING:
    from digest.pipeline.feed_desk import FeedDetail
    from digest.pipeline.hooks import HookDetail


def feed_page(detail: FeedDetail) -> str:
    """Return everything worth knowing of a feed, the state first."""
    feed = detail.feed
    facts = [
        ("address", feed.url),
        ("site", feed.site_url or "not named"),
        ("login", f"{detail.login}, from digest.secrets.toml" if detail.login else ""),
        ("state", _state(feed)),
        ("last success", _when(feed.last_ok_at)),
        ("next poll", _next_poll(feed)),
        ("pace", _pace(feed)),
        ("moving", _moving(feed)),
        ("hub", _hub(feed, detail.hooks)),
        ("ping", detail.hooks.ping_url),
        ("posts", str(detail.posts)),
        ("warning", _gap(feed)),
        *(("warning", warning) for warning in feed.warnings),
    ]
    parts = ["\n".join([feed.title or feed.url, *(f"  {name:<12} {text}" for name, text in facts if text)])]
    if detail.answers:
        answers = [
            [f"{one.at:%Y-%m-%d %H:%M}", "ok" if one.ok else "failed", one.line] for one in detail.answers
        ]
        parts.append(table(["asked at (UTC)", "", "answer"], answers))
    if detail.newest:
        newest = [
            [post.number or "", post.state.value, f"{post.first_seen_at:%Y-%m-%d}", post.title]
            for post in detail.newest
        ]
        parts.append(table(["number", "state", "first seen", "title"], newest))
    return "\n\n".join(parts)


def _state(feed: Feed) -> str:
    if not feed.failures:
        return feed.state.value
    times = "1 failure" if feed.failures == 1 else f"{feed.failures} failures in a row"
    return f"{feed.state.value}: {feed.cause or 'no cause kept'}, {times}"


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


def _next_poll(feed: Feed) -> str:
    if feed.state is FeedState.STOPPED:
        return f"none; `digest feed start {feed.id}` lets it be asked again"
    return _when(feed.next_poll_at) if feed.next_poll_at else "at the next run"


def _pace(feed: Feed) -> str:
    if feed.poll_every_s is None:
        return "feeds.poll_minutes, until its first good answer"
    return f"every {span(feed.poll_every_s)}, a tenth more or less: {feed.poll_because}"


def _moving(feed: Feed) -> str:
    if not feed.moved_to:
        return ""
    times = "1 poll" if feed.moved_seen == 1 else f"{feed.moved_seen} polls in a row"
    return f"redirected for good to {feed.moved_to} by {times}; at the third that is its address"


def _hub(feed: Feed, told: HookDetail) -> str:
    """Return how its hub and we stand."""
    if not feed.hub_url:
        return "none named by the feed; it is polled"
    if not told.push_wanted:
        return f"{feed.hub_url}, not asked (feeds.push)"
    if told.push is None:
        return f"{feed.hub_url}, to be asked at the next run"
    push = told.push
    lease = f" until {_when(push.lease_until)}" if push.lease_until else ""
    return f"{push.hub_url}, {push.state.value}{lease}" + (f" ({push.reason})" if push.reason else "")


def _gap(feed: Feed) -> str:
    if feed.gap_at is None:
        return ""
    return (
        f"On {_when(feed.gap_at)} it showed nothing it had shown before: posts may have been missed. "
        f"`digest feed poll {feed.id} --backfill` looks for them."
    )
