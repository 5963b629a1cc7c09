"""No gap, no repeat: the plan over random histories, with a ledger on paper.

``EVERYPOST_HISTORIES=10000 pytest tests/unit/delivery/test_who_has_had_what.py`` runs the long version.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery import plan
from digest.delivery.states import OWES_AGAIN, DeliveryState, Event, next_state
from subscribers.model import Cadence
from tests.histories import CADENCES, READERS, THEMES, Witness, cadence, people_steps

HISTORIES = int(os.environ.get("EVERYPOST_HISTORIES", "300"))
NOT_HAD = {DeliveryState.REJECTED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED}


@dataclass
class PaperReader:
    cadence: Cadence = Cadence.WEEKLY
    confirmed: bool = False
    paused: bool = False
    had_through: int = 0
    owed: set[int] = field(default_factory=set)
    archived: set[int] = field(default_factory=set)  # beyond the newest twenty of a mail


@dataclass
class PaperDelivery:
    reader: int
    numbers: tuple[int, ...]
    state: DeliveryState = DeliveryState.QUEUED


@dataclass
class PaperIssue:
    cadence: Cadence
    cutoff: int
    content: frozenset[int]


class Paper:
    """What the store keeps of progress, debts and deliveries, as lists and sets."""

    def __init__(self) -> None:
        self.witness = Witness()
        self.readers = {one: PaperReader() for one in READERS}
        self.last_number = 0
        self.mailable: dict[int, str] = {}
        self.last_cutoff: dict[Cadence, int] = defaultdict(int)
        self.drafts: list[PaperIssue] = []
        self.deliveries: list[PaperDelivery] = []

    # --- What people do ---

    def publish(self, theme: str, count: int) -> None:
        for _ in range(count):
            self.last_number += 1
            self.mailable[self.last_number] = theme
            self.witness.published(self.last_number, theme)

    def withdraw(self, back: int) -> None:
        number = self.last_number - back
        if self.mailable.pop(number, None) is not None:
            self.witness.withdrawn(number)

    def choose(self, one: int, cadence: Cadence, wanted: frozenset[str]) -> None:
        self.readers[one].cadence = cadence
        self.witness.chose(one, wanted)

    def pause(self, one: int) -> None:
        self.readers[one].paused = True
        self._stop_queued(one)

    def resume(self, one: int) -> None:
        self.readers[one].paused = False

    def leave(self, one: int) -> None:
        self.readers[one].confirmed = False
        self.witness.left(one)
        self._stop_queued(one)

    def undo(self, one: int) -> None:
        if one in self.witness.known:
            self.readers[one].confirmed = True
            self.witness.undone(one)

    def confirm(self, one: int) -> None:
        reader = self.readers[one]
        if not reader.confirmed:
            reader.confirmed = True
            reader.had_through = plan.confirmed_through(reader.had_through, self.last_cutoff[reader.cadence])
            reader.owed.clear()
            self.witness.confirmed(one)

    def _stop_queued(self, one: int) -> None:
        for delivery in self.deliveries:
            if delivery.reader == one and delivery.state is DeliveryState.QUEUED:
                self._happened(delivery, Event.INELIGIBLE)

    # --- What the pipeline does ---

    def draft(self, cadence: Cadence) -> None:
        """Make the issue of a cadence, unless nobody has anything coming; then it is empty."""
        cutoff = self.last_number
        audience = self._audience(cadence)
        if not any(reader.had_through < cutoff or reader.owed for _, reader in audience):
            self.last_cutoff[cadence] = max(self.last_cutoff[cadence], cutoff)
            return
        owed = {n for reader in self.readers.values() if reader.cadence is cadence for n in reader.owed}
        content = plan.content_numbers(
            self.mailable, after=self.last_cutoff[cadence], cutoff=cutoff, owed=owed
        )
        self.drafts.append(PaperIssue(cadence, cutoff, frozenset(content)))

    def _audience(self, cadence: Cadence) -> list[tuple[int, PaperReader]]:
        return [
            (one, reader)
            for one, reader in self.readers.items()
            if reader.confirmed and not reader.paused and reader.cadence is cadence
        ]

    def freeze(self) -> None:
        """Freeze the oldest draft: each reader's share, and what is written down for it."""
        if not self.drafts:
            return
        issue = self.drafts.pop(0)
        themes = {number: theme for number, theme in self.mailable.items() if number <= issue.cutoff}
        for one, reader in self._audience(issue.cadence):
            wanted = self.witness.wishes[one]
            before = plan.Reader(had_through=reader.had_through, owed=frozenset(reader.owed), themes=wanted)
            share = plan.share(before, cutoff=issue.cutoff, themes=themes, content=issue.content)
            self._check_share(reader, before, share, themes, issue)
            reader.had_through = share.had_through
            reader.owed = (reader.owed - share.paid) | share.newly_owed
            if share.numbers:
                self.deliveries.append(PaperDelivery(one, share.numbers))
        self.last_cutoff[issue.cadence] = max(self.last_cutoff[issue.cadence], issue.cutoff)

    def _check_share(
        self,
        reader: PaperReader,
        before: plan.Reader,
        share: plan.Share,
        themes: dict[int, str],
        issue: PaperIssue,
    ) -> None:
        assert set(share.numbers) <= issue.content, "the issue can show all it sends"
        assert all(plan.wants(before.themes, themes[number]) for number in share.numbers)
        due = [
            number
            for number in sorted(themes)
            if (number > before.had_through or number in before.owed)
            and plan.wants(before.themes, themes[number])
        ]
        newest = due[-plan.SHOWN_AT_MOST :]
        assert set(newest) <= set(share.numbers) | share.newly_owed | (before.owed - share.paid)
        reader.archived |= set(due) - set(newest)

    def outcome(self, index: int, event: Event) -> None:
        """Let something happen to one of the deliveries that are not final."""
        steps = {DeliveryState.QUEUED: _SENT[event], DeliveryState.HELD: _DECIDED[event]}
        waiting = [delivery for delivery in self.deliveries if delivery.state in steps]
        if not waiting:
            return
        delivery = waiting[index % len(waiting)]
        reader = self.readers[delivery.reader]
        if delivery.state is DeliveryState.QUEUED and (reader.paused or not reader.confirmed):
            self._happened(delivery, Event.INELIGIBLE)
            return
        for step in steps[delivery.state]:
            self._happened(delivery, step)

    def _happened(self, delivery: PaperDelivery, event: Event) -> None:
        delivery.state = next_state(delivery.state, event)
        if event in OWES_AGAIN:
            self.readers[delivery.reader].owed |= set(delivery.numbers)

    # --- What must hold ---

    def check(self) -> None:
        for one, reader in self.readers.items():
            served = [d.numbers for d in self.deliveries if d.reader == one and d.state not in NOT_HAD]
            to_come = {n for n in self.mailable if n > reader.had_through}
            self.witness.check(one, served, to_come | reader.owed | reader.archived)

    def check_nothing_waits(self) -> None:
        """After two undisturbed issues of each cadence, everything has arrived."""
        for one in READERS:
            self.resume(one)
        for _ in range(2):
            for each in CADENCES:
                self.draft(each)
                while self.drafts:
                    self.freeze()
        for one, reader in self.readers.items():
            served = [d.numbers for d in self.deliveries if d.reader == one and d.state not in NOT_HAD]
            self.witness.check(one, served, reader.archived)


