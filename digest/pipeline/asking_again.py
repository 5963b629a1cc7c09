"""Asking readers whether they still want mail: a word of theirs keeps it coming, silence ends it.

    ask → a mail with a button, good for 30 days → keep, or nothing → the subscription ends by itself

Whatever a reader says meanwhile (new choices, a pause) is an answer too. Neighbours: ``readers`` is what a
reader can do otherwise, ``web.answering`` shows the button.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from digest.errors import NotAllowed
from digest.pipeline.asking import nonce_of_day
from digest.pipeline.readers import Readers, in_words, known
from digest.pipeline.tools import Tools
from digest.store import notices
from subscribers import store
from subscribers.lifecycle import Event
from subscribers.model import ConsentKind, Status, Subscriber
from subscribers.tokens import LIFETIMES, Purpose

_SOURCE = "re-permission page"

log = structlog.get_logger()


def ask(readers: Readers, email: str) -> datetime:
    """Ask a reader, by mail, whether they still want it; return until when they can answer.

    Raises BadAddress, UnknownName, and NotAllowed for somebody who gets no mail anyway.
    """
    address = readers.parse(email)
    now = readers.clock()
    with readers.db.transaction() as conn:
        person = known(store.by_email(conn, address.key, lock=True))
        if person.status is not Status.CONFIRMED:
            raise NotAllowed(f"{person.email} is {person.status.value} and gets no mail: nothing to ask.")
        readers.queue_notice(conn, kind="re-permission", subscriber_id=person.id, nonce=nonce_of_day(now))
    return now + LIFETIMES[Purpose.KEEP]


def keep(readers: Readers, token: str) -> Subscriber:
    """Store that the holder of a link still wants mail. Raises BadToken, and NotAllowed for non-readers."""
    now = readers.clock()
    public_id = readers.signer.read_timed(Purpose.KEEP, token, now)
    with readers.db.transaction() as conn:
        person = store.by_public_id(conn, public_id, lock=True)
        if person.status is not Status.CONFIRMED:
            raise NotAllowed("This address does not receive the newsletter now. Sign up again first.")
        word = store.last_word(conn, person.id)
        if word and word.source == _SOURCE and now - word.at < LIFETIMES[Purpose.KEEP]:
            return person  # pressing twice is pressing once
        store.append_consent(
            conn,
            person.id,
            ConsentKind.CONFIRMED,
            now=now,
            source=_SOURCE,
            detail=in_words(person.preferences),
        )
    return person


def end_unanswered(tools: Tools, now: datetime) -> int:
    """End the subscriptions of those who were asked 30 days ago and said nothing; return how many."""
    with tools.db.read() as conn:
        silent = notices.unanswered(conn, asked_before=now - LIFETIMES[Purpose.KEEP])
    for public_id in silent:
        with tools.db.transaction() as conn:
            person = store.by_public_id(conn, public_id, lock=True)
            store.apply(conn, person, Event.UNSUBSCRIBE, now=now, source="re-permission: no answer")
    if silent:
        log.info("readers.did_not_answer", readers=len(silent))
    return len(silent)
