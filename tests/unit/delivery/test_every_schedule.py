"""Every schedule of two senders and three messages: whatever happens in whichever order, the promises hold.

A model of the ledger walks through all interleavings of claim, commit point, dot, reply, death, freeze, sweep
and a reader who leaves, each bounded in number; every change of a state goes through the pure table. Worlds
that were met before are not walked again, but the schedules through them are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import pytest

from digest.delivery.states import FINAL, DeliveryState, Event, after_doubt, after_lapse, next_state

S, E = DeliveryState, Event
QUIET = frozenset(FINAL | {S.HELD})
IN_HAND = frozenset({S.CLAIMED, S.COMMITTING})


class Mail(NamedTuple):
    """A row of the ledger, and what the mail server has of it."""

    state: DeliveryState = S.QUEUED
    fence: int = 0
    doubts: int = 0
    crashes: int = 0
    flagged: bool = False
    copies: int = 0  # at the mail server: the truth
    left: bool = False  # its reader


class Hands(NamedTuple):
    """What a sender is at."""

    mail: int = -1  # index; -1: nothing
    fence: int = 0
    stage: str = "idle"  # idle, claimed, committed, dotted, dead
    stale: bool = False  # so long frozen that a sweep took its mail away


class World(NamedTuple):
    """Everything, between two steps."""

    mails: tuple[Mail, ...]
    senders: tuple[Hands, ...]
    deaths: int  # how many may still happen
    losses: int
    freezes: int
    refusals: int
    leaves: int

    def with_mail(self, index: int, mail: Mail) -> World:
        return self._replace(mails=(*self.mails[:index], mail, *self.mails[index + 1 :]))

    def with_sender(self, index: int, hands: Hands) -> World:
        return self._replace(senders=(*self.senders[:index], hands, *self.senders[index + 1 :]))


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How the ledger under test behaves; the broken ones are there to be found out."""

    on_uncertain: str = "resend"
    checks_fence: bool = True
    checks_leaving: bool = True
    flags: bool = True
    notices_freeze: bool = True  # no dot where too long passed since the commit point


def steps(world: World, rules: Rules) -> Iterator[World]:
    """Yield the world after each thing that may happen next."""
    for index, hands in enumerate(world.senders):
        yield from _sender_steps(world, rules, index, hands)
    for index, mail in enumerate(world.mails):
        yield from _sweep_steps(world, rules, index, mail)
    if world.leaves and not world.mails[0].left:
        gone = world.mails[0]._replace(left=True)
        yield world.with_mail(0, gone)._replace(leaves=world.leaves - 1)


def _sender_steps(world: World, rules: Rules, index: int, hands: Hands) -> Iterator[World]:
    stages = {"idle": _claims, "claimed": _commits, "committed": _ends, "dotted": _hears}
    if hands.stage == "dead":
        if world.mails[hands.mail].fence != hands.fence or world.mails[hands.mail].state not in IN_HAND:
            yield world.with_sender(index, Hands())  # the next run; a sweep has dealt with what it left
        return
    yield from stages[hands.stage](world, rules, index, hands)
    if world.deaths and hands.stage != "idle":
        yield world.with_sender(index, hands._replace(stage="dead"))._replace(deaths=world.deaths - 1)


def _claims(world: World, _rules: Rules, index: int, _hands: Hands) -> Iterator[World]:
    for number, mail in enumerate(world.mails):
        if mail.state is S.QUEUED:  # the first that waits, as the index gives it
            taken = mail._replace(state=next_state(mail.state, E.CLAIM), fence=mail.fence + 1)
            held = Hands(mail=number, fence=taken.fence, stage="claimed")
            yield world.with_mail(number, taken).with_sender(index, held)
            return


def _commits(world: World, rules: Rules, index: int, hands: Hands) -> Iterator[World]:
    mail, free = world.mails[hands.mail], world.with_sender(index, Hands())
    if mail.state is not S.CLAIMED or not _is_mine(mail, hands, rules):
        yield free
    elif mail.left and rules.checks_leaving:
        yield free.with_mail(hands.mail, mail._replace(state=next_state(mail.state, E.INELIGIBLE)))
    else:
        passed = mail._replace(state=next_state(mail.state, E.COMMIT))
        yield world.with_mail(hands.mail, passed).with_sender(index, hands._replace(stage="committed"))


def _ends(world: World, rules: Rules, index: int, hands: Hands) -> Iterator[World]:
    """Send the dot; or be refused, or notice that too long has passed."""
    mail, free = world.mails[hands.mail], world.with_sender(index, Hands())
    if hands.stale and rules.notices_freeze:
        yield free
        return
    sent = world.with_mail(hands.mail, mail._replace(copies=mail.copies + 1))
    yield sent.with_sender(index, hands._replace(stage="dotted"))
    if world.refusals:  # 4xx to the dot: the server has nothing
        yield _told(free._replace(refusals=world.refusals - 1), hands, E.DEFER, rules)


def _hears(world: World, rules: Rules, index: int, hands: Hands) -> Iterator[World]:
    free = world.with_sender(index, Hands())
    yield _told(free, hands, E.ACCEPT, rules)
    if world.losses:
        yield _told(free._replace(losses=world.losses - 1), hands, E.LOSE, rules)


def _is_mine(mail: Mail, hands: Hands, rules: Rules) -> bool:
    return mail.fence == hands.fence or not rules.checks_fence


