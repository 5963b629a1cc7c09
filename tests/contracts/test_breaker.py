"""When all mail waits, on SQLite and on PostgreSQL: a server that drops its replies, or cannot be used."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from digest.delivery.breaker import CLOSED, LOST_WAIT
from digest.errors import BackendUnavailable
from digest.model import OutcomeKind
from digest.pipeline import deliver
from digest.pipeline.sweep import sweep
from digest.store import breaker, notices
from digest.store import tables as t
from tests.installation import Clock
from tests.installation import installation as installed
from tests.ledgers import ScriptedBackend, rows


@pytest.fixture
def app(maker, tmp_path):
    with installed(tmp_path, clock=Clock(), database={"url": maker.ready()}) as app:
        yield app


def send(app, answer, workers=1):
    """Sweep and send, as a tick does, and return what the far side was handed."""
    backend = ScriptedBackend(answer)
    app.tools = replace(app.tools, backend=lambda: backend, workers=workers)
    sweep(app.tools, app.clock())
    return backend.handed_over, deliver.deliver(app.tools)


def wrong_password(_):
    raise BackendUnavailable("The server refuses the password.", operator_must_act=True)


def queue(app, count):
    """Queue this many mails."""
    with app.database.transaction() as conn:
        for number in range(count):
            notices.alert(conn, nonce=f"n{number}", problem="p", detail="d", what_to_do="w", now=app.clock())


def alerts(app):
    """Return the problems the operator was told of."""
    with app.database.read() as conn:
        facts = conn.execute(select(t.notice.c.facts)).scalars()
        return [fact["problem"] for fact in facts if fact["problem"] != "p"]


def test_row_37_a_server_that_drops_every_reply_gets_three_mails_and_then_a_pause(app):
    """Each would be sent a second time: without a breaker a whole list gets two copies."""
    queue(app, 30)
    handed, done = send(app, lambda _: OutcomeKind.UNCERTAIN)
    assert len(handed) == 3
    assert "mail waits until 2026-11-23 09:15 UTC: the mail server took 3 mails" in done.trouble[0]
    assert alerts(app) == ["Mail had to wait."]


def test_while_mail_waits_nothing_is_tried_and_a_status_says_so(app):
    queue(app, 30)
    send(app, lambda _: OutcomeKind.UNCERTAIN)
    app.clock.pass_time(minutes=14)
    handed, done = send(app, lambda _: OutcomeKind.ACCEPTED)
    assert (handed, len(done.trouble)) == ([], 1)
    found = app.status()
    assert found.mail_waits_until == app.clock() + timedelta(minutes=1)
    assert "dropped every reply" in found.mail_waits_why


def test_after_the_wait_one_lost_reply_makes_mail_wait_again_without_another_alert(app):
    queue(app, 30)
    send(app, lambda _: OutcomeKind.UNCERTAIN)
    app.clock.pass_time(minutes=15)
    handed, _ = send(app, lambda _: OutcomeKind.UNCERTAIN)
    assert len(handed) == 1
    assert alerts(app) == ["Mail had to wait."]


def test_after_the_wait_the_first_accepted_mail_lets_all_go(app):
    queue(app, 30)
    lost, _ = send(app, lambda _: OutcomeKind.UNCERTAIN)
    app.clock.pass_time(minutes=15)
    handed, done = send(app, lambda _: OutcomeKind.ACCEPTED)
    assert len(handed) == 31, "the thirty and the alert"
    assert done.trouble == []
    copies = Counter(lost + handed)
    assert sorted(id_ for id_, count in copies.items() if count == 2) == sorted(lost)
    with app.database.read() as conn:
        assert breaker.read(conn) == CLOSED


def test_an_accepted_mail_between_lost_ones_keeps_mail_going(app):
    queue(app, 12)
    kinds = iter([OutcomeKind.UNCERTAIN, OutcomeKind.UNCERTAIN, OutcomeKind.ACCEPTED] * 4)
    handed, done = send(app, lambda _: next(kinds))
    assert (len(handed), done.trouble) == (12, [])


def test_every_connection_stops_when_replies_are_lost(app):
    """Each may have one mail more in the air when the third reply is lost."""
    queue(app, 40)
    handed, _ = send(app, lambda _: OutcomeKind.UNCERTAIN, workers=4)
    assert 3 <= len(handed) <= 3 + 3


def test_row_30_a_refused_password_is_not_tried_at_every_tick(app):
    """300 s, 600 s, 1200 s, 2400 s, then 4000 s apart; one alert; no reader is blamed."""
    queue(app, 30)
    tried = []
    for _ in range(4 * 60 * 2):
        send(app, lambda message: (tried.append(app.clock()), wrong_password(message)))
        app.clock.pass_time(seconds=15)
    gaps = [(after - before).total_seconds() for before, after in pairwise(tried)]
    assert gaps == [300, 600, 1200, 2400]
    assert alerts(app) == ["Mail had to wait."]
    assert {row.attempts for row in rows(app)} == {0}


def test_resume_tries_at_once(app):
    queue(app, 30)
    send(app, wrong_password)
    app.resume()
    assert app.status().mail_waits_until is None
    handed, done = send(app, lambda _: OutcomeKind.ACCEPTED)
    assert (len(handed), done.trouble) == (30, []), "the one in hand waits, the alert came"


def test_a_server_that_fails_midway_is_asked_again_after_the_wait(app):
    queue(app, 10)
    send(app, wrong_password)
    app.resume()
    kinds = iter([OutcomeKind.ACCEPTED] * 5)
    handed, _ = send(app, lambda _: next(kinds, None))
    assert len(handed) == 5
    app.clock.pass_time(seconds=300)
    handed, done = send(app, lambda _: OutcomeKind.ACCEPTED)
    assert (len(handed), done.trouble) == (6, [])


def test_nothing_to_send_is_no_trouble(app):
    queue(app, 1)
    send(app, lambda _: OutcomeKind.TEMPORARY)
    with app.database.transaction() as conn:
        breaker.keep(conn, replace(CLOSED, since=app.clock(), until=app.clock() + LOST_WAIT, why="x", lost=3))
    assert deliver.deliver(app.tools).trouble == []
