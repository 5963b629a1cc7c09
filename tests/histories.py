"""Random histories of readers and posts, and a witness who knows what each reader is entitled to.

The witness follows the promise in plain words, knowing nothing of marks or debts: a post is a reader's if it
came while they were a reader and they have wanted its theme ever since. Whoever leaves and joins again
starts anew; whoever takes leaving back was never gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from digest.delivery.plan import wants
from subscribers.model import Cadence

# Few of each, so that what can collide does.
READERS = range(2)
THEMES = ("courts", "prisons", "")
CADENCES = (Cadence.EVERY_POST, Cadence.WEEKLY, Cadence.MONTHLY)

Step = tuple  # what happens, and to whom: ("pause", 1)

reader = st.sampled_from(READERS)
cadence = st.sampled_from(CADENCES)
wishes = st.sampled_from(
    [frozenset(), frozenset({"courts"}), frozenset({"prisons"}), frozenset({"courts", "prisons"})]
)

people_steps: list[SearchStrategy[Step]] = [
    st.tuples(st.just("choose"), reader, cadence, wishes),
    st.tuples(st.just("pause"), reader),
    st.tuples(st.just("resume"), reader),
    st.tuples(st.just("leave"), reader),
    st.tuples(st.just("undo"), reader),
    st.tuples(st.just("confirm"), reader),
]


@dataclass
class Witness:
    """Knows which posts each reader must get."""

    themes: dict[int, str] = field(default_factory=dict)  # of every post, by number
    wishes: dict[int, frozenset[str]] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)  # readers now
    known: set[int] = field(default_factory=set)  # readers now or once
    entitled: dict[int, set[int]] = field(default_factory=lambda: {one: set() for one in READERS})

    def published(self, number: int, theme: str) -> None:
        self.themes[number] = theme
        for one in self.known:  # whoever left may still take it back
            if wants(self.wishes[one], theme):
                self.entitled[one].add(number)

    def withdrawn(self, number: int) -> None:
        for numbers in self.entitled.values():
            numbers.discard(number)

    def chose(self, one: int, wanted: frozenset[str]) -> None:
        self.wishes[one] = wanted
        self.entitled[one] = {n for n in self.entitled[one] if wants(wanted, self.themes[n])}

    def confirmed(self, one: int) -> None:
        self.joined.add(one)
        self.known.add(one)
        self.wishes.setdefault(one, frozenset())
        self.entitled[one] = set()

    def left(self, one: int) -> None:
        self.joined.discard(one)

    def undone(self, one: int) -> None:
        self.joined.add(one)

    def check(self, one: int, served: Iterable[Iterable[int]], pending: Iterable[int]) -> None:
        """Assert: nothing twice among the mails that count as had, and nothing entitled is neither there nor
        still to come (``pending``)."""
        times = Counter(number for numbers in served for number in numbers)
        assert max(times.values(), default=0) <= 1, f"reader {one} got a post twice: {times}"
        if one in self.joined:
            missing = self.entitled[one] - set(times) - set(pending)
            assert not missing, f"reader {one} never gets {sorted(missing)}"
