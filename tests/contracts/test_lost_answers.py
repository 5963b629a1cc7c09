"""Lost answers of providers, in the ledger, on SQLite and on PostgreSQL: asked about, not sent blindly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from digest.delivery.states import DeliveryState, Event
from digest.pipeline import deliver
from digest.pipeline.issue_desk import Decision
from digest.pipeline.sweep import sweep
from digest.providers.pace import Pace
from digest.store import tables as t
from subscribers import store as people
from subscribers.lifecycle import Event as Life
from subscribers.model import Status
from tests.installation import Clock
from tests.installation import installation as installed
from tests.ledgers import a_reader, an_issue, claim, go_silent, rows, states
from tests.provider_backends import KINDS
from tests.provider_servers import losing, provider, reply

S, E = DeliveryState, Event


@pytest.fixture
def app(maker, tmp_path):
    with installed(tmp_path, clock=Clock(), database={"url": maker.ready()}) as app:
        yield app


@pytest.fixture
def far(request):
    with provider(KINDS[request.param].desk()) as far:
        far.name = request.param
        yield far


def through(*names):
    return pytest.mark.parametrize("far", names, indirect=True)


def use(app, far, **changes):
    """Let the installation send through a provider."""
    opens = KINDS[far.name].opens
    probe = opens(far.url)
    patience = probe._wire.habits.patience
    app.tools = replace(
        app.tools, backend=lambda: opens(far.url), workers=1, patience={far.name: patience}, **changes
    )


def send(app):
    return deliver.deliver(app.tools).events


def tick(app, **span):
    """Let time pass, and sweep as a run does; return what became of strays and doubts."""
    app.clock.pass_time(**span)
    return sweep(app.tools, app.clock())


def an_issue_for(app, count, **changes):
    readers = [a_reader(app) for _ in range(count)]
    return readers, an_issue(app, readers, **changes)


@through("resend")
def test_a_whole_batch_whose_answer_was_lost_is_taken_once(app, far):
    """One call under one key: the mails are there, the answer is not; the same call again says so."""
    an_issue_for(app, 5)
    use(app, far)
    far.then(losing)
    assert send(app) == {E.LOSE: 5}
    assert len({row.chunk for row in rows(app)[:5]}) == 1
    assert tick(app, minutes=1) == {E.ACCEPT: 5}
    assert states(app)[:5] == [S.ACCEPTED] * 5
    assert (len(far.desk.mails), len(far.calls)) == (5, 2)
    assert far.calls[0].body == far.calls[1].body
    assert not any(row.possible_duplicate for row in rows(app))
    assert len({row.provider_id for row in rows(app)[:5]}) == 5


@through("resend", "brevo")
def test_a_process_that_died_between_commit_point_and_answer_is_found_out_by_the_key(app, far):
    """Nobody knows whether its call went out: made again under its key, it goes out once."""
    an_issue_for(app, 1)
    use(app, far)
    far.then(losing)
    send(app)
    with app.database.transaction() as conn:  # as the ledger stood when the process died
        conn.execute(t.delivery.update().values(state="committing", doubts=0))
    go_silent(app, 1)
    assert tick(app, seconds=10) == {E.LOSE: 1, E.ACCEPT: 1}
    assert len(far.desk.mails) == 1


@through("resend")
def test_nobody_who_left_since_is_sent_the_old_call_again(app, far):
    """Promise P4: what was lost before it was taken would go out now."""
    (ann, _), _ = an_issue_for(app, 2)
    use(app, far)
    far.then(lambda desk, asked: None)
    send(app)
    with app.database.transaction() as conn:
        people.apply(conn, ann, Life.UNSUBSCRIBE, now=app.clock(), source="test")
    done = tick(app, minutes=1)
    assert done == {E.RESUBMIT: 2}
    assert (len(far.calls), far.desk.mails) == (1, [])
    assert tick(app) == {E.INELIGIBLE: 1}
    assert send(app) == {E.ACCEPT: 1}
    assert [row.possible_duplicate for row in rows(app)] == [True] * 2


@through("resend")
def test_a_mail_whose_words_changed_since_is_not_sent_under_the_old_key(app, far):
    """A reader chose other themes: the same key with other words would be refused as a defect of ours."""
    an_issue_for(app, 1)
    use(app, far)
    far.then(losing)
    send(app)
    with app.database.transaction() as conn:
        conn.execute(t.segment.update().values(html="<p>Other words</p>"))
    assert tick(app, minutes=1) == {E.RESUBMIT: 1}
    assert len(far.calls) == 1


@through("resend")
def test_a_key_is_not_used_past_its_life(app, far):
    an_issue_for(app, 1)
    use(app, far)
    far.then(losing)
    send(app)
    assert tick(app, hours=23) == {E.RESUBMIT: 1}
    assert len(far.calls) == 1


@through("resend")
def test_row_55_another_mail_under_our_key_is_held_and_the_operator_is_told(app, far):
    an_issue_for(app, 1)
    use(app, far)
    conflict = reply(409, {"name": "invalid_idempotent_request", "message": "other payload"})
    far.then(losing, conflict)
    send(app)
    assert tick(app, minutes=1) == {E.UNSENDABLE: 1}
    assert states(app)[0] is S.HELD
    with app.database.read() as conn:
        (facts,) = conn.execute(select(t.notice.c.facts)).scalars()
    assert "under the key" in facts["problem"]


@through("resend")
def test_what_a_person_sends_again_has_a_new_key(app, far):
    _, issue = an_issue_for(app, 1)
    use(app, far, on_uncertain="hold")
    far.then(losing)
    send(app)
    tick(app, hours=23)
    assert states(app) == [S.HELD]
    app.issue_desk.decide(issue.name, Decision.RESEND)
    assert send(app) == {E.ACCEPT: 1}
    assert len({call.headers["idempotency-key"] for call in far.calls}) == 2


@through("resend", "brevo")
def test_a_second_try_after_a_refusal_for_now_has_the_same_key(app, far):
    an_issue_for(app, 1)
    use(app, far)
    far.then(reply(503, {}, retry_after="20"))
    assert send(app) == {E.DEFER: 1}
    (row,) = rows(app)
    assert row.not_before == app.clock() + timedelta(seconds=20)
    app.clock.pass_time(seconds=20)
    assert send(app) == {E.ACCEPT: 1}
    assert far.calls[0].body == far.calls[1].body
    assert far.calls[0].headers.get("idempotency-key") == far.calls[1].headers.get("idempotency-key")


@through("postmark", "mailgun")
def test_records_tell_what_became_of_a_lost_answer(app, far):
    an_issue_for(app, 2)
    use(app, far, on_uncertain="hold")
    far.then(losing, losing)
    assert send(app) == {E.LOSE: 2}
    assert tick(app, seconds=60) == {}
    assert tick(app, minutes=6) == {E.ACCEPT: 2}
    assert len(far.desk.mails) == 2
    assert all(row.provider_id for row in rows(app))


@through("postmark", "mailgun")
@pytest.mark.parametrize(
    ("policy", "event", "state"), [("resend", E.RESUBMIT, S.QUEUED), ("hold", E.HOLD, S.HELD)]
)
def test_row_63_not_on_record_is_believed_after_twenty_minutes_and_then_policy_decides(
    app, far, policy, event, state
):
    an_issue_for(app, 1)
    use(app, far, on_uncertain=policy)
    far.then(lambda desk, asked: None)
    send(app)
    early = [tick(app, minutes=2) for _ in range(9)]
    assert early == [{}] * 9
    waited = [tick(app, minutes=2) for _ in range(6)]
    assert [done for done in waited if done] == [{event: 1}]
    (row,) = rows(app)
    assert (row.state, row.possible_duplicate) == (state.value, True)
    assert len(far.calls) == 1


@through("postmark")
def test_row_63_records_that_are_down_for_an_hour_leave_it_to_policy(app, far, monkeypatch):
    an_issue_for(app, 1)
    use(app, far, on_uncertain="hold")
    far.then(losing)
    send(app)
    monkeypatch.setattr(far.desk, "tell", lambda asked: reply(500, {}))
    assert [tick(app, minutes=5) for _ in range(11)] == [{}] * 11
    assert tick(app, minutes=5) == {E.HOLD: 1}


@through("postmark")
def test_a_doubt_is_not_asked_about_at_every_tick(app, far):
    an_issue_for(app, 1)
    use(app, far)
    far.then(lambda desk, asked: None)
    send(app)
    for _ in range(20):
        tick(app, seconds=30)
    questions = [one for one in far.asked if one.method == "GET"]
    assert 2 <= len(questions) <= 8


@through("postmark")
def test_row_58_a_batch_goes_in_one_call_and_each_mail_has_its_own_end(app, far):
    readers, _ = an_issue_for(app, 6)
    far.desk.refuse = {readers[2].email}
    use(app, far)
    assert send(app) == {E.ACCEPT: 5, E.REJECT: 1}
    assert len(far.calls) == 1
    assert states(app)[2] is S.REJECTED


@through("postmark")
@pytest.mark.parametrize("live", [True, False])
def test_row_61_who_the_provider_will_not_mail_is_suppressed_here_unless_in_test_mode(
    maker, tmp_path, far, live
):
    """In test mode it was the operator's mailbox that was refused."""
    with installed(tmp_path, clock=Clock(), live=live, database={"url": maker.ready()}) as app:
        ann = a_reader(app)
        an_issue(app, [ann])
        far.desk.inactive = {ann.email if live else app.publication.operator_address}
        use(app, far)
        assert send(app)[E.REJECT] == 1
        with app.database.read() as conn:
            person = people.by_id(conn, ann.id)
            barred = people.is_suppressed(conn, app.signer.address_hash(ann.email))
        assert (person.status is Status.BOUNCED, barred) == (live, live)


