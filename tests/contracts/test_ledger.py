"""The ledger on SQLite and on PostgreSQL: who may send what, and what is written when it went wrong."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState, Event, IllegalTransition, event_of
from digest.model import IssueKind, OutcomeKind
from digest.pipeline import deliver
from digest.pipeline.sweep import sweep
from digest.store import deliveries, installation, issues, notices
from digest.store import tables as t
from subscribers import store as people
from subscribers.lifecycle import Event as Life
from subscribers.model import Preferences
from tests.installation import Clock
from tests.installation import installation as installed
from tests.ledgers import (
    ScriptedBackend,
    a_reader,
    an_issue,
    claim,
    commit,
    go_silent,
    owed,
    rows,
    states,
)

S, E = DeliveryState, Event


@pytest.fixture
def app(maker, tmp_path):
    with installed(tmp_path, clock=Clock(), database={"url": maker.ready()}) as app:
        yield app


def happened(app, held, event, **changes):
    with app.database.transaction() as conn:
        return deliveries.happened(conn, held, event, now=app.clock(), **changes)


def tell_operator(app, nonce):
    with app.database.transaction() as conn:
        notices.alert(conn, nonce=nonce, problem="p", detail="d", what_to_do="w", now=app.clock())


def change(app, issue, state):
    with app.database.transaction() as conn:
        issues.move(conn, issue.id, state)


def issue_state(app, issue):
    with app.database.read() as conn:
        return issues.by_id(conn, issue.id).state


# --- Claiming --------------------------------------------------------------------------------------


def test_notices_are_claimed_first_then_whatever_waits_longest(app):
    an_issue(app, [a_reader(app) for _ in range(3)])
    tell_operator(app, "one")
    assert [held.id for held in claim(app, limit=3)] == [4, 1, 2]
    assert [held.id for held in claim(app)] == [3]
    assert claim(app) == []


def test_a_claim_carries_a_fence_a_lease_and_what_the_mail_needs(app):
    ann = a_reader(app, themes=frozenset({"courts"}))
    issue = an_issue(app, [ann])
    (held,) = claim(app, owner="node-1")
    assert (held.fence, held.issue_id, held.subscriber_id) == (1, issue.id, ann.id)
    assert (held.address, held.public_id, held.themes) == (ann.email, ann.public_id, {"courts"})
    assert held.dated == app.clock()
    (row,) = rows(app)
    assert (row.state, row.owner) == ("claimed", "node-1")
    assert row.lease_until is not None


def test_the_date_of_a_mail_stays_that_of_its_first_claim(app):
    """The same message is sent again after a lost reply: its Date, like its Message-ID, must not move."""
    an_issue(app, [a_reader(app)])
    (first,) = claim(app)
    happened(app, first, E.DEFER)
    app.clock.pass_time(hours=1)
    (second,) = claim(app)
    assert (second.dated, second.fence) == (first.dated, 2)


def test_nothing_is_claimed_before_its_time(app):
    an_issue(app, [a_reader(app)])
    (held,) = claim(app)
    happened(app, held, E.DEFER, not_before=app.clock() + timedelta(minutes=5))
    assert claim(app) == []
    app.clock.pass_time(minutes=5)
    assert len(claim(app)) == 1


def test_a_stopped_issue_is_not_claimed_and_goes_on_where_it_was(app):
    issue = an_issue(app, [a_reader(app)])
    change(app, issue, IssueState.STOPPED)
    assert claim(app) == []
    change(app, issue, IssueState.SENDING)
    assert len(claim(app)) == 1


def test_a_claim_never_takes_more_than_asked(app):
    an_issue(app, [a_reader(app) for _ in range(30)])
    assert [len(claim(app, limit=7)) for _ in range(6)] == [7, 7, 7, 7, 2, 0]


def test_row_76_senders_at_once_never_share_a_delivery(app):
    an_issue(app, [a_reader(app) for _ in range(60)])

    def take_all(name):
        taken = []
        while batch := claim(app, limit=4, owner=name):
            taken += [held.id for held in batch]
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [id_ for ids in pool.map(take_all, "abcd") for id_ in ids]
    # On PostgreSQL a sender may find every row locked and go home early; then the rest still waits.
    taken += [held.id for held in claim(app)]
    assert sorted(taken) == list(range(1, 61))
    assert {row.fence for row in rows(app)} == {1}


# --- The commit point ------------------------------------------------------------------------------


def one_claimed(app, **preferences):
    ann = a_reader(app, **preferences)
    issue = an_issue(app, [ann])
    (held,) = claim(app)
    return ann, issue, held


def test_the_commit_point_is_passed_once(app):
    _, _, held = one_claimed(app)
    assert commit(app, held)
    assert not commit(app, held)
    (row,) = rows(app)
    assert (row.state, row.attempts, row.provider) == ("committing", 1, "test")


@pytest.mark.parametrize("event", [Life.UNSUBSCRIBE, Life.BOUNCE, Life.COMPLAIN, Life.ERASE])
def test_whoever_left_before_the_commit_point_is_not_mailed(app, event):
    """Promise P4: whatever was committed before wins."""
    ann, _, held = one_claimed(app)
    with app.database.transaction() as conn:
        people.apply(conn, ann, event, now=app.clock(), source="test")
    assert not commit(app, held)
    assert states(app) == [S.CLAIMED]


def test_whoever_paused_before_the_commit_point_is_not_mailed_until_the_pause_ends(app):
    ann, _, held = one_claimed(app)
    until = app.clock() + timedelta(seconds=60)
    with app.database.transaction() as conn:
        people.change_preferences(conn, ann, Preferences(paused_until=until), now=app.clock())
    assert not commit(app, held)
    app.clock.pass_time(seconds=60)
    assert commit(app, held)


def test_a_lapsed_lease_is_good_until_a_sweep_takes_the_claim_away(app):
    """A mail server may take minutes for each command: that costs nobody the claim."""
    _, _, held = one_claimed(app)
    go_silent(app, held.id)
    assert commit(app, held)


def test_row_13_a_claim_that_was_taken_away_is_refused(app):
    _, _, held = one_claimed(app)
    go_silent(app, held.id)
    sweep(replace(app.tools, sure=False), app.clock())
    assert not commit(app, held)


def test_a_passed_deadline_is_neither_claimed_nor_committed(app):
    """A long run sends nothing late, although its sweep was hours ago."""
    an_issue(app, [a_reader(app), a_reader(app)], good_for=timedelta(hours=24))
    (held,) = claim(app, limit=1)
    app.clock.pass_time(hours=24)
    assert not commit(app, held)
    assert claim(app) == []
    assert sweep(replace(app.tools, sure=True), app.clock()) == {E.LAPSE: 1, E.EXPIRE: 2}


def test_another_senders_claim_is_refused(app):
    _, _, held = one_claimed(app)
    happened(app, held, E.RELEASE)
    (newer,) = claim(app)
    assert not commit(app, held)
    assert commit(app, newer)


def test_a_stopped_issue_is_refused(app):
    _, issue, held = one_claimed(app)
    change(app, issue, IssueState.STOPPED)
    assert not commit(app, held)


def test_a_notice_reaches_whoever_has_not_confirmed_yet_but_nobody_erased(app):
    app.readers.subscribe(email="bea@reader.example", shown="We promise.")
    (held,) = claim(app)
    with app.database.transaction() as conn:
        assert deliveries.is_eligible(conn, held, app.clock())
    app.readers.erase("bea@reader.example", source="test")
    assert not commit(app, held)
    go_silent(app, held.id)
    assert sweep(app.tools, app.clock()) == {E.LAPSE: 1, E.INELIGIBLE: 1}
    assert states(app) == [S.SUPPRESSED]


# --- Outcomes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "owes"),
    [
        (OutcomeKind.ACCEPTED, S.ACCEPTED, False),
        (OutcomeKind.TEMPORARY, S.QUEUED, False),
        (OutcomeKind.REJECTED, S.REJECTED, True),
        (OutcomeKind.UNCERTAIN, S.UNCERTAIN, False),
        (OutcomeKind.UNSENDABLE, S.HELD, False),
    ],
)
def test_an_outcome_is_written_with_what_it_makes_owed(app, outcome, state, owes):
    ann, _, held = one_claimed(app)
    commit(app, held)
    assert happened(app, held, event_of(outcome), reason="why", code="250 2.0.0")
    (row,) = rows(app)
    assert (row.state, row.reason, row.code) == (state, "why", "250 2.0.0")
    assert owed(app, ann) == ({1, 2} if owes else set())


@pytest.mark.parametrize("event", [E.EXPIRE, E.CANCEL, E.INELIGIBLE])
def test_what_was_never_sent_is_owed(app, event):
    ann = a_reader(app)
    issue = an_issue(app, [ann])
    with app.database.transaction() as conn:
        (stray,) = deliveries.queued_of(conn, issue.id)
    assert happened(app, stray, event)
    assert owed(app, ann) == {1, 2}


def test_what_a_person_drops_is_owed(app):
    ann, _, held = one_claimed(app)
    happened(app, held, E.UNSENDABLE)
    assert owed(app, ann) == set()
    happened(app, held, E.OPERATOR_DROP)
    assert (states(app), owed(app, ann)) == ([S.CANCELLED], {1, 2})


def test_state_and_debt_are_one_transaction(app):
    ann, _, held = one_claimed(app)
    with suppress(ZeroDivisionError), app.database.transaction() as conn:
        assert deliveries.happened(conn, held, E.REJECT, now=app.clock())
        raise ZeroDivisionError
    assert (states(app), owed(app, ann)) == ([S.CLAIMED], set())


def test_a_test_mail_makes_nothing_owed(app):
    ann = a_reader(app)
    an_issue(app, [ann], kind=IssueKind.TEST)
    (held,) = claim(app)
    happened(app, held, E.REJECT)
    assert owed(app, ann) == set()


def test_whoever_lost_the_fence_changes_nothing(app):
    ann, _, held = one_claimed(app)
    happened(app, held, E.RELEASE)
    claim(app)
    assert not happened(app, held, E.REJECT)
    assert (states(app), owed(app, ann)) == ([S.CLAIMED], set())


@pytest.mark.parametrize("event", [E.CLAIM, E.ACCEPT, E.EXPIRE, E.RESUBMIT])
def test_what_the_table_does_not_know_is_refused_loudly(app, event):
    _, _, held = one_claimed(app)
    with pytest.raises(IllegalTransition):
        happened(app, held, event)
    assert states(app) == [S.CLAIMED]


# --- The sweep -------------------------------------------------------------------------------------


def test_row_04_a_claim_left_behind_goes_back_to_the_queue(app):
    _, _, held = one_claimed(app)
    go_silent(app, held.id)
    assert sweep(app.tools, app.clock()) == {E.LAPSE: 1}
    (row,) = rows(app)
    assert (row.state, row.crashes, row.possible_duplicate) == ("queued", 1, False)


def test_row_10_what_killed_three_senders_is_held(app):
    one_claimed(app)
    for _ in range(2):
        go_silent(app, 1)
        sweep(app.tools, app.clock())
        claim(app)
    go_silent(app, 1)
    assert sweep(app.tools, app.clock()) == {E.POISON: 1}
    assert states(app) == [S.HELD]


def test_row_37_a_lost_reply_is_sent_once_more_and_flagged_then_held(app):
    """Promise P2: at most one more, and it is told."""
    _, _, held = one_claimed(app)
    commit(app, held)
    go_silent(app, held.id)
    assert sweep(app.tools, app.clock()) == {E.LOSE: 1, E.RESUBMIT: 1}
    (row,) = rows(app)
    assert (row.state, row.doubts, row.possible_duplicate) == ("queued", 1, True)
    (again,) = claim(app)
    commit(app, again)
    go_silent(app, again.id)
    assert sweep(app.tools, app.clock()) == {E.LOSE: 1, E.HOLD: 1}
    assert states(app) == [S.HELD]


def test_with_hold_a_lost_reply_is_never_sent_again(app):
    """Promise P3: zero duplicates is a setting."""
    _, _, held = one_claimed(app)
    commit(app, held)
    go_silent(app, held.id)
    assert sweep(replace(app.tools, on_uncertain="hold"), app.clock()) == {E.LOSE: 1, E.HOLD: 1}
    assert states(app) == [S.HELD]
    assert claim(app) == []


def test_an_uncertain_outcome_is_resubmitted_by_the_next_sweep(app):
    _, _, held = one_claimed(app)
    commit(app, held)
    happened(app, held, E.LOSE, doubts=1)
    assert sweep(app.tools, app.clock()) == {E.RESUBMIT: 1}
    assert states(app) == [S.QUEUED]


@pytest.mark.parametrize("committed", [False, True])
def test_row_13_a_sender_that_was_only_slow_can_write_no_more(app, committed):
    """It froze, was taken for dead, and wakes up: its word must neither count nor stop the run."""
    _, _, held = one_claimed(app)
    if committed:
        commit(app, held)
    go_silent(app, held.id)
    sweep(app.tools, app.clock())
    assert not commit(app, held)
    assert not happened(app, held, E.ACCEPT if committed else E.RELEASE)
    assert states(app) == [S.QUEUED]


def test_row_15_a_live_sender_is_left_alone_where_senders_may_sit_elsewhere(app):
    _, _, held = one_claimed(app)
    elsewhere = replace(app.tools, sure=False)
    assert sweep(elsewhere, app.clock()) == {}
    commit(app, held)
    assert sweep(elsewhere, app.clock()) == {}
    assert states(app) == [S.COMMITTING]


def test_the_holder_of_the_run_lock_need_not_wait_for_leases(app):
    one_claimed(app)
    assert sweep(replace(app.tools, sure=True), app.clock()) == {E.LAPSE: 1}


def test_row_31_a_passed_deadline_ends_a_delivery_and_its_posts_come_again(app):
    ann = a_reader(app)
    an_issue(app, [ann], good_for=timedelta(days=1))
    app.clock.pass_time(hours=23)
    assert sweep(app.tools, app.clock()) == {}
    app.clock.pass_time(hours=1)
    assert sweep(app.tools, app.clock()) == {E.EXPIRE: 1}
    assert (states(app), owed(app, ann)) == ([S.EXPIRED], {1, 2})


def test_queued_mail_to_whoever_left_is_suppressed(app):
    ann = a_reader(app)
    an_issue(app, [ann, a_reader(app)])
    with app.database.transaction() as conn:
        people.apply(conn, ann, Life.UNSUBSCRIBE, now=app.clock(), source="test")
    assert sweep(app.tools, app.clock()) == {E.INELIGIBLE: 1}
    assert states(app) == [S.SUPPRESSED, S.QUEUED]


def test_a_sweep_reaches_beyond_its_first_thousand(app):
    an_issue(app, [a_reader(app)])
    with app.database.transaction() as conn:
        conn.execute(update(t.delivery).values(state=S.UNCERTAIN.value, doubts=1))
        for number in range(1001):
            notices.alert(conn, nonce=f"n{number}", problem="", detail="", what_to_do="", now=app.clock())
    app.clock.pass_time(days=6)
    assert sweep(app.tools, app.clock()) == {E.RESUBMIT: 1, E.EXPIRE: 1002}


# --- A whole delivery run --------------------------------------------------------------------------


def run_with(app, answer, **options):
    backend = ScriptedBackend(answer, **options)
    done = deliver.deliver(replace(app.tools, backend=lambda: backend, workers=2))
    return backend, done


def notice_for(app, count=3):
    for number in range(count):
        tell_operator(app, f"n{number}")


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (OutcomeKind.ACCEPTED, S.ACCEPTED),
        (OutcomeKind.TEMPORARY, S.QUEUED),
        (OutcomeKind.REJECTED, S.REJECTED),
        (OutcomeKind.UNCERTAIN, S.UNCERTAIN),
        (OutcomeKind.UNSENDABLE, S.HELD),
    ],
)
def test_a_run_carries_every_delivery_to_what_the_far_side_said(app, kind, state):
    notice_for(app, 2)
    backend, done = run_with(app, lambda _: kind)
    assert states(app) == [state] * 2
    assert sorted(backend.handed_over) == [1, 2]
    assert done.events == {event_of(kind): 2}


def test_row_31_a_refusal_for_now_waits_before_it_is_tried_again(app):
    notice_for(app, 1)
    run_with(app, lambda _: OutcomeKind.TEMPORARY)
    (row,) = rows(app)
    assert (row.attempts, row.not_before) == (1, app.clock() + timedelta(seconds=300))


def test_row_24_a_backend_that_is_out_leaves_everything_queued_and_says_so(app):
    notice_for(app)
    _, done = run_with(app, lambda _: None)
    assert states(app) == [S.QUEUED] * 3
    assert done.trouble == [
        "The mail server is out.",
        "mail waits until 2026-11-23 09:05 UTC: The mail server is out. `digest resume` tries at once",
    ]
    assert {row.attempts for row in rows(app)} == {0}


def test_a_pause_of_everything_holds_at_the_commit_point(app):
    notice_for(app)

    def pause():
        with app.database.transaction() as conn:
            installation.pause(conn, app.clock())

    backend, _ = run_with(app, lambda _: OutcomeKind.ACCEPTED, before_commit=pause)
    assert states(app) == [S.QUEUED] * 3
    assert backend.handed_over == []


def test_a_slow_server_gets_each_mail_once(app):
    """It takes longer than a lease for each, as RFC 5321 §4.5.3.2 allows."""
    notice_for(app, 12)

    def dawdle():
        app.clock.pass_time(minutes=5)

    backend, done = run_with(app, lambda _: OutcomeKind.ACCEPTED, before_commit=dawdle)
    assert sorted(backend.handed_over) == list(range(1, 13))
    assert done.events == {E.ACCEPT: 12}


def test_a_run_ends_although_the_commit_point_says_no_each_time(app):
    """Whatever withdrew a mail, it is not claimed again at once."""
    notice_for(app, 1)

    def steal():
        with app.database.transaction() as conn:
            conn.execute(update(t.delivery).values(deadline=app.clock()))

    def give_back(_):
        with app.database.transaction() as conn:
            conn.execute(update(t.delivery).values(deadline=app.clock() + timedelta(days=1)))
        return OutcomeKind.ACCEPTED

    backend, done = run_with(app, give_back, before_commit=steal)
    assert (backend.handed_over, done.events) == ([], {E.RELEASE: 1})
    (row,) = rows(app)
    assert row.not_before == app.clock() + timedelta(seconds=300)


# --- The end of an issue ---------------------------------------------------------------------------


def test_an_issue_ends_only_when_every_delivery_has(app):
    issue = an_issue(app, [a_reader(app) for _ in range(3)])
    one, two, three = claim(app)
    for held in (one, two):
        commit(app, held)
        happened(app, held, E.ACCEPT)
    deliver.settle(app.tools, app.clock())
    assert issue_state(app, issue) is IssueState.SENDING
    happened(app, three, E.UNSENDABLE)
    deliver.settle(app.tools, app.clock())
    assert issue_state(app, issue) is IssueState.DONE_WITH_HOLDS
    happened(app, three, E.OPERATOR_ACCEPT)
    deliver.settle(app.tools, app.clock())
    assert issue_state(app, issue) is IssueState.DONE


def test_an_issue_with_a_missing_row_stays_open(app):
    """Promise P1: done means that the rows add up to the frozen audience."""
    issue = an_issue(app, [a_reader(app)])
    with app.database.transaction() as conn:
        conn.execute(update(t.issue).values(expected=2))
    (held,) = claim(app)
    commit(app, held)
    happened(app, held, E.ACCEPT)
    deliver.settle(app.tools, app.clock())
    assert issue_state(app, issue) is IssueState.SENDING