def _told(world: World, hands: Hands, event: Event, rules: Rules) -> World:
    """Write an outcome, where the fence is still good."""
    mail = world.mails[hands.mail]
    if mail.state is not S.COMMITTING or not _is_mine(mail, hands, rules):
        return world
    doubts = mail.doubts + (event is E.LOSE)
    return world.with_mail(hands.mail, mail._replace(state=next_state(mail.state, event), doubts=doubts))


def _sweep_steps(world: World, rules: Rules, index: int, mail: Mail) -> Iterator[World]:
    if mail.state is S.QUEUED and mail.left:
        yield world.with_mail(index, mail._replace(state=next_state(mail.state, E.INELIGIBLE)))
    elif mail.state is S.UNCERTAIN:
        yield world.with_mail(index, _out_of_doubt(mail, rules))
    elif mail.state in (S.CLAIMED, S.COMMITTING):
        held = [hands.mail == index and hands.fence == mail.fence for hands in world.senders]
        if True not in held:
            return  # only a broken ledger lets go of a mail that nobody has
        owner = held.index(True)
        hands = world.senders[owner]
        if hands.stage == "dead":
            yield world.with_mail(index, _taken_away(mail, rules)).with_sender(owner, Hands())
        elif world.freezes:
            frozen = world.with_sender(owner, hands._replace(stale=True))._replace(freezes=world.freezes - 1)
            yield frozen.with_mail(index, _taken_away(mail, rules))


def _taken_away(mail: Mail, rules: Rules) -> Mail:
    fence = mail.fence + 1
    if mail.state is S.CLAIMED:
        crashes = mail.crashes + 1
        return mail._replace(state=next_state(mail.state, after_lapse(crashes)), crashes=crashes, fence=fence)
    lost = mail._replace(state=next_state(mail.state, E.LOSE), doubts=mail.doubts + 1, fence=fence)
    return _out_of_doubt(lost, rules)


def _out_of_doubt(mail: Mail, rules: Rules) -> Mail:
    event = after_doubt(doubts=mail.doubts, on_uncertain=rules.on_uncertain)
    return mail._replace(state=next_state(mail.state, event), flagged=rules.flags)


class Broken(Exception):
    """A promise is."""


def check(before: World, after: World, rules: Rules) -> None:
    """Raise Broken where a step broke a promise."""
    for old, new in zip(before.mails, after.mails, strict=True):
        if old.state in FINAL and new.state is not old.state:
            raise Broken("a final state was left")
        if new.copies > 2 or (new.copies == 2 and not new.flagged):
            raise Broken("P2")
        if rules.on_uncertain == "hold" and new.copies > 1:
            raise Broken("P3")
        if new.state is S.COMMITTING and old.state is S.CLAIMED and old.left:
            raise Broken("P4: passed the commit point after leaving")
        if new.copies > old.copies and old.state is S.SUPPRESSED:
            raise Broken("P4: sent though the ledger says that it is not")


def check_end(world: World) -> None:
    """Raise Broken where nothing can happen any more and somebody was skipped."""
    for mail in world.mails:
        if mail.state not in QUIET:
            raise Broken("P1: a mail is stuck")
        if mail.state is S.ACCEPTED and not mail.copies:
            raise Broken("P1: accepted, and the server has nothing")


def explored(rules: Rules, *, senders: int = 2, mails: int = 3, **limits: int) -> tuple[int, int]:
    """Return how many schedules and how many different worlds there are; raise Broken."""
    bounds = {"deaths": 1, "losses": 1, "freezes": 1, "refusals": 1, "leaves": 1} | limits

    @cache
    def schedules(world: World) -> int:
        total = 0
        for after in steps(world, rules):
            check(world, after, rules)
            total += schedules(after)
        if not total:
            check_end(world)
        return total or 1

    start = World(mails=(Mail(),) * mails, senders=(Hands(),) * senders, **bounds)
    return schedules(start), schedules.cache_info().currsize


@pytest.mark.parametrize(
    ("on_uncertain", "bounds"),
    [
        ("resend", {"mails": 3, "refusals": 0}),
        ("resend", {"mails": 2, "deaths": 2, "refusals": 0}),
        ("hold", {"mails": 3}),
    ],
)
def test_in_every_schedule_the_promises_hold(
    on_uncertain: str, bounds: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    count, worlds = explored(Rules(on_uncertain=on_uncertain), **bounds)
    with capsys.disabled():
        print(f"\n{on_uncertain} {bounds}: {count:,} schedules through {worlds:,} worlds")
    assert count > 1_000_000


BREAKS: list[tuple[str, Callable[[Rules], Rules], str]] = [
    ("sends in spite of a lost fence", lambda rules: replace(rules, checks_fence=False), "P"),
    ("forgets to flag", lambda rules: replace(rules, flags=False), "P2"),
    ("mails whoever left", lambda rules: replace(rules, checks_leaving=False), "P4"),
    ("sends the dot after a long freeze", lambda rules: replace(rules, notices_freeze=False), "P4"),
]


@pytest.mark.parametrize(("what", "spoil", "promise"), BREAKS, ids=[what for what, _, _ in BREAKS])
def test_a_ledger_that_is_broken_is_found_out(
    what: str, spoil: Callable[[Rules], Rules], promise: str
) -> None:
    """The model can fail: each of these rules is needed."""
    with pytest.raises(Broken, match=promise):
        explored(spoil(Rules(on_uncertain="resend")), mails=2)
