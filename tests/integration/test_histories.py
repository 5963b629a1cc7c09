"""No gap, no repeat, through the real installation: random weeks of readers, posts, ticks and far sides."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from digest.app import App
from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState
from digest.model import OutcomeKind
from digest.store import issues, progress
from digest.store import tables as t
from subscribers.errors import BadToken
from subscribers.model import Cadence, Status, Subscriber
from subscribers.tokens import Purpose
from tests.histories import READERS, THEMES, Witness, people_steps
from tests.installation import Clock, a_post, ask_to_join, installation, publish
from tests.ledgers import ScriptedBackend

NOT_HAD = {DeliveryState.REJECTED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED}


class Installation:
    """The real thing behind the steps of a history."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.witness = Witness()
        self._app, self._clock = app, clock
        self._posts = 0
        self._undo: dict[int, str] = {}  # the button on the page of whoever has just left

    def person(self, one: int) -> Subscriber:
        return self._app.readers.find(f"reader-{one}@reader.example")

    def link(self, purpose: Purpose, one: int) -> str:
        return self._app.readers.link(purpose, self.person(one))

    # --- What people do ---

    def publish(self, theme: str) -> None:
        self._posts += 1
        publish(self._app, a_post(f"Post {self._posts}", category=theme.title()))
        with self._app.database.read() as conn:
            newest = select(t.post.c.number, t.post.c.theme_key).order_by(t.post.c.number.desc()).limit(1)
            number, key = conn.execute(newest).one()
        assert key == theme
        self.witness.published(number, key)

    def confirm(self, one: int) -> None:
        if one in self.witness.joined:
            return
        known = one in self.witness.known
        wanted = self.person(one).preferences if known else None
        self._clock.pass_time(days=31)  # a new confirm mail may be asked for again
        person = ask_to_join(
            self._app,
            f"reader-{one}@reader.example",
            wanted.cadence if wanted else Cadence.WEEKLY,
            wanted.themes if wanted else frozenset(),
        )
        self._app.readers.confirm(self._app.readers.link(Purpose.CONFIRM, person))
        self.witness.confirmed(one)

    def choose(self, one: int, cadence: Cadence, wanted: frozenset[str]) -> None:
        if one in self.witness.joined:
            link = self.link(Purpose.PREFERENCES, one)
            self._app.readers.change_preferences(link, cadence=cadence, themes=wanted)
            self.witness.chose(one, wanted)

    def pause(self, one: int) -> None:
        if one in self.witness.joined:
            self._app.readers.pause(self.link(Purpose.PREFERENCES, one))

    def resume(self, one: int) -> None:
        if one in self.witness.joined:
            self._app.readers.resume(self.link(Purpose.PREFERENCES, one))

    def leave(self, one: int) -> None:
        if one in self.witness.joined:
            left = self._app.readers.unsubscribe(self.link(Purpose.UNSUBSCRIBE, one))
            self._undo[one] = left.undo_token
            self.witness.left(one)

    def undo(self, one: int) -> None:
        """Press the undo button of the page that said goodbye; after ten minutes it does nothing."""
        token = self._undo.pop(one, "")
        if token and one not in self.witness.joined:
            with suppress(BadToken):
                self._app.readers.undo(token)
                self.witness.undone(one)

    # --- What the installation does ---

    def tick(self, days: int, answers: list[OutcomeKind | None]) -> None:
        """Let days pass and run; the far side answers in turn; None: it is out."""
        self._clock.pass_time(days=days, minutes=1)
        backend = ScriptedBackend(lambda message: answers[message.delivery_id % len(answers)])
        tools = replace(self._app.tools, backend=lambda: backend)
        self._app.tools, kept = tools, self._app.tools
        report = self._app.run()
        self._app.tools = kept
        assert not [made for made in report.issues if made.state is IssueState.BLOCKED]

    # --- What must hold ---

    def check(self) -> None:
        with self._app.database.read() as conn:
            for one in self.witness.known:
                person = self.person(one)
                through = progress.had_through(conn, [person.id]).get(person.id, 0)
                owed = progress.owed_numbers(conn, [person.id]).get(person.id, frozenset())
                to_come = {number for number in self.witness.themes if number > through}
                self.witness.check(one, self._served(conn, person), to_come | owed)

    def check_nothing_waits(self) -> None:
        for one in self.witness.joined:
            self.resume(one)
        for _ in range(3):  # what is still queued, one issue of each cadence, and what that one made owed
            self.publish("")  # an every-post issue is due when there is a post
            self.tick(35, [OutcomeKind.ACCEPTED])
        with self._app.database.read() as conn:
            for one in self.witness.joined:
                person = self.person(one)
                assert person.status is Status.CONFIRMED
                self.witness.check(one, self._served(conn, person), ())
            assert {issue.state for issue in issues.newest(conn, 500)} <= {
                IssueState.DONE,
                IssueState.DONE_WITH_HOLDS,
                IssueState.EMPTY,
                IssueState.SUPERSEDED,
            }

    def _served(self, conn, person: Subscriber) -> list[list[int]]:
        statement = (
            select(t.segment.c.numbers)
            .join(t.delivery, t.delivery.c.segment_id == t.segment.c.id)
            .where(t.delivery.c.subscriber_id == person.id, t.delivery.c.state.not_in(NOT_HAD))
        )
        return list(conn.execute(statement).scalars())


# A far side withdraws nothing: only our own commit point does.
far_sides = [None, *(kind for kind in OutcomeKind if kind is not OutcomeKind.WITHDRAWN)]
answers = st.lists(st.sampled_from(far_sides), min_size=1, max_size=4)
a_tick = st.tuples(st.just("tick"), st.sampled_from([0, 1, 3, 7, 14, 31]), answers)
a_step = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(THEMES)),
    st.tuples(st.just("publish"), st.sampled_from(THEMES)),
    a_tick,
    a_tick,
    *people_steps,
)


@pytest.mark.timeout(600)  # many whole installations: a busy machine takes its time
@settings(max_examples=24, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(a_step, min_size=10, max_size=20))
def test_no_gap_and_no_repeat_in_a_real_installation(history):
    clock = Clock()
    late = {"max_late_hours": 24 * 365}  # a tick at any time makes the last issue that was due
    with (
        tempfile.TemporaryDirectory() as folder,
        installation(Path(folder), clock=clock, schedule=late) as app,
    ):
        real = Installation(app, clock)
        for one in READERS:
            real.confirm(one)
        for what, *to_whom in history:
            getattr(real, what)(*to_whom)
            real.check()
        real.check_nothing_waits()
