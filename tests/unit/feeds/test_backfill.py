"""What ends a walk through older pages. What they hold is tried in tests/integration/test_backfill.py."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.feeds.backfill import page_back
from digest.feeds.fetch import fetch
from digest.feeds.parse import parse
from digest.net.client import Client, Limits
from tests.servers import FeedServer

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def page(number: int) -> str:
    links = f"<atom:link rel='next' href='/feed?{number + 1}'/><generator>WordPress</generator>"
    item = f"<item><title>{number}</title><guid>{number}</guid></item>"
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>T</title>"
        f"{links}{item}</channel></rss>"
    )


@pytest.mark.parametrize(
    ("status", "patience_s", "trouble"),
    [(404, 60.0, "404"), (500, 60.0, "500"), (200, -1.0, "took too long")],
)
def test_what_was_found_before_trouble_is_kept_and_the_trouble_told(
    status: int, patience_s: float, trouble: str
) -> None:
    with FeedServer() as site, Client(Limits(allow_private=True), "Everypost-test") as client:
        url = site.route("/feed", page(1))
        site.route("/feed?2", page(2))
        site.route("/feed?3", page(3), status=status)
        answer = fetch(client, url)
        parsed = parse(answer.body or b"", content_type="", url=url)
        older = page_back(
            client,
            answer,
            parsed,
            is_known=lambda posts: [False] * len(posts),
            everything=False,
            now=NOW,
            patience_s=patience_s,
        )
    assert [post.title for post in older.posts] == ([] if patience_s < 0 else ["2"])
    assert trouble in older.trouble
