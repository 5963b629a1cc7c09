"""Hearing back, on SQLite and on PostgreSQL: matched, written down once, obeyed, never a step backwards."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from digest.delivery.events import BOUNCE_BODY_DAYS, MAILBOX, RAW_DAYS, EventKind, ProviderEvent
from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState, Event
from digest.model import Outcome, OutcomeKind
from digest.pipeline import hearing
from digest.pipeline.hearing import Heard
from digest.rendering.personalise import proof_of, seed_of
from digest.store import deliveries, issues, provider_events
from digest.store import tables as t
from subscribers import store as people
from subscribers.model import Cadence, Status, SuppressionReason
from tests.installation import Clock, mails
from tests.installation import installation as installed
from tests.ledgers import a_reader, an_issue, claim, commit, rows, states

K, S = EventKind, DeliveryState


@pytest.fixture
def app(maker, tmp_path):
    with installed(tmp_path, clock=Clock(), database={"url": maker.ready()}) as app:
        yield app


def accepted(app, *readers, cadence=Cadence.DAILY):
    """Return an issue that was handed over to these readers, and its claims."""
    issue = an_issue(app, readers)
    held = claim(app)
    for one in held:
        assert commit(app, one)
        with app.database.transaction() as conn:
            deliveries.happened(conn, one, Event.ACCEPT, now=app.clock(), provider_id=f"their-{one.id}")
    return issue, held


def an_event(app, delivery_id, kind=K.BOUNCED_HARD, **changes):
    given = {
        "provider": MAILBOX,
        "event_id": f"{kind}-{delivery_id}",
        "kind": kind,
        "token": app.tools.bounce_tokens.token(delivery_id),
        "code": "5.1.1" if kind is K.BOUNCED_HARD else "",
    }
    return ProviderEvent(**given | changes)


def state_of_issue(app):
    """Return the state of the issue that was made first."""
    with app.database.read() as conn:
        return IssueState(conn.execute(select(t.issue.c.state).order_by(t.issue.c.id).limit(1)).scalar_one())


def hear(app, *events):
    return hearing.hear(app.tools, events, app.clock())


def log_of(app):
    with app.database.read() as conn:
        return list(conn.execute(select(t.provider_event).order_by(t.provider_event.c.id)))


def person(app, reader):
    with app.database.read() as conn:
        return people.by_id(conn, reader.id)


def suppression(app, reader):
    with app.database.read() as conn:
        return people.suppression_of(conn, app.signer.address_hash(reader.email))


def test_a_mailbox_that_is_gone_is_suppressed_at_once(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    assert hear(app, an_event(app, held.id)) == Counter({Heard.NEW: 1})
    assert person(app, reader).status is Status.BOUNCED
    assert suppression(app, reader) is SuppressionReason.HARD_BOUNCE


def test_the_same_event_twice_changes_nothing_the_second_time(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    hear(app, an_event(app, held.id))
    before = log_of(app), rows(app), person(app, reader)
    assert hear(app, *[an_event(app, held.id)] * 100) == Counter({Heard.KNOWN: 100})
    assert (log_of(app), rows(app), person(app, reader)) == before


def test_a_complaint_ends_all_mail_and_only_the_reader_can_undo_it(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    hear(app, an_event(app, held.id, K.COMPLAINED))
    assert person(app, reader).status is Status.COMPLAINED
    assert suppression(app, reader) is SuppressionReason.COMPLAINT


def test_leaving_at_the_provider_is_leaving(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    hear(app, an_event(app, held.id, K.UNSUBSCRIBED))
    assert person(app, reader).status is Status.UNSUBSCRIBED
    assert suppression(app, reader) is None


@pytest.mark.parametrize("kind", [K.DELIVERED, K.DEFERRED, K.REJECTED])
def test_other_news_changes_no_reader(app, kind):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    assert hear(app, an_event(app, held.id, kind)) == Counter({Heard.NEW: 1})
    assert person(app, reader) == reader
    assert states(app) == [S.ACCEPTED]


@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("kind", list(K))
def test_an_event_ends_the_doubt_about_a_mail(app, kind, doubtful):
    """Whatever is told of it, somebody took it. The sender that still waits finds its fence taken away."""
    an_issue(app, [a_reader(app)])
    (held,) = claim(app)
    assert commit(app, held)
    if doubtful:
        with app.database.transaction() as conn:
            deliveries.happened(conn, held, Event.LOSE, now=app.clock())
    hear(app, an_event(app, held.id, kind))
    assert states(app)[0] is S.ACCEPTED
    with app.database.transaction() as conn:
        assert not deliveries.happened(conn, held, Event.DEFER, now=app.clock())
    assert states(app)[0] is S.ACCEPTED


def in_doubt(app, state, *, flagged=True):
    """Return the only delivery: its first try's reply was lost, and it stands in ``state`` now."""
    an_issue(app, [a_reader(app)])
    (held,) = claim(app)
    commit(app, held)
    steps = {S.QUEUED: [Event.LOSE, Event.RESUBMIT], S.HELD: [Event.LOSE, Event.HOLD]}
    with app.database.transaction() as conn:
        for event in steps.get(state, steps[S.QUEUED]):
            flag = {} if event is Event.LOSE else {"possible_duplicate": flagged}
            deliveries.happened(conn, held, event, now=app.clock(), **flag)
    return claim(app)[0] if state is S.CLAIMED else held


