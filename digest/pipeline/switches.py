"""The operator's switches: test mode or live, paused or running."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from digest.errors import NotAllowed
from digest.pipeline.tools import Tools
from digest.store import breaker, installation, notices
from subscribers import store as people
from subscribers.model import Status
from subscribers.tokens import LIFETIMES, Purpose

log = structlog.get_logger()

PAGE = 500  # people per query


@dataclass(frozen=True, kw_only=True)
class WentLive:
    """What going live changed."""

    readers: int  # confirmed readers who get the next issues
    asked_again: int  # pending people whose confirm mail had gone to the operator


def go_live(tools: Tools) -> WentLive:
    """Send to readers from now on. What was sent in test mode counts as had: nobody is flooded.

    Whoever asked to join in test mode and can still confirm is sent the confirm mail now. Raises
    NotAllowed when the installation is live already.
    """
    now = tools.clock()
    asked = 0
    with tools.db.transaction() as conn:
        if installation.is_live(conn):
            raise NotAllowed("This installation is live already; nothing was changed.")
        installation.go_live(conn)
        readers = people.count_by_status(conn)[Status.CONFIRMED]
        after = 0
        while page := people.listing(conn, status=Status.PENDING, after_id=after, limit=PAGE):
            after = page[-1].id
            for person in page:
                if now - person.created_at <= LIFETIMES[Purpose.CONFIRM]:
                    asked += notices.queue_for_reader(
                        conn, kind="confirm", subscriber_id=person.id, nonce="go-live", now=now
                    )
    log.info("installation.live", readers=readers, asked_again=asked)
    return WentLive(readers=readers, asked_again=asked)


def pause(tools: Tools) -> None:
    """Stop everything: no poll, no issue, no mail, until ``resume``."""
    with tools.db.transaction() as conn:
        if installation.paused_since(conn) is None:
            installation.pause(conn, tools.clock())
    log.info("installation.paused")


def resume(tools: Tools) -> None:
    """Let everything go on where it stopped; mail that waited for its server is tried at once."""
    with tools.db.transaction() as conn:
        installation.resume(conn)
        breaker.close(conn)
    log.info("installation.resumed")
