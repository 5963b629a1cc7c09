"""The life of an issue, and when it counts as done."""

from itertools import product

import pytest

from digest.delivery.issue_states import ALLOWED, ENDED, IssueState, settled
from digest.delivery.states import FINAL, DeliveryState


def reachable(start):
    seen, new = set(), {start}
    while new:
        seen |= new
        new = {state for at in new for state in ALLOWED[at]} - seen
    return seen


def test_every_state_has_a_row():
    assert set(ALLOWED) == set(IssueState)


def test_an_ended_issue_never_changes():
    assert {state for state, ways in ALLOWED.items() if not ways} == ENDED


@pytest.mark.parametrize("state", IssueState)
def test_every_issue_comes_from_a_draft_and_can_end(state):
    assert state in reachable(IssueState.DRAFT)
    assert reachable(state) & ENDED


def test_nothing_is_sent_that_was_not_approved_and_frozen():
    came_from = {before for before, ways in ALLOWED.items() if IssueState.SENDING in ways}
    assert came_from == {IssueState.FREEZING, IssueState.STOPPED, IssueState.DONE_WITH_HOLDS}
    assert {before for before, ways in ALLOWED.items() if IssueState.FREEZING in ways} == {
        IssueState.APPROVED
    }


OPEN = sorted(set(DeliveryState) - FINAL - {DeliveryState.HELD})


@pytest.mark.parametrize("state", OPEN)
def test_one_open_delivery_keeps_the_issue_open(state):
    assert settled({DeliveryState.ACCEPTED: 9, state: 1}, 10) is IssueState.SENDING


@pytest.mark.parametrize("state", sorted(FINAL))
def test_final_deliveries_end_the_issue(state):
    assert settled({state: 10}, 10) is IssueState.DONE


def test_a_held_delivery_is_told_apart():
    assert settled({DeliveryState.ACCEPTED: 9, DeliveryState.HELD: 1}, 10) is IssueState.DONE_WITH_HOLDS
    assert settled({DeliveryState.HELD: 10}, 10) is IssueState.DONE_WITH_HOLDS


def test_an_issue_with_nobody_in_it_is_done():
    assert settled({}, 0) is IssueState.DONE


@pytest.mark.parametrize(("final", "held", "open_"), list(product(range(3), repeat=3)))
def test_an_issue_is_never_done_while_rows_are_missing(final, held, open_):
    """Promise P1: fewer rows than the frozen audience means that somebody was skipped."""
    counts = {DeliveryState.EXPIRED: final, DeliveryState.HELD: held, DeliveryState.QUEUED: open_}
    assert settled(counts, final + held + open_ + 1) is IssueState.SENDING