_SENT = {
    Event.ACCEPT: (Event.CLAIM, Event.COMMIT, Event.ACCEPT),
    Event.REJECT: (Event.CLAIM, Event.REJECT),
    Event.UNSENDABLE: (Event.CLAIM, Event.UNSENDABLE),
    Event.HOLD: (Event.CLAIM, Event.COMMIT, Event.LOSE, Event.HOLD),
    Event.RESUBMIT: (Event.CLAIM, Event.COMMIT, Event.LOSE, Event.RESUBMIT),
    Event.LAPSE: (Event.CLAIM, Event.LAPSE),
    Event.EXPIRE: (Event.EXPIRE,),
    Event.CANCEL: (Event.CANCEL,),
}
_DECIDED = dict.fromkeys(_SENT, (Event.OPERATOR_RESEND,)) | {
    Event.ACCEPT: (Event.OPERATOR_ACCEPT,),
    Event.REJECT: (Event.OPERATOR_DROP,),
}

a_step = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(THEMES), st.integers(1, 30)),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
    st.tuples(st.just("draft"), cadence),
    st.tuples(st.just("draft"), cadence),
    st.tuples(st.just("freeze")),
    st.tuples(st.just("freeze")),
    st.tuples(st.just("outcome"), st.integers(0, 5), st.sampled_from(sorted(_SENT))),
    *people_steps,
)


@settings(max_examples=HISTORIES)
@given(st.lists(a_step, min_size=20, max_size=80))
def test_no_gap_and_no_repeat(history):
    paper = Paper()
    for one in READERS:
        paper.confirm(one)
    for what, *to_whom in history:
        getattr(paper, what)(*to_whom)
        paper.check()
    paper.check_nothing_waits()