@pytest.mark.parametrize("kind", list(K))
def test_news_of_a_held_mail_that_may_have_arrived_ends_the_doubt_and_the_issue(app, kind):
    held = in_doubt(app, S.HELD)
    app.run()
    assert state_of_issue(app) is IssueState.DONE_WITH_HOLDS
    hear(app, an_event(app, held.id, kind))
    app.run()
    assert states(app)[0] is S.ACCEPTED
    assert state_of_issue(app) is IssueState.DONE
    assert rows(app)[0].possible_duplicate, "the flag stays: it is history"


def test_news_of_a_mail_that_was_held_before_it_went_leaves_it_to_a_person(app):
    held = in_doubt(app, S.HELD, flagged=False)
    hear(app, an_event(app, held.id, K.DELIVERED))
    assert states(app) == [S.HELD]


def test_a_second_try_is_not_sent_where_the_first_arrived(app):
    held = in_doubt(app, S.QUEUED)
    hear(app, an_event(app, held.id, K.DELIVERED))
    assert states(app) == [S.ACCEPTED]
    app.run()
    assert mails(app, issues_only=True) == []


def test_a_second_try_that_is_being_prepared_is_not_sent_either(app):
    held = in_doubt(app, S.CLAIMED)
    hear(app, an_event(app, held.id, K.DELIVERED))
    assert not commit(app, held)
    assert states(app) == [S.ACCEPTED]


@pytest.mark.parametrize("kind", [K.DEFERRED, K.BOUNCED_SOFT, K.REJECTED])
def test_other_news_of_the_first_try_does_not_stop_the_second(app, kind):
    held = in_doubt(app, S.QUEUED)
    hear(app, an_event(app, held.id, kind, code="4.2.2"))
    assert states(app) == [S.QUEUED]


def test_a_reader_whose_first_try_bounced_for_good_is_sent_no_second(app):
    held = in_doubt(app, S.QUEUED)
    hear(app, an_event(app, held.id))
    app.run()
    assert states(app)[0] is S.SUPPRESSED
    assert mails(app, issues_only=True) == []


@pytest.mark.parametrize("kind", list(K))
def test_no_delivery_moves_backwards(app, kind):
    an_issue(app, [a_reader(app)])
    before = states(app)
    hear(app, an_event(app, rows(app)[0].id, kind))
    assert states(app)[:1] == before == [S.QUEUED]


def test_row_48_an_event_of_a_mail_we_never_sent_leaves_nothing_behind(app):
    _, (held,) = accepted(app, a_reader(app))
    unknown = [
        an_event(app, held.id + 1000),
        an_event(app, held.id, token="k1.1." + "0" * 20),
        an_event(app, held.id, token="", provider_id="someone-elses"),
        an_event(app, held.id, token="", reference=f"d{held.id}-000000000000"),
        an_event(app, held.id, token=""),
    ]
    before = rows(app)
    assert hear(app, *unknown) == Counter({Heard.UNMATCHED: 5})
    assert (log_of(app), rows(app)) == ([], before)


def test_a_message_id_of_ours_proves_the_mail_and_the_address_must_be_the_readers(app):
    reader = a_reader(app)
    issue, (held,) = accepted(app, reader)
    proof = proof_of(seed_of(app.publication.list_id, issue.name), reader.public_id)
    told = an_event(app, held.id, token="", reference=f"<d{held.id}.{proof}@blog.example>")
    assert hear(app, replace(told, address="other@reader.example")) == Counter({Heard.UNMATCHED: 1})
    assert hear(app, replace(told, address=reader.email.upper())) == Counter({Heard.NEW: 1})


def test_a_providers_name_for_a_mail_leads_to_it(app):
    reader = a_reader(app)
    issue = an_issue(app, [reader])
    (held,) = claim(app)
    commit(app, held)
    with app.database.transaction() as conn:
        deliveries.happened(conn, held, Event.ACCEPT, now=app.clock(), provider_id="abc")
    told = an_event(app, held.id, token="", provider="test", provider_id="abc", address=reader.email)
    assert hear(app, replace(told, provider="other")) == Counter({Heard.UNMATCHED: 1}), issue.name
    assert hear(app, told) == Counter({Heard.NEW: 1})


