"""The ledger under random events: whatever happens in whatever order, its promises hold.

One SQLite database per history; the rules are what senders, sweeps, readers and time may do.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from digest.delivery.states import FINAL, TRANSITIONS, DeliveryState, Event, IllegalTransition
from digest.pipeline.sweep import sweep
from digest.store import deliveries
from digest.store.claims import Claim
from subscribers import store as people
from subscribers.lifecycle import Event as Life
from subscribers.model import Preferences
from tests.installation import Clock, installation
from tests.ledgers import a_reader, an_issue, claim, commit, owed, rows

S, E = DeliveryState, Event
ONE_STEP = {(before, after) for (before, _), after in TRANSITIONS.items()}
# A sweep may take several steps in one transaction: out of doubt and on, out of a claim and to its end.
SWEPT = {
    (S.COMMITTING, S.QUEUED),
    (S.COMMITTING, S.HELD),
    *(
        (state, end)
        for state in (S.CLAIMED, S.COMMITTING, S.UNCERTAIN)
        for end in (S.SUPPRESSED, S.EXPIRED, S.CANCELLED)
    ),
}
BEFORE_COMMIT = [E.RELEASE, E.DEFER, E.REJECT, E.UNSENDABLE]
AFTER_COMMIT = [E.ACCEPT, E.DEFER, E.REJECT, E.UNSENDABLE, E.LOSE]


class Ledger(RuleBasedStateMachine):
    """Three readers of one issue, and everything that can happen to their mail."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        self.clock = Clock()
        self.app = self.open.enter_context(installation(folder, clock=self.clock))
        self.readers = [a_reader(self.app) for _ in range(3)]
        self.issue = an_issue(self.app, self.readers)
        self.is_cancelled = False
        self.held: list[Claim] = []  # what senders, living and dead, believe to hold
        self.replies = dict.fromkeys((1, 2, 3), 0)  # how often the far side said yes, per delivery
        self.before = dict.fromkeys((1, 2, 3), S.QUEUED)
        self.allowed = ONE_STEP

    def teardown(self) -> None:
        self.open.close()

    def tell(self, held: Claim, event: Event) -> bool:
        with self.app.database.transaction() as conn:
            changes = {"doubts": held.doubts + 1} if event is E.LOSE else {}
            return deliveries.happened(conn, held, event, now=self.clock(), **changes)

    def state(self, held: Claim) -> DeliveryState:
        return DeliveryState(rows(self.app)[held.id - 1].state)

    # --- Senders ---

    @rule(limit=st.integers(1, 3))
    def claim_some(self, limit: int) -> None:
        self.held += claim(self.app, limit)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def commit_and_answer(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.held))
        event = data.draw(st.sampled_from(AFTER_COMMIT))
        if commit(self.app, held):
            self.allowed = ONE_STEP | {(S.CLAIMED, self.app_state_after(event))}
            if event is E.ACCEPT:
                self.replies[held.id] += 1
            assert self.tell(held, event)

    @staticmethod
    def app_state_after(event: Event) -> DeliveryState:
        return TRANSITIONS[S.COMMITTING, event]

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def commit_and_die(self, data: st.DataObject) -> None:
        commit(self.app, data.draw(st.sampled_from(self.held)))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), event=st.sampled_from(list(Event)))
    def say_anything(self, data: st.DataObject, event: Event) -> None:
        """A sender, dead or alive, says something: it counts only by the table and the newest fence."""
        held = data.draw(st.sampled_from(self.held))
        if (self.state(held), event) in TRANSITIONS:
            self.tell(held, event)
        elif rows(self.app)[held.id - 1].fence == held.fence:
            with pytest.raises(IllegalTransition):
                self.tell(held, event)
        else:
            assert not self.tell(held, event)

    # --- The rest of the world ---

    @rule(policy=st.sampled_from(["resend", "hold"]), sure=st.booleans())
    def sweep(self, policy: str, sure: bool) -> None:
        self.allowed = ONE_STEP | SWEPT
        sweep(replace(self.app.tools, on_uncertain=policy, sure=sure), self.clock())

    @rule(minutes=st.sampled_from([1, 3, 12, 60 * 24 * 6]))
    def wait(self, minutes: int) -> None:
        self.clock.pass_time(minutes=minutes)

    @precondition(lambda self: not self.is_cancelled)
    @rule()
    def cancel(self) -> None:
        """An operator ends the issue: what is queued or held is owed, what is in hand goes no further."""
        self.is_cancelled = True
        self.app.issue_desk.cancel(self.issue.name)

    @rule(index=st.integers(0, 2), event=st.sampled_from([Life.UNSUBSCRIBE, Life.UNDO, Life.BOUNCE]))
    def change_status(self, index: int, event: Life) -> None:
        with self.app.database.transaction() as conn:
            person = people.by_id(conn, self.readers[index].id)
            people.apply(conn, person, event, now=self.clock(), source="test")

    @rule(index=st.integers(0, 2), pause=st.booleans())
    def change_pause(self, index: int, pause: bool) -> None:
        until = self.clock().replace(year=2030) if pause else None
        with self.app.database.transaction() as conn:
            person = people.by_id(conn, self.readers[index].id)
            people.change_preferences(conn, person, Preferences(paused_until=until), now=self.clock())

    # --- What must hold ---

    @invariant()
    def every_change_is_a_row_of_the_table(self) -> None:
        found = rows(self.app)
        after = {row.id: DeliveryState(row.state) for row in found}
        for id_, state in after.items():
            before = self.before[id_]
            assert before is state or (before, state) in self.allowed, f"{before} became {state}"
            assert before not in FINAL or state is before, f"{before} was final"
        self.before, self.allowed = after, ONE_STEP

    @invariant()
    def nobody_is_mailed_of_a_cancelled_issue(self) -> None:
        if self.is_cancelled:
            for held in self.held:
                assert not commit(self.app, held)

    @invariant()
    def nothing_is_accepted_twice(self) -> None:
        assert max(self.replies.values()) <= 1

    @invariant()
    def whoever_was_not_served_is_owed(self) -> None:
        for row, reader in zip(rows(self.app), self.readers, strict=True):
            unserved = DeliveryState(row.state) in FINAL - {S.ACCEPTED}
            assert owed(self.app, reader) == ({1, 2} if unserved else set())


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=20, stateful_step_count=25)
