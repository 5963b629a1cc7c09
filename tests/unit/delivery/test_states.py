"""The life of a delivery, row by row: what the table allows, and that nothing else happens."""

import pytest

from digest.delivery import states
from digest.delivery.states import DeliveryState, Event, IllegalTransition, next_state
from digest.model import OutcomeKind

S, E = DeliveryState, Event

# Written out by hand from the drawing, not from the module: the two must agree.
ALLOWED = {
    S.QUEUED: {
        E.CLAIM: S.CLAIMED,
        E.INELIGIBLE: S.SUPPRESSED,
        E.EXPIRE: S.EXPIRED,
        E.CANCEL: S.CANCELLED,
        E.UNSENDABLE: S.HELD,
        E.RESTORE: S.HELD,
        E.HEAR: S.ACCEPTED,
    },
    S.CLAIMED: {
        E.HEAR: S.ACCEPTED,
        E.RESTORE: S.HELD,
        E.RELEASE: S.QUEUED,
        E.LAPSE: S.QUEUED,
        E.POISON: S.HELD,
        E.DEFER: S.QUEUED,
        E.REJECT: S.REJECTED,
        E.UNSENDABLE: S.HELD,
        E.INELIGIBLE: S.SUPPRESSED,
        E.COMMIT: S.COMMITTING,
    },
    S.COMMITTING: {
        E.HEAR: S.ACCEPTED,
        E.RESTORE: S.HELD,
        E.ACCEPT: S.ACCEPTED,
        E.DEFER: S.QUEUED,
        E.REJECT: S.REJECTED,
        E.UNSENDABLE: S.HELD,
        E.LOSE: S.UNCERTAIN,
    },
    S.UNCERTAIN: {
        E.HEAR: S.ACCEPTED,
        E.RESTORE: S.HELD,
        E.RESUBMIT: S.QUEUED,
        E.HOLD: S.HELD,
        E.ACCEPT: S.ACCEPTED,
        E.REJECT: S.REJECTED,
        E.UNSENDABLE: S.HELD,
    },
    S.HELD: {
        E.HEAR: S.ACCEPTED,
        E.OPERATOR_ACCEPT: S.ACCEPTED,
        E.OPERATOR_RESEND: S.QUEUED,
        E.OPERATOR_DROP: S.CANCELLED,
    },
    S.ACCEPTED: {},
    S.REJECTED: {},
    S.SUPPRESSED: {},
    S.EXPIRED: {},
    S.CANCELLED: {},
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", DeliveryState)
def test_every_pair_is_in_the_table_or_illegal(state, event):
    if event in ALLOWED[state]:
        assert next_state(state, event) is ALLOWED[state][event]
        return
    with pytest.raises(IllegalTransition, match=f"a {state} delivery cannot {event}"):
        next_state(state, event)


def test_nothing_leaves_a_final_state():
    assert {state for state, ways in ALLOWED.items() if not ways} == states.FINAL


def test_every_state_can_come_to_an_end():
    """Otherwise an issue could stay open for ever."""
    ends = set(states.FINAL)
    for _ in DeliveryState:
        ends |= {state for state, ways in ALLOWED.items() if ends & set(ways.values())}
    assert ends == set(DeliveryState)


def test_accepted_is_only_reached_past_the_commit_point_by_news_or_by_a_person():
    ways = {(state, event) for state, ways in ALLOWED.items() for event in ways if ways[event] is S.ACCEPTED}
    by_news = {(state, E.HEAR) for state in S if state not in states.FINAL}
    assert ways - by_news == {(S.COMMITTING, E.ACCEPT), (S.UNCERTAIN, E.ACCEPT), (S.HELD, E.OPERATOR_ACCEPT)}


def test_a_reader_who_was_not_served_is_owed_and_one_who_may_have_been_is_not():
    """Rule g: what a final state other than ACCEPTED held back comes again."""
    into_final = {event for ways in ALLOWED.values() for event, to in ways.items() if to in states.FINAL}
    accepting = {E.ACCEPT, E.HEAR, E.OPERATOR_ACCEPT}
    assert into_final - accepting == states.OWES_AGAIN
    assert {S.ACCEPTED, S.UNCERTAIN, S.HELD} == states.COUNTS_AS_HAD


@pytest.mark.parametrize(
    ("outcome", "committed", "becomes"),
    [
        (OutcomeKind.ACCEPTED, True, S.ACCEPTED),
        (OutcomeKind.TEMPORARY, True, S.QUEUED),
        (OutcomeKind.TEMPORARY, False, S.QUEUED),
        (OutcomeKind.REJECTED, True, S.REJECTED),
        (OutcomeKind.REJECTED, False, S.REJECTED),
        (OutcomeKind.UNCERTAIN, True, S.UNCERTAIN),
        (OutcomeKind.UNSENDABLE, True, S.HELD),
        (OutcomeKind.UNSENDABLE, False, S.HELD),
        (OutcomeKind.WITHDRAWN, False, S.QUEUED),
    ],
)
def test_every_outcome_has_its_state(outcome, committed, becomes):
    before = S.COMMITTING if committed else S.CLAIMED
    assert next_state(before, states.event_of(outcome)) is becomes


@pytest.mark.parametrize("outcome", OutcomeKind)
def test_no_outcome_is_without_an_event(outcome):
    assert states.event_of(outcome) in Event


@pytest.mark.parametrize(
    ("doubts", "policy", "event"),
    [
        (1, "resend", E.RESUBMIT),
        (2, "resend", E.HOLD),
        (3, "resend", E.HOLD),
        (1, "hold", E.HOLD),
        (2, "hold", E.HOLD),
    ],
)
def test_an_uncertain_delivery_is_sent_at_most_once_more(doubts, policy, event):
    assert states.after_doubt(doubts=doubts, on_uncertain=policy) is event


@pytest.mark.parametrize(("crashes", "event"), [(1, E.LAPSE), (2, E.LAPSE), (3, E.POISON), (4, E.POISON)])
def test_the_third_crash_holds_a_delivery(crashes, event):
    assert states.after_lapse(crashes) is event


@pytest.mark.parametrize("state", DeliveryState)
@pytest.mark.parametrize("flagged", [False, True])
@pytest.mark.parametrize("arrived", [False, True])
def test_news_settles_what_was_handed_over_and_nothing_else(state, flagged, arrived):
    settles = {
        S.COMMITTING: True,
        S.UNCERTAIN: True,
        S.HELD: flagged,
        S.QUEUED: flagged and arrived,
        S.CLAIMED: flagged and arrived,
    }
    assert states.news_settles(state, flagged=flagged, arrived=arrived) is settles.get(state, False)


@pytest.mark.parametrize("state", [state for state in DeliveryState if state not in states.FINAL])
def test_what_news_settles_the_table_allows(state):
    assert next_state(state, E.HEAR) is S.ACCEPTED
