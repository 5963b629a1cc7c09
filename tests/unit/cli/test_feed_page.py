"""One feed on one screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from digest.cli.feed_page import feed_page
from digest.model import Feed, FeedState
from digest.pipeline.feed_desk import FeedDetail
from digest.pipeline.hooks import HookDetail
from digest.store.feeds import Answered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEED = Feed(id=1, url="https://b.example/feed", added_at=NOW)


def page(feed: Feed, *, login: str = "", answers: tuple[Answered, ...] = ()) -> list[str]:
    hooks = HookDetail(push=None, push_wanted=True, ping_url="https://n.example/ping/t")
    detail = FeedDetail(feed=feed, login=login, posts=0, newest=(), answers=answers, hooks=hooks)
    return feed_page(detail).splitlines()


def test_a_feed_that_was_never_asked() -> None:
    assert page(FEED) == [
        "https://b.example/feed",
        "  address      https://b.example/feed",
        "  site         not named",
        "  state        new",
        "  last success never",
        "  next poll    at the next run",
        "  pace         feeds.poll_minutes, until its first good answer",
        "  hub          none named by the feed; it is polled",
        "  ping         https://n.example/ping/t",
        "  posts        0",
    ]


def test_a_feed_in_trouble_says_everything() -> None:
    troubled = replace(
        FEED,
        title="Blog",
        site_url="https://b.example/",
        state=FeedState.FAILING,
        failures=3,
        cause="http_404",
        last_ok_at=NOW,
        next_poll_at=NOW,
        poll_every_s=10_800,
        poll_because="it posts about every day",
        moved_to="https://c.example/feed",
        moved_seen=2,
        hub_url="https://hub.example/",
        gap_at=NOW,
        warnings=("The feed lists no posts.",),
    )
    answers = (Answered(at=NOW, ok=False, line="http_404: gone"), Answered(at=NOW, ok=True, line="200"))
    assert page(troubled, login="basic", answers=answers) == [
        "Blog",
        "  address      https://b.example/feed",
        "  site         https://b.example/",
        "  login        basic, from digest.secrets.toml",
        "  state        failing: http_404, 3 failures in a row",
        "  last success 2026-11-23 12:00 UTC",
        "  next poll    2026-11-23 12:00 UTC",
        "  pace         every 3 hours, a tenth more or less: it posts about every day",
        (
            "  moving       redirected for good to https://c.example/feed by 2 polls in a row; "
            "at the third that is its address"
        ),
        "  hub          https://hub.example/, to be asked at the next run",
        "  ping         https://n.example/ping/t",
        "  posts        0",
        (
            "  warning      On 2026-11-23 12:00 UTC it showed nothing it had shown before: posts "
            "may have been missed. `digest feed poll 1 --backfill` looks for them."
        ),
        "  warning      The feed lists no posts.",
        "",
        "asked at (UTC)            answer",
        "2026-11-23 12:00  failed  http_404: gone",
        "2026-11-23 12:00  ok      200",
    ]


def test_a_stopped_feed_says_how_to_go_on() -> None:
    assert "  next poll    none; `digest feed start 1` lets it be asked again" in page(
        replace(FEED, state=FeedState.STOPPED, next_poll_at=NOW)
    )
