"""The table of statuses: whole, reasoned, and safe in the ways that matter."""

from itertools import product

import pytest

from subscribers.lifecycle import SUPPRESSES, TABLE, Event, next_status, yields_to_reader
from subscribers.model import Status, SuppressionReason

EVERY_PAIR = list(product(Status, Event))


def leading_to(status):
    return {(was, event) for was, event in EVERY_PAIR if next_status(was, event).status is status}


def test_every_status_and_event_has_a_row_with_a_reason():
    assert set(TABLE) == set(EVERY_PAIR)
    assert all(step.reason for step in TABLE.values())


def test_only_a_persons_own_yes_or_proven_consent_makes_a_reader():
    assert {pair for pair in leading_to(Status.CONFIRMED) if pair[0] is not Status.CONFIRMED} == {
        (Status.PENDING, Event.CONFIRM),
        (Status.PENDING, Event.IMPORT_PROVEN),
        (Status.UNSUBSCRIBED, Event.UNDO),
    }


def test_a_form_filled_in_by_a_stranger_never_stops_a_readers_mail():
    assert next_status(Status.CONFIRMED, Event.REQUEST).status is Status.CONFIRMED


def test_leaving_stops_mail_from_every_status():
    assert all(next_status(status, Event.UNSUBSCRIBE).status is not Status.CONFIRMED for status in Status)


@pytest.mark.parametrize("event", [event for event in Event if event is not Event.ERASE])
def test_an_erased_person_stays_erased(event):
    assert next_status(Status.ERASED, event).status is Status.ERASED


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_the_same_event_twice_changes_nothing_the_second_time(status, event):
    once = next_status(status, event).status
    assert next_status(once, event).status is once


@pytest.mark.parametrize(
    ("event", "status"),
    [(Event.BOUNCE, Status.BOUNCED), (Event.COMPLAIN, Status.COMPLAINED), (Event.ERASE, Status.ERASED)],
)
def test_what_suppresses_an_address_takes_a_reader_off_the_list(event, status):
    assert event in SUPPRESSES
    assert next_status(Status.CONFIRMED, event).status is status


def test_an_operators_never_is_the_only_suppression_a_reader_cannot_lift():
    assert [reason for reason in SuppressionReason if not yields_to_reader(reason)] == [
        SuppressionReason.MANUAL
    ]
