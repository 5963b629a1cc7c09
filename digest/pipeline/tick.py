"""One tick: everything that can be done now, in order.

    sweep → poll what is due → release what waited until now → look at pictures → compose what is due → freeze
          → deliver → settle → read the mailbox → ask hubs

Safe to run twice, from cron, or killed at any point: each step is a short transaction, and the next tick goes
on from what the database says. Only the holder of the run lock calls ``run``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from digest.delivery.states import DeliveryState, Event
from digest.model import Feed
from digest.pipeline import collect, compose, deliver, drafting, freeze, full_text, mailbox, pictures, pushes
from digest.pipeline.asking_again import end_unanswered
from digest.pipeline.catch_up import catch_up
from digest.pipeline.release import release_due
from digest.pipeline.sponsor_report import tell_ending
from digest.pipeline.sweep import sweep
from digest.pipeline.tools import Tools
from digest.store import deliveries, epoch, feeds, installation

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one tick did, for people, ``--json`` and logs."""

    paused_since: datetime | None = None
    refused: str = ""  # why nothing at all was done, and nothing will be until a person acts
    swept: dict[Event, int] = field(default_factory=dict)
    feeds: tuple[collect.Collected, ...] = ()
    feeds_known: int = 0  # due or not
    released: tuple[str, ...] = ()  # titles of posts that had waited
    issues: tuple[compose.Composed, ...] = ()
    frozen: tuple[freeze.Frozen, ...] = ()
    outcomes: dict[Event, int] = field(default_factory=dict)
    waiting: int = 0  # mails still in the queue
    trouble: tuple[str, ...] = ()  # why approved issues wait, or why sending stopped early

    @property
    def failed(self) -> bool:
        """Whether a person should look: a feed failed, an issue is blocked, sending stopped, a mail held."""
        blocked = any(made.state == "blocked" for made in self.issues)
        return (
            blocked
            or bool(self.refused or self.trouble or self.held)
            or any(feed.failed for feed in self.feeds)
        )

    @property
    def held(self) -> int:
        """How many mails this tick left for a person to decide on."""
        counts = Counter(self.swept) + Counter(self.outcomes)
        return counts[Event.UNSENDABLE] + counts[Event.HOLD] + counts[Event.POISON]


def run(tools: Tools) -> Report:
    """Do one tick and say what was done."""
    paused = _paused(tools)
    if paused:
        return Report(paused_since=paused)
    if _is_restored(tools):
        log.error("tick.refused", reason=epoch.RESTORED)
        return Report(refused=epoch.RESTORED)
    swept = sweep(tools, tools.clock())
    end_unanswered(tools, tools.clock())
    collected = poll(tools)
    released = release_due(tools, tools.clock())
    pictures.look(tools, drafting.to_be_shown(tools, tools.clock()), tools.clock())
    issues = compose.compose(tools, tools.clock())
    freezing = freeze.freeze(tools, tools.clock())
    delivered = deliver.deliver(tools)
    waiting = _waiting(tools)
    tell_ending(tools, tools.clock())
    # Last: a slow mailbox or hub must delay no mail.
    mailbox.read_due(tools, tools.clock())
    pushes.renew(tools, tools.clock())
    report = Report(
        swept=dict(swept),
        feeds=tuple(collected),
        feeds_known=_feeds_known(tools),
        released=tuple(released),
        issues=tuple(issues),
        frozen=freezing.frozen,
        outcomes=dict(delivered.events),
        waiting=waiting,
        trouble=tuple(filter(None, [freezing.refused, *freezing.stuck, *delivered.trouble])),
    )
    log.info(
        "tick.done",
        feeds=len(report.feeds),
        issues=len(report.issues),
        accepted=report.outcomes.get(Event.ACCEPT, 0),
        failed=report.failed,
    )
    return report


def poll(
    tools: Tools, wanted: Sequence[Feed] | None = None, *, backfill: bool = False
) -> list[collect.Collected]:
    """Ask these feeds, or those that are due, and keep what they say."""
    kept = []
    for polled in ask(tools, wanted, backfill=backfill):
        whole = full_text.fill(tools, polled, tools.clock())
        kept.append(collect.keep(tools, whole, tools.clock()))
    return kept


def ask(
    tools: Tools, wanted: Sequence[Feed] | None = None, *, backfill: bool = False
) -> Sequence[collect.Polled]:
    """Ask these feeds, or those that are due, and for what they may have missed; nothing is stored."""
    now = tools.clock()
    asked = collect.due(tools, now) if wanted is None else wanted
    if backfill:  # the whole answer is needed, modified or not
        asked = [replace(feed, etag="", last_modified="") for feed in asked]
    answers = collect.ask(tools.client, asked, now)
    return [catch_up(tools, polled, now, everything=backfill) for polled in answers]


def rehearse(tools: Tools, answers: Sequence[collect.Polled]) -> Report:
    """Say what a tick would do up to handing over; the caller's database is a rehearsal."""
    paused = _paused(tools)
    if paused:
        return Report(paused_since=paused)
    now = tools.clock()
    collected = [collect.keep(tools, polled, now) for polled in answers]
    released = release_due(tools, now)
    issues = compose.compose(tools, now)
    freezing = freeze.freeze(tools, now, rehearsing=True)
    return Report(
        feeds=tuple(collected),
        feeds_known=_feeds_known(tools),
        released=tuple(released),
        issues=tuple(issues),
        frozen=freezing.frozen,
        trouble=freezing.stuck,
    )


def _waiting(tools: Tools) -> int:
    with tools.db.read() as conn:
        return deliveries.all_counts(conn).get(DeliveryState.QUEUED, 0)


def _feeds_known(tools: Tools) -> int:
    with tools.db.read() as conn:
        return len(feeds.every(conn))


def _is_restored(tools: Tools) -> bool:
    with tools.db.read() as conn:
        return epoch.is_restored(conn, tools.epoch)


def _paused(tools: Tools) -> datetime | None:
    with tools.db.read() as conn:
        since = installation.paused_since(conn)
    if since:
        log.info("tick.paused", since=since.isoformat())
    return since
