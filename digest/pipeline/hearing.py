"""Hearing back: what mail servers and providers tell later, matched to our mails, written down and obeyed.

For each event, in one transaction: find the delivery and the proof that it is meant → write the event down,
once → a mail in doubt has arrived → act on the reader → stop the issue where too much is heard of it.

What leads to no mail of ours is counted and leaves nothing behind. No delivery ever moves backwards.
Neighbours: ``providers.dsn`` and the webhooks make events, ``delivery.suppression`` has the rules.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from digest.delivery import states, suppression
from digest.delivery.events import EventKind, ProviderEvent, named_delivery
from digest.delivery.issue_states import IssueState
from digest.delivery.states import Event
from digest.delivery.suppression import Brake, Weight
from digest.model import Outcome, OutcomeKind
from digest.pipeline.tools import Tools
from digest.providers.bounce_words import verdict
from digest.providers.replies import enhanced_status
from digest.rendering.personalise import proof_of, seed_of
from digest.store import deliveries, issues, notices, provider_events, strays
from digest.store.claims import Claim
from digest.store.deliveries import Stray
from digest.store.provider_events import Told
from subscribers import store as people
from subscribers.address import parse
from subscribers.errors import SubscriberError
from subscribers.lifecycle import Event as Life
from subscribers.model import Status, Subscriber

log = structlog.get_logger()


class Heard(StrEnum):
    """What became of one event."""

    NEW = "new"  # written down
    KNOWN = "known"  # told before: nothing was changed
    UNMATCHED = "unmatched"  # about no mail of ours, or without proof: nothing was written


_BOUNCES = frozenset({EventKind.BOUNCED_HARD, EventKind.BOUNCED_SOFT})


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One event and the mail it is about."""

    event: ProviderEvent
    told: Told
    now: datetime


def hear(tools: Tools, events: Sequence[ProviderEvent], now: datetime) -> Counter[Heard]:
    """Write down and obey events; return how many were new, known, and about no mail of ours."""
    heard: Counter[Heard] = Counter()
    for event in events:
        with tools.db.transaction() as conn:
            told = match(conn, tools, event)
            became = _take(conn, tools, event, told, now) if told else Heard.UNMATCHED
        heard[became] += 1
        if became is Heard.UNMATCHED:
            log.warning("event.unmatched", provider=event.provider, kind=event.kind.value)
        elif told and became is Heard.NEW:
            log.info(
                "event.heard",
                provider=event.provider,
                kind=event.kind.value,
                delivery=told.id,
                code=event.code,
            )
    return heard


