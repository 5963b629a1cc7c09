"""Commit points in groups, on SQLite and PostgreSQL: each sender gets its own answer, once it is durable."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from digest.delivery.breaker import Way
from digest.delivery.states import DeliveryState, Event
from digest.errors import DatabaseBusy
from digest.model import Message, OutcomeKind
from digest.pipeline import deliver
from digest.pipeline.commits import Commits, InHand
from digest.providers.memory import MemoryBackend
from digest.store import breaker, commit_points
from digest.store.commit_points import Accepted
from digest.store.engine import Database
from subscribers import store as people
from subscribers.lifecycle import Event as Life
from tests import ledgers
from tests.installation import Clock
from tests.installation import installation as installed

SENDERS = 4


@pytest.fixture
def app(maker, tmp_path):
    with installed(tmp_path, clock=Clock(), database={"url": maker.ready()}) as app:
        yield app


def commits_of(app, senders=SENDERS):
    return Commits(app.tools, provider="test", way=Way.FIRST, live=True, senders=senders)


def in_hand(claim):
    return InHand(
        claim=claim,
        message=Message(
            delivery_id=claim.id, envelope_from="a@b.example", envelope_to="c@d.example", data=b""
        ),
    )


def accepted(claim):
    return Accepted(claim=claim, code="250 2.0.0", detail="queued", provider_id="A1")


class Counting:
    """A database that counts its transactions and can be told to break."""

    def __init__(self, db):
        self._db, self.transactions, self.broken = db, 0, False
        self.read = db.read

    def transaction(self):
        self.transactions += 1
        if self.broken:
            raise DatabaseBusy("The disk is full.")
        return self._db.transaction()


def together(commits, asked):
    """Let every sender stand at its commit point at the same time; return the answers in order."""
    start = threading.Barrier(len(asked))

    def ask(hand, before):
        start.wait()
        return commits.pass_point(hand, before)

    with ThreadPoolExecutor(len(asked)) as pool:
        runs = [pool.submit(ask, hand, before) for hand, before in asked]
    return [run.result() for run in runs]


def leave(database, reader, now):
    """Unsubscribe a reader, without waiting long for others."""
    with database.transaction() as conn:
        if database.dialect == "postgresql":
            conn.exec_driver_sql("SET LOCAL lock_timeout = 50")
        people.apply(conn, reader, Life.UNSUBSCRIBE, now=now, source="test")


def test_each_sender_is_told_of_its_own_delivery(app):
    """One reader has left meanwhile: only that one is withdrawn, though all are written together."""
    readers = [ledgers.a_reader(app) for _ in range(SENDERS)]
    ledgers.an_issue(app, readers)
    claims = ledgers.claim(app)
    with app.database.transaction() as conn:
        gone = people.by_id(conn, claims[1].subscriber_id)
        people.apply(conn, gone, Life.UNSUBSCRIBE, now=app.clock(), source="test")
    answers = together(commits_of(app), [([in_hand(claim)], None) for claim in claims])
    assert [bool(allowed) for allowed, _ in answers] == [True, False, True, True]
    committing = [row.id for row in ledgers.rows(app) if row.state == DeliveryState.COMMITTING]
    assert committing == [claims[0].id, claims[2].id, claims[3].id]


def test_those_that_wait_share_transactions(app):
    readers = [ledgers.a_reader(app) for _ in range(SENDERS)]
    ledgers.an_issue(app, readers)
    claims = ledgers.claim(app)
    counting = Counting(app.database)
    commits = Commits(
        replace(app.tools, db=counting), provider="test", way=Way.FIRST, live=True, senders=SENDERS
    )
    first_has_gone_in = threading.Event()
    begin = counting.transaction

    def slow():
        first_has_gone_in.wait()  # whoever is first waits until all others stand in line
        return begin()

    counting.transaction = slow
    with ThreadPoolExecutor(SENDERS) as pool:
        runs = [pool.submit(commits.pass_point, [in_hand(claim)], None) for claim in claims]
        while len(commits._waiting) + 1 < SENDERS and not commits._writing:
            pass
        first_has_gone_in.set()
    assert all(run.result()[0] for run in runs)
    assert counting.transactions < SENDERS


def test_the_mail_accepted_before_is_written_with_the_next_commit_point(app):
    readers = [ledgers.a_reader(app) for _ in range(2)]
    ledgers.an_issue(app, readers)
    first, second = ledgers.claim(app)
    commits = commits_of(app, senders=1)
    assert commits.pass_point([in_hand(first)], None) == ({first.id}, False)
    assert ledgers.states(app) == [DeliveryState.COMMITTING, DeliveryState.CLAIMED]
    assert commits.pass_point([in_hand(second)], accepted(first)) == ({second.id}, True)
    assert ledgers.states(app) == [DeliveryState.ACCEPTED, DeliveryState.COMMITTING]
    assert commits.pass_point([], accepted(second)) == (frozenset(), True)
    assert ledgers.states(app) == [DeliveryState.ACCEPTED, DeliveryState.ACCEPTED]
    assert [row.provider_id for row in ledgers.rows(app)] == ["A1", "A1"]


def test_a_reply_counts_for_whoever_still_holds_the_delivery_and_nobody_else(app):
    readers = [ledgers.a_reader(app) for _ in range(2)]
    ledgers.an_issue(app, readers)
    first, second = ledgers.claim(app)
    for claim in (first, second):
        ledgers.commit(app, claim)
    stale = replace(first, fence=first.fence - 1)
    with app.database.transaction() as conn:
        kept = commit_points.accept(conn, [accepted(stale), accepted(second)], now=app.clock())
    assert kept == {second.id}
    assert ledgers.states(app) == [DeliveryState.COMMITTING, DeliveryState.ACCEPTED]


def test_a_mail_accepted_before_one_that_is_refused_is_written_with_the_refusal(app):
    """A refusal may come before its commit point, and the next mail may be long in coming."""
    ledgers.an_issue(app, [ledgers.a_reader(app) for _ in range(3)])
    with app.database.transaction() as conn:
        breaker.keep(conn, replace(breaker.read(conn), lost=2))
    seen, lost = [], []

    def judge(message):
        seen.append(ledgers.states(app))
        with app.database.read() as conn:
            lost.append(breaker.read(conn).lost)
        return OutcomeKind.REJECTED if len(seen) == 2 else OutcomeKind.ACCEPTED

    app.tools = replace(app.tools, backend=lambda: MemoryBackend(judge), workers=1)
    done = deliver.deliver(app.tools)
    assert seen[2] == [DeliveryState.ACCEPTED, DeliveryState.REJECTED, DeliveryState.CLAIMED]
    assert lost == [2, 2, 0]  # it closes the breaker as any accepted mail does
    assert done.events == {Event.ACCEPT: 2, Event.REJECT: 1}


def test_nobody_leaves_between_the_look_at_their_consent_and_the_commit_points_end(app):
    """Whoever clicks just then has left a moment later: the mail was on its way first (promise P4)."""
    reader = ledgers.a_reader(app)
    ledgers.an_issue(app, [reader])
    (claim,) = ledgers.claim(app)
    elsewhere = Database(str(app.tools.db.url.render_as_string(hide_password=False)), busy_timeout_ms=50)
    with app.database.transaction() as conn:
        assert commit_points.commit(conn, [claim], provider="test", test_mode=False, now=app.clock())
        with pytest.raises(DatabaseBusy):
            leave(elsewhere, reader, app.clock())
    leave(elsewhere, reader, app.clock())
    elsewhere.close()


def test_while_paused_nobody_passes_and_what_was_accepted_is_written_all_the_same(app):
    readers = [ledgers.a_reader(app) for _ in range(2)]
    ledgers.an_issue(app, readers)
    first, second = ledgers.claim(app)
    ledgers.commit(app, first)
    app.pause()
    assert commits_of(app, senders=1).pass_point([in_hand(second)], accepted(first)) == (frozenset(), True)
    assert ledgers.states(app) == [DeliveryState.ACCEPTED, DeliveryState.CLAIMED]


def test_row_75_a_database_that_fails_lets_nobody_pass_and_tells_every_sender(app):
    readers = [ledgers.a_reader(app) for _ in range(SENDERS)]
    ledgers.an_issue(app, readers)
    counting = Counting(app.database)
    counting.broken = True
    commits = Commits(
        replace(app.tools, db=counting), provider="test", way=Way.FIRST, live=True, senders=SENDERS
    )

    def ask(claim):
        with pytest.raises(DatabaseBusy):
            commits.pass_point([in_hand(claim)], None)

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(ask, ledgers.claim(app)))
    assert set(ledgers.states(app)) == {DeliveryState.CLAIMED}


def test_the_first_accepted_mail_closes_the_breaker(app):
    ledgers.an_issue(app, [ledgers.a_reader(app)])
    (claim,) = ledgers.claim(app)
    ledgers.commit(app, claim)
    with app.database.transaction() as conn:
        breaker.keep(conn, replace(breaker.read(conn), lost=2))
    commits_of(app, senders=1).pass_point([], accepted(claim))
    with app.database.read() as conn:
        assert breaker.read(conn).lost == 0


def test_row_80_a_claim_reads_an_index_in_the_order_of_sending(sqlite_database):
    """However long the queue is: a sort of all of it, for every fifty mails, would be most of the work."""
    with sqlite_database.read() as conn:
        plan = conn.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE state = 'queued' AND issue_id = 1 "
            "AND not_before <= '2027' ORDER BY id LIMIT 50"
        ).fetchall()
    assert ["INDEX ix_delivery" in row.detail for row in plan] == [True]
