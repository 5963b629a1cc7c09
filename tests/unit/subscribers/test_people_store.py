"""The statements about people, on a real SQLite database."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, inspect

from subscribers import store
from subscribers.address import parse
from subscribers.errors import UnknownSubscriber
from subscribers.lifecycle import Event
from subscribers.model import Cadence, ConsentKind, ConsentRecord, Preferences, Status, SuppressionReason
from subscribers.tables import metadata

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def conn():
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def a_person(conn, email="ann@reader.example", *, events=(), public_id=None, **preferences):
    person = store.add(
        conn,
        public_id=public_id or f"{email.partition('@')[0]:0>16}",
        address=parse(email, allow_reserved=True),
        preferences=Preferences(**preferences),
        now=NOW,
    )
    for event in events:
        person = store.apply(conn, person, event, now=NOW, source="test")
    return person


def test_a_new_subscriber_is_pending_and_found_by_every_name(conn):
    ann = a_person(conn, "Ann@reader.example", themes=frozenset({"prisons", "courts"}), cadence=Cadence.DAILY)
    assert ann.status is Status.PENDING
    assert ann.email == "Ann@reader.example"
    assert ann.preferences == Preferences(cadence=Cadence.DAILY, themes=frozenset({"courts", "prisons"}))
    assert store.by_id(conn, ann.id) == ann
    assert store.by_public_id(conn, ann.public_id, lock=True) == ann
    assert store.by_email(conn, "ann@reader.example") == ann
    assert store.consent(conn, ann.id) == ()


def test_row_47_one_address_is_one_person_however_it_is_spelled(conn):
    ann = a_person(conn, "ann@reader.example")
    assert a_person(conn, "ANN@Reader.Example", public_id="other") == ann


@pytest.mark.parametrize("pattern", ["%", "_nn@reader.example", "%@%", "ann@reader.exampl_"])
def test_an_address_is_never_a_pattern(conn, pattern):
    a_person(conn)
    assert store.by_email(conn, pattern) is None
    assert store.listing(conn, contains="%") == []


def test_nobody_of_that_name_is_said_so(conn):
    with pytest.raises(UnknownSubscriber):
        store.by_id(conn, 7)
    with pytest.raises(UnknownSubscriber):
        store.by_public_id(conn, "nobody")


def test_confirming_leaves_its_time_and_its_record_once(conn):
    ann = a_person(conn)
    later = NOW + timedelta(hours=1)
    confirmed = store.apply(conn, ann, Event.CONFIRM, now=later, source="confirm page", detail="weekly")
    again = store.apply(conn, confirmed, Event.CONFIRM, now=later + timedelta(days=1), source="confirm page")
    assert (confirmed.status, confirmed.confirmed_at) == (Status.CONFIRMED, later)
    assert again == confirmed
    assert store.consent(conn, ann.id) == (
        ConsentRecord(kind=ConsentKind.CONFIRMED, at=later, source="confirm page", detail="weekly"),
    )


def test_taking_leaving_back_keeps_the_day_the_reader_joined(conn):
    ann = a_person(conn, events=[Event.CONFIRM, Event.UNSUBSCRIBE])
    back = store.apply(conn, ann, Event.UNDO, now=NOW + timedelta(minutes=2), source="page")
    assert (back.status, back.confirmed_at) == (Status.CONFIRMED, NOW)


@pytest.mark.parametrize(
    ("event", "status", "reason"),
    [
        (Event.BOUNCE, Status.BOUNCED, SuppressionReason.HARD_BOUNCE),
        (Event.COMPLAIN, Status.COMPLAINED, SuppressionReason.COMPLAINT),
        (Event.ERASE, Status.ERASED, SuppressionReason.ERASED),
    ],
)
def test_a_bounce_a_complaint_and_an_erasure_suppress_the_address(conn, event, status, reason):
    ann = a_person(conn, events=[Event.CONFIRM])
    assert store.bar(conn, ann, event, address_hash="h" * 64, now=NOW, source="test").status is status
    assert store.suppression_of(conn, "h" * 64) is reason
    assert store.is_suppressed(conn, "h" * 64)


def test_erasing_leaves_no_trace_of_the_address_but_keeps_the_proof(conn):
    ann = a_person(conn, events=[Event.CONFIRM], themes=frozenset({"courts"}))
    gone = store.bar(conn, ann, Event.ERASE, address_hash="h" * 64, now=NOW, source="page")
    assert (gone.email, gone.name, gone.preferences.themes) == ("", "", frozenset())
    assert [record.kind for record in store.consent(conn, ann.id)] == [
        ConsentKind.CONFIRMED,
        ConsentKind.ERASED,
    ]
    everything = [
        tuple(row) for table in inspect(conn).get_table_names()
        for row in conn.exec_driver_sql(f"SELECT * FROM {table}")
    ]  # fmt: skip
    assert "reader.example" not in str(everything)
    with pytest.raises(UnknownSubscriber):
        store.by_public_id(conn, ann.public_id)


def test_an_erased_person_may_come_back_as_somebody_new(conn):
    ann = a_person(conn)
    store.bar(conn, ann, Event.ERASE, address_hash="h" * 64, now=NOW, source="page")
    assert a_person(conn, public_id="new").id != ann.id


def test_the_first_suppression_stands_but_an_operators_replaces_it(conn):
    for reason in (SuppressionReason.COMPLAINT, SuppressionReason.ERASED):
        store.suppress(conn, "h" * 64, reason, now=NOW, source="test")
    assert store.suppression_of(conn, "h" * 64) is SuppressionReason.COMPLAINT
    store.suppress(conn, "h" * 64, SuppressionReason.MANUAL, now=NOW, source="test")
    assert store.suppression_of(conn, "h" * 64) is SuppressionReason.MANUAL
    store.lift(conn, "h" * 64)
    assert store.suppression_of(conn, "h" * 64) is None


def test_the_audience_is_the_confirmed_who_are_not_paused_page_by_page(conn):
    readers = [a_person(conn, f"r{n}@reader.example", events=[Event.CONFIRM]) for n in range(5)]
    a_person(conn, "pending@reader.example")
    a_person(conn, "left@reader.example", events=[Event.CONFIRM, Event.UNSUBSCRIBE])
    a_person(conn, "daily@reader.example", events=[Event.CONFIRM], cadence=Cadence.DAILY)
    a_person(conn, "paused@reader.example", events=[Event.CONFIRM], paused_until=NOW + timedelta(seconds=1))
    back = a_person(conn, "back@reader.example", events=[Event.CONFIRM], paused_until=NOW)
    first = store.audience_page(conn, Cadence.WEEKLY, 0, 4, NOW)
    second = store.audience_page(conn, Cadence.WEEKLY, first[-1].id, 4, NOW)
    assert first == readers[:4]
    assert second == [readers[4], back]


def test_a_listing_filters_and_pages(conn):
    ann = a_person(conn, "ann@reader.example", events=[Event.CONFIRM])
    bob = a_person(conn, "bob@reader.example", cadence=Cadence.MONTHLY)
    cat = a_person(conn, "cat@other.example", events=[Event.CONFIRM])
    assert store.listing(conn) == [ann, bob, cat]
    assert store.listing(conn, status=Status.CONFIRMED, after_id=ann.id) == [cat]
    assert store.listing(conn, cadence=Cadence.MONTHLY) == [bob]
    assert store.listing(conn, contains="READER", limit=1) == [ann]


def test_counts_name_every_status(conn):
    a_person(conn, "ann@reader.example", events=[Event.CONFIRM])
    a_person(conn, "bob@reader.example", cadence=Cadence.MONTHLY)
    assert store.count_by_status(conn) == {
        **dict.fromkeys(Status, 0), Status.CONFIRMED: 1, Status.PENDING: 1,
    }  # fmt: skip


def test_requests_are_counted_from_an_instant_on(conn):
    ann = a_person(conn)
    for hours in (0, 5):
        at = NOW + timedelta(hours=hours)
        store.append_consent(conn, ann.id, ConsentKind.REQUESTED, now=at, source="web form")
    store.append_consent(conn, ann.id, ConsentKind.CONFIRMED, now=NOW + timedelta(hours=6), source="page")
    assert store.requests_since(conn, ann.id, NOW) == 2
    assert store.requests_since(conn, ann.id, NOW + timedelta(seconds=1)) == 1


def test_changed_preferences_are_stored_whole(conn):
    ann = a_person(conn)
    wanted = Preferences(
        cadence=Cadence.EVERY_POST, themes=frozenset({"courts"}), language="de", paused_until=NOW
    )
    assert store.change_preferences(conn, ann, wanted, now=NOW).preferences == wanted