def test_what_bounces_in_test_mode_is_the_operators_mailbox(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    with app.database.transaction() as conn:
        conn.execute(t.delivery.update().values(test_mode=True))
    assert hear(app, an_event(app, held.id)) == Counter({Heard.NEW: 1})
    assert person(app, reader).status is Status.CONFIRMED


def test_a_bounce_from_before_somebody_came_back_does_not_count(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    with app.database.transaction() as conn:
        conn.execute(t.subscriber.update().values(confirmed_at=app.clock() + timedelta(days=1)))
    hear(app, an_event(app, held.id))
    assert person(app, reader).status is Status.CONFIRMED


def test_five_full_days_count_and_what_arrived_between_begins_anew(app):
    reader = a_reader(app, cadence=Cadence.DAILY)
    for _ in range(4):
        _, (held,) = accepted(app, reader)
        hear(app, an_event(app, held.id, K.BOUNCED_SOFT, code="4.2.2"))
        app.clock.pass_time(days=1)
    assert person(app, reader).status is Status.CONFIRMED
    _, (held,) = accepted(app, reader)
    hear(app, an_event(app, held.id, K.BOUNCED_SOFT, code="4.2.2"))
    assert person(app, reader).status is Status.BOUNCED


def test_silence_for_six_days_counts_as_arrived(app):
    reader = a_reader(app, cadence=Cadence.DAILY)
    for day in range(5):
        _, (held,) = accepted(app, reader)
        if day == 3:
            app.clock.pass_time(days=6)
            accepted(app, reader)
            app.clock.pass_time(days=6)
        hear(app, an_event(app, held.id, K.BOUNCED_SOFT, code="4.2.2"))
        app.clock.pass_time(days=1)
    assert person(app, reader).status is Status.CONFIRMED


def alerts(app):
    with app.database.read() as conn:
        return [row.facts for row in conn.execute(select(t.notice).where(t.notice.c.kind == "alert"))]


def test_three_complaints_stop_a_small_issue_once(app):
    """Who has said "continue" is not asked again about the same issue."""
    issue, held = accepted(app, *[a_reader(app) for _ in range(5)])
    with app.database.read() as conn:
        assert issues.by_id(conn, issue.id).state is IssueState.SENDING
    hear(app, *[an_event(app, one.id, K.COMPLAINED) for one in held[:2]])
    assert [facts["problem"] for facts in alerts(app)] == [f"Issue {issue.name} is not welcome."]
    hear(app, an_event(app, held[2].id, K.COMPLAINED))
    with app.database.transaction() as conn:
        assert issues.by_id(conn, issue.id).state is IssueState.STOPPED
        issues.move(conn, issue.id, IssueState.SENDING)
    assert len(alerts(app)) == 2
    hear(app, an_event(app, held[3].id, K.COMPLAINED))
    with app.database.read() as conn:
        assert issues.by_id(conn, issue.id).state is IssueState.SENDING


def test_many_hard_bounces_stop_an_issue_and_ask(app):
    issue, held = accepted(app, *[a_reader(app) for _ in range(100)])
    hear(app, *[an_event(app, one.id) for one in held[:5]])
    with app.database.read() as conn:
        assert issues.by_id(conn, issue.id).state is IssueState.SENDING
    hear(app, an_event(app, held[5].id))
    with app.database.read() as conn:
        assert issues.by_id(conn, issue.id).state is IssueState.STOPPED


@pytest.mark.parametrize(
    ("code", "detail", "status"),
    [
        ("550 5.1.1", "no such user", Status.BOUNCED),
        ("550", "no such user here", Status.BOUNCED),
        ("550", "mailbox unavailable", Status.CONFIRMED),  # could mean us: one bad day
    ],
)
def test_row_32_a_refusal_at_the_hand_over_counts_by_the_same_rules(app, code, detail, status):
    reader = a_reader(app)
    an_issue(app, [reader])
    (held,) = claim(app)
    outcome = Outcome(delivery_id=held.id, kind=OutcomeKind.REJECTED, code=code, detail=detail)
    with app.database.transaction() as conn:
        hearing.hear_refusal(conn, app.tools, held, outcome, app.clock())
    assert person(app, reader).status is status
    assert [row.provider for row in log_of(app)] == ["reply"]


def test_raw_forms_are_forgotten_in_time_and_events_stay(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    hear(
        app,
        an_event(app, held.id, K.DEFERRED, raw="a mail"),
        an_event(
            app,
            held.id,
            K.DEFERRED,
            provider="postmark",
            token=app.tools.bounce_tokens.token(held.id),
            raw="json",
        ),
    )

    def kept(days):
        with app.database.transaction() as conn:
            provider_events.forget_old(conn, app.clock() + timedelta(days=days))
        return [row.raw for row in log_of(app)]

    assert kept(BOUNCE_BODY_DAYS - 1) == ["a mail", "json"]
    assert kept(BOUNCE_BODY_DAYS) == ["", "json"]
    assert kept(RAW_DAYS) == ["", ""]


def test_nothing_in_others_words_is_kept_of_who_is_erased(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    hear(app, an_event(app, held.id, K.DEFERRED, raw=f"to {reader.email}", detail="busy"))
    app.readers.erase(reader.email, source="test")
    assert [(row.raw, row.detail) for row in log_of(app)] == [("", "")]
    late = an_event(app, held.id, K.BOUNCED_HARD)
    hear(app, late)
    assert person(app, reader).status is Status.ERASED


def test_a_suppression_survives_erasing_and_importing_again(app):
    reader = a_reader(app)
    _, (held,) = accepted(app, reader)
    hear(app, an_event(app, held.id))
    app.readers.erase(reader.email, source="test")
    assert suppression(app, reader) is SuppressionReason.HARD_BOUNCE