@through("resend")
def test_whoever_left_before_the_commit_point_is_not_in_the_call(app, far):
    (ann, *_), _ = an_issue_for(app, 4)
    use(app, far)
    opens = app.tools.backend

    def leaving():
        backend = opens()
        whole = backend.hand_over

        def hand_over(batch, commit):
            with app.database.transaction() as conn:
                people.apply(conn, ann, Life.UNSUBSCRIBE, now=app.clock(), source="test")
            return whole(batch, commit)

        backend.hand_over = hand_over
        return backend

    app.tools = replace(app.tools, backend=leaving)
    assert send(app) == {E.ACCEPT: 3, E.INELIGIBLE: 1}
    assert ann.email not in {mail.to[1] for mail in far.desk.mails}
    assert len(far.desk.mails) == 3


@through("postmark")
def test_what_killed_a_sender_before_is_sent_alone(app, far):
    """So that it is the one to blame, and not the first of a batch it was in."""
    an_issue_for(app, 4)
    held = claim(app, limit=1)
    go_silent(app, held[0].id)
    assert tick(app) == {E.LAPSE: 1}
    use(app, far)
    assert send(app) == {E.ACCEPT: 4}
    assert [len(call.json()) for call in far.calls] == [1, 1, 1, 1]


@through("postmark")
def test_a_refusal_of_us_waits_tells_the_operator_and_blames_nobody(app, far):
    an_issue_for(app, 60)
    use(app, far)
    far.then(reply(401, {"ErrorCode": 10, "Message": "No such token"}))
    assert send(app) == {E.DEFER: 50}
    assert len(far.calls) == 1
    assert states(app)[:60] == [S.QUEUED] * 60
    assert app.status().mail_waits_until is not None
    with app.database.read() as conn:
        (facts,) = conn.execute(select(t.notice.c.facts)).scalars()
    assert facts["problem"] == "Mail had to wait."


