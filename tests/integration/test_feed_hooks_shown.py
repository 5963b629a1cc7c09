"""What ``digest feed show`` tells of hubs and pings."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.app import App
from digest.cli.feed_page import feed_page
from digest.hubs import Push, PushState
from digest.store import feeds, pushes
from tests.installation import BEGINNING, Clock, installation, publish

HUB = "https://hub.example/"


def told(app: App, name: str) -> str:
    """Return one line of the page."""
    lines = dict(
        line.strip().split(None, 1) for line in feed_page(app.feed_desk.show("1")).splitlines()[1:10]
    )
    return lines[name]


@pytest.mark.parametrize(
    ("hub", "push", "state", "line"),
    [
        ("", "on", None, "none named by the feed; it is polled"),
        (HUB, "auto", None, f"{HUB}, not asked (feeds.push)"),  # public_url is http here
        (HUB, "off", None, f"{HUB}, not asked (feeds.push)"),
        (HUB, "on", None, f"{HUB}, to be asked at the next run"),
        (HUB, "on", PushState.ACTIVE, f"{HUB}, active until 2026-11-23 09:00 UTC"),
        (HUB, "on", PushState.DENIED, f"{HUB}, denied (not today)"),
    ],
)
def test_how_a_hub_stands_is_told(
    tmp_path: Path, hub: str, push: str, state: PushState | None, line: str
) -> None:
    with installation(tmp_path, clock=Clock(), feeds={"push": push}) as app:
        publish(app)
        with app.database.transaction() as conn:
            feeds.record(conn, 1, hub_url=hub, topic_url="x")
            if state is not None:
                active = state is PushState.ACTIVE
                stored = Push(
                    feed_id=1,
                    hub_url=hub,
                    topic_url="x",
                    state=state,
                    requested_at=BEGINNING,
                    lease_until=BEGINNING if active else None,
                    reason="" if active else "not today",
                )
                pushes.keep(conn, stored)
        assert told(app, "hub") == line


def test_the_address_to_ping_is_public(tmp_path: Path) -> None:
    public = {"public_url": "https://news.example/sub"}
    with installation(tmp_path, clock=Clock(), publication=public) as app:
        publish(app)
        assert told(app, "ping").startswith("https://news.example/sub/ping/k1.1.")
        assert app.tools.push  # "auto" asks hubs where the pages are public