def hear_refusal(conn: Connection, tools: Tools, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Let a refusal at the hand-over count by the same rules; in the transaction that writes it."""
    if outcome.kind is not OutcomeKind.REJECTED or claim.subscriber_id is None:
        return
    told = provider_events.by_delivery(conn, claim.id)
    if told is None:
        return
    decided = verdict(enhanced_status(outcome.code.partition(" ")[2]), outcome.detail)
    event = ProviderEvent(
        provider="reply",
        event_id=f"{claim.id}/{claim.fence}",
        kind=EventKind.BOUNCED_HARD if decided.hard else EventKind.BOUNCED_SOFT,
        code=decided.code,
        detail=outcome.detail,
    )
    _take(conn, tools, event, told, now)


def match(conn: Connection, tools: Tools, event: ProviderEvent) -> Told | None:
    """Return the mail an event is about; None where there is none, or nothing proves it.

    A token of ours proves it by itself: a mail that was forwarded bounces from another address than the
    reader's. Else the address, where one is told, must be the reader's.
    """
    if event.token:
        delivery_id = tools.bounce_tokens.delivery_id(event.token)
        return None if delivery_id is None else provider_events.by_delivery(conn, delivery_id)
    told = _by_reference(conn, tools, event.reference)
    told = told or provider_events.by_provider_id(conn, event.provider, event.provider_id, event.address)
    if told is None or (event.address and not _is_for(told, event.address)):
        return None
    return told


def _by_reference(conn: Connection, tools: Tools, reference: str) -> Told | None:
    named = named_delivery(reference)
    told = provider_events.by_delivery(conn, named[0]) if named else None
    if named is None or told is None:
        return None
    expected = proof_of(seed_of(tools.publication.list_id, told.named), told.public_id or "operator")
    return told if hmac.compare_digest(named[1], expected) else None


def _is_for(told: Told, address: str) -> bool:
    """Return whether a mail went to this address; in test mode every mail went to the operator."""
    if told.test_mode:
        return True
    return bool(told.address) and told.address.casefold() == address.strip().casefold()


def _take(conn: Connection, tools: Tools, event: ProviderEvent, told: Told, now: datetime) -> Heard:
    """Write one matched event down and obey it."""
    if not provider_events.keep(conn, event, told, now=now):
        return Heard.KNOWN
    case = _Case(event=event, told=told, now=now)
    _resolve(conn, case)
    if told.test_mode:
        return Heard.NEW  # it was the operator's mailbox: nothing is known of the reader's
    if told.subscriber_id is not None:
        _act(conn, tools, case, people.by_id(conn, told.subscriber_id))
    if told.issue_id is not None:
        _brake(conn, case, told.issue_id)
    return Heard.NEW


def _resolve(conn: Connection, case: _Case) -> None:
    """A mail of which something was heard was taken: that ends any doubt about it.

    Its fence is taken away too, so that a sender still waiting for the reply finds it written, and one that
    prepares a second try may not send it.
    """
    told = case.told
    arrived = case.event.kind is EventKind.DELIVERED
    if not states.news_settles(told.state, flagged=told.flagged, arrived=arrived):
        return
    stray = Stray(id=told.id, fence=told.fence, state=told.state, crashes=0, doubts=0)
    reason = f"heard back: {case.event.kind.value}"
    if deliveries.happened(conn, stray, Event.HEAR, now=case.now, reason=reason):
        strays.take_away(conn, stray)


def _act(conn: Connection, tools: Tools, case: _Case, person: Subscriber) -> None:
    """Do to a reader what an event asks for."""
    kind, source = case.event.kind, f"{case.event.provider} event"
    if person.status is Status.ERASED:
        return
    if kind is EventKind.UNSUBSCRIBED:
        people.apply(conn, person, Life.UNSUBSCRIBE, now=case.now, source=source)
    elif kind is EventKind.COMPLAINED:
        _bar(conn, tools, person, Life.COMPLAIN, case)
    elif kind in _BOUNCES and _counts(case, person) and _is_gone(conn, case, person):
        _bar(conn, tools, person, Life.BOUNCE, case)


def _counts(case: _Case, person: Subscriber) -> bool:
    """Return whether a bounce is newer than the reader's last proof that the mailbox exists."""
    sent_at = case.told.sent_at
    return sent_at is None or person.confirmed_at is None or sent_at >= person.confirmed_at


def _is_gone(conn: Connection, case: _Case, person: Subscriber) -> bool:
    return suppression.is_gone(
        provider_events.notices_of(conn, person.id, since=person.confirmed_at),
        provider_events.arrived(conn, person.id, now=case.now),
        cadence=person.preferences.cadence,
    )


def _bar(conn: Connection, tools: Tools, person: Subscriber, event: Life, case: _Case) -> None:
    """Suppress an address, and end the mail to whoever has it."""
    try:
        key = parse(person.email, allow_reserved=True).key
    except SubscriberError:  # stored under older rules: its hash is made of what is stored
        key = person.email
    hashed = tools.signer.address_hash(key)
    source = f"{case.event.provider} event"
    people.bar(conn, person, event, address_hash=hashed, now=case.now, source=source)
    log.info("reader.suppressed", delivery=case.told.id, because=event.value, code=case.event.code)


def _brake(conn: Connection, case: _Case, issue_id: int) -> None:
    """Warn of an issue, or stop it and ask, where too much is heard of it: each once an issue."""
    sent = provider_events.sent_of_issue(conn, issue_id)
    if case.event.kind is EventKind.COMPLAINED:
        count = provider_events.count_of_issue(conn, issue_id, [EventKind.COMPLAINED])
        brake, what = suppression.complaint_brake(complaints=count, sent=sent), "complaints"
    elif suppression.weight(case.event.kind, case.event.code) in (Weight.GONE, Weight.NO_HOST):
        count = provider_events.count_of_issue(conn, issue_id, [EventKind.BOUNCED_HARD])
        brake, what = suppression.bounce_brake(bounces=count, sent=sent), "hard bounces"
    else:
        return
    if brake is not Brake.NONE:
        _tell(conn, case, issue_id, brake, f"{count} {what} of {sent} mails")


def _tell(conn: Connection, case: _Case, issue_id: int, brake: Brake, found: str) -> None:
    what = "complaints" if case.event.kind is EventKind.COMPLAINED else "bounces"
    issue = issues.by_id(conn, issue_id)
    stops = brake is Brake.STOP and issue.state is IssueState.SENDING
    told = notices.alert(
        conn,
        nonce=f"{what}-{brake.value}-{issue_id}",
        problem=f"Issue {issue.name} was stopped." if stops else f"Issue {issue.name} is not welcome.",
        detail=f"There were {found}.",
        what_to_do=f"Look where these readers came from; `digest issue continue {issue.name}` goes on."
        if stops
        else "Look where these readers came from before the next issue goes out.",
        now=case.now,
    )
    # Asked once an issue: whoever has said "continue" is not stopped again by the next event.
    if told and stops:
        issues.move(conn, issue_id, IssueState.STOPPED)
    if told:
        log.warning("issue.braked", issue=issue.name, brake=brake.value, found=found)