@through("postmark")
def test_a_provider_that_asks_to_wait_is_left_alone_that_long(app, far):
    an_issue_for(app, 120)
    use(app, far)
    pace = Pace()
    app.tools = replace(app.tools, backend=lambda: KINDS["postmark"].opens(far.url, pace=pace))
    far.then(reply(429, {}, retry_after="600"))
    send(app)
    assert len(far.calls) == 1
    until = app.status().mail_waits_until
    assert timedelta(seconds=595) <= until - app.clock() <= timedelta(seconds=605)


# --- The second backend ---------------------------------------------------------------------------------


def with_second(app, first, second):
    one, two = KINDS[first.name].opens, KINDS[second.name].opens
    app.tools = replace(
        app.tools,
        backend=lambda: one(first.url),
        fallback=lambda: two(second.url),
        workers=1,
        patience={
            name: KINDS[name].opens("http://127.0.0.1:9")._wire.habits.patience
            for name in ("mailgun", "postmark")
        },
    )


@pytest.fixture
def both():
    with provider(KINDS["mailgun"].desk()) as first, provider(KINDS["postmark"].desk()) as second:
        first.name, second.name = "mailgun", "postmark"
        yield first, second


def down(desk, asked):
    return reply(403, {"message": "suspended"})


def test_a_backend_that_is_out_is_retried_and_then_mail_goes_by_the_second(app, both):
    """Checklist: back-off, then the second backend, no duplicate."""
    first, second = both
    an_issue_for(app, 3)
    with_second(app, first, second)
    first.then(*[down] * 50)
    tried = []
    for _ in range(60):
        calls = len(first.calls)
        send(app)
        if len(first.calls) > calls:
            tried.append(app.clock())
        if len(second.desk.mails) >= 3:
            break
        app.clock.pass_time(seconds=30)
    assert len(tried) == 3, "at once, after five minutes, after ten more"
    addresses = [mail.to[1] for mail in second.desk.mails if "reader-" in mail.to[1]]
    assert len(addresses) == len(set(addresses)) == 3
    assert first.desk.mails == []


