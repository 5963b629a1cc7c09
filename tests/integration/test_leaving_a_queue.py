"""Leaving counts at once, however long the queue is and however near the mail (promise P4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from sqlalchemy import select

from digest.delivery.states import DeliveryState, Event
from digest.model import OutcomeKind
from digest.pipeline.deliver import deliver
from digest.pipeline.sender import CLAIM_AT_ONCE
from digest.store.tables import delivery
from subscribers import store as people
from subscribers.lifecycle import Event as Life
from tests import ledgers
from tests.installation import Clock, installation


def leave(app, reader):
    with app.database.transaction() as conn:
        person = people.by_id(conn, reader.id)
        people.apply(conn, person, Life.UNSUBSCRIBE, now=app.clock(), source="test")


def test_whoever_leaves_is_not_mailed_from_the_next_commit_point_on(tmp_path):
    """The reader of the very mail in hand leaves, one already claimed, and one far back in the queue."""
    with installation(tmp_path, clock=Clock(), smtp={"connections": 1}) as app:
        readers = [ledgers.a_reader(app) for _ in range(CLAIM_AT_ONCE + 50)]
        ledgers.an_issue(app, readers)
        goes = {readers[3].id: [readers[3], readers[20], readers[-1]]}

        def before_commit():
            """Called when a body is with the server, right before its commit point."""
            with app.database.read() as conn:
                in_hand = select(delivery.c.subscriber_id).where(delivery.c.state == DeliveryState.CLAIMED)
                reader = conn.execute(in_hand.order_by(delivery.c.id).limit(1)).scalar_one()
            for left in goes.pop(reader, []):
                leave(app, left)

        backend = ledgers.ScriptedBackend(lambda _: OutcomeKind.ACCEPTED, before_commit=before_commit)
        done = deliver(replace(app.tools, backend=lambda: backend))
        assert not goes
        gone = {readers[3].id, readers[20].id, readers[-1].id}
        states = {row.subscriber_id: row.state for row in ledgers.rows(app)}
        accepted = {reader for reader, state in states.items() if state == DeliveryState.ACCEPTED}
        assert accepted == {reader.id for reader in readers} - gone
        assert len(backend.handed_over) == len(readers) - len(gone)
        assert done.events[Event.ACCEPT] == len(readers) - len(gone)
        assert Counter(states.values())[DeliveryState.ACCEPTED] == len(backend.handed_over)
