"""The operator's switches: test mode or live, paused or running."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.delivery.breaker import Way
from digest.errors import NotAllowed
from digest.model import Publication
from digest.net.address import split
from digest.pipeline.asking import nonces_after_test
from digest.pipeline.tools import Tools
from digest.store import breaker, installation, lanes, notices
from subscribers import store as people
from subscribers.model import Status
from subscribers.tokens import LIFETIMES, Purpose

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class WentLive:
    """What going live changed."""

    readers: int  # confirmed readers who get the next issues
    asked_again: int  # pending people whose confirm mail had gone to the operator


def go_live(tools: Tools) -> WentLive:
    """Send to readers from now on. What was sent in test mode counts as had: nobody is flooded.

    Whose confirm mail went to the operator in the last seven days gets one now; nobody else is asked, least
    of all people who merely came in a file. Raises NotAllowed when the installation is live already, or the
    settings lack what no mail may go out without.
    """
    _refuse_open_links(tools.publication.public_url)
    _refuse_without_address(tools.publication)
    now = tools.clock()
    with tools.db.transaction() as conn:
        if installation.is_live(conn):
            raise NotAllowed("This installation is live already; nothing was changed.")
        installation.go_live(conn)
        if tools.warm_up:
            lanes.begin_warm_up(conn, now)
        readers = people.count_by_status(conn)[Status.CONFIRMED]
        waiting = notices.asked_in_test_mode(conn, since=now - LIFETIMES[Purpose.CONFIRM])
        asked = sum(_ask_again(conn, subscriber_id, now) for subscriber_id in waiting)
    log.info("installation.live", readers=readers, asked_again=asked)
    return WentLive(readers=readers, asked_again=asked)


def _refuse_open_links(public_url: str) -> None:
    """Raise NotAllowed where readers' links would cross a network unencrypted (RFC 8058 §3.1 wants https)."""
    target = split(public_url)
    if target.scheme == "https" or target.host == "localhost" or target.host.startswith("127."):
        return
    raise NotAllowed(
        f"publication.public_url is {public_url}: mail programs offer one-click unsubscribing by https only. "
        "Serve the public pages by https first, and change the setting."
    )


def _refuse_without_address(publication: Publication) -> None:
    """Raise NotAllowed where the gate would hold every issue back: nobody could tell where it comes from."""
    if publication.postal_address:
        return
    raise NotAllowed(
        "publication.postal_address is empty: every issue would be held back (ID-01), as the law of most "
        "countries wants it at the foot of each mail. Write it into the settings first."
    )


def _ask_again(conn: Connection, subscriber_id: int, now: datetime) -> bool:
    """Queue the confirm mail that replaces the one the operator got; return whether there is one."""
    return any(
        notices.queue_for_reader(conn, kind="confirm", subscriber_id=subscriber_id, nonce=nonce, now=now)
        for nonce in nonces_after_test(now)
    )


def restart_warm_up(tools: Tools) -> None:
    """Let the warm-up begin anew, with its first day. Raises NotAllowed where the settings ask for none."""
    if not tools.warm_up:
        raise NotAllowed("There is no warm-up: write warm_up = true below [delivery] first.")
    with tools.db.transaction() as conn:
        lanes.begin_warm_up(conn, tools.clock())
    log.info("warm_up.begun")


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
        for way in Way:
            breaker.close(conn, way)
        lanes.keep_slowed(conn, {}, tools.clock())
    log.info("installation.resumed")