def test_mail_returns_to_the_first_backend_by_itself(app, both):
    first, second = both
    an_issue_for(app, 1)
    with_second(app, first, second)
    first.then(*[down] * 3)
    for _ in range(40):
        send(app)
        app.clock.pass_time(seconds=60)
    assert second.desk.mails
    app.clock.pass_time(hours=2)
    second_had = len(second.desk.mails)
    an_issue_for(app, 2)
    send(app)
    assert len(first.desk.mails) == 2
    assert len(second.desk.mails) == second_had


def test_row_66_what_may_have_arrived_by_one_way_never_goes_by_the_other(app, both):
    first, second = both
    readers, _ = an_issue_for(app, 4)
    with_second(app, first, second)
    first.then(losing, *[down] * 50)
    for _ in range(80):
        sweep(app.tools, app.clock())
        send(app)
        app.clock.pass_time(seconds=60)
    got = [mail.to[1] for mail in second.desk.mails if "reader-" in mail.to[1]]
    assert readers[0].email not in got
    assert sorted(got) == sorted(reader.email for reader in readers[1:])
    assert [mail.to[1] for mail in first.desk.mails] == [readers[0].email]


def test_row_66_a_doubt_that_policy_sends_again_waits_for_its_own_backend(app, both):
    """Not on record: it is sent once more, flagged; but only by the way it took before."""
    first, second = both
    (ann,), _ = an_issue_for(app, 1)
    with_second(app, first, second)
    first.then(lambda desk, asked: None, *[down] * 200)
    for _ in range(80):
        sweep(app.tools, app.clock())
        send(app)
        app.clock.pass_time(seconds=60)
    assert rows(app)[0].possible_duplicate
    assert ann.email not in [mail.to[1] for mail in second.desk.mails]
    first.faults.clear()
    app.clock.pass_time(hours=2)
    send(app)
    assert [mail.to[1] for mail in first.desk.mails if mail.to[1] == ann.email] == [ann.email]
