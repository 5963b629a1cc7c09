"""The actions on readers, over a real database: who becomes one, who stops being one, and what is kept."""

from datetime import timedelta

import pytest

from digest.errors import NotAllowed, UnknownName
from digest.pipeline.readers_csv import Fate, bring_in, take_out
from subscribers import store
from subscribers.errors import BadAddress, BadToken, Suppressed, TokenFault, UnknownSubscriber
from subscribers.lifecycle import Event
from subscribers.model import Cadence, Status, SuppressionReason
from subscribers.tokens import Purpose
from tests.web_server import MORNING, Desk, dump, person_of, proof, readers_at

ANN = "ann@reader.example"


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def readers(tmp_path, desk):
    readers = readers_at(tmp_path / "people.db", desk)
    yield readers
    readers.db.close()


def ask(readers, email=ANN, **wanted):
    readers.subscribe(email=email, shown="We promise.", **wanted)
    return person_of(readers, email)


def join(readers, email=ANN, **wanted):
    return readers.confirm(readers.link(Purpose.CONFIRM, ask(readers, email, **wanted)))


def suppression_of(readers, email=ANN):
    with readers.db.read() as conn:
        return store.suppression_of(conn, readers.signer.address_hash(email))


def bar(readers, event, email=ANN):
    with readers.db.transaction() as conn:
        person = store.by_email(conn, email)
        hashed = readers.signer.address_hash(email)
        return store.bar(conn, person, event, address_hash=hashed, now=MORNING, source="test")


def test_asking_makes_a_pending_reader_and_one_confirm_mail(readers, desk):
    ann = ask(readers, cadence=Cadence.DAILY, themes=frozenset({"courts"}))
    assert ann.status is Status.PENDING
    assert desk.notices == [("confirm", ann.id, "2026-11-23")]
    assert proof(readers, ANN) == [("requested", "web form", "daily; themes: courts. We promise.")]
    assert desk.joined == []


def test_confirming_makes_a_reader_with_a_place_to_start_from(readers, desk):
    ann = join(readers)
    assert (ann.status, ann.confirmed_at) == (Status.CONFIRMED, MORNING)
    assert desk.joined == [(ann.id, Cadence.WEEKLY)]
    assert ("welcome", ann.id, "2026-11-23") in desk.notices


def test_confirming_twice_changes_nothing_the_second_time(readers, desk):
    token = readers.link(Purpose.CONFIRM, ask(readers))
    readers.confirm(token)
    before = dump(readers), list(desk.notices), list(desk.joined)
    readers.confirm(token)
    assert (dump(readers), desk.notices, desk.joined) == before


def test_a_victim_gets_one_confirm_mail_a_day_and_three_a_month_whoever_asks(readers, desk):
    for _ in range(40):
        for _ in range(5):
            ask(readers)
        desk.pass_time(days=1)
    days = [nonce for kind, _, nonce in desk.notices if kind == "confirm"]
    assert days == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-12-24", "2026-12-25", "2026-12-26"]


def test_asking_again_before_confirming_changes_the_choice(readers):
    ask(readers, cadence=Cadence.DAILY)
    assert join(readers, cadence=Cadence.MONTHLY).preferences.cadence is Cadence.MONTHLY


def test_a_stranger_who_fills_in_the_form_changes_nothing_for_a_reader(readers, desk):
    ann = join(readers)
    before = dump(readers)
    ask(readers, cadence=Cadence.EVERY_POST, themes=frozenset({"courts"}))
    assert dump(readers) == before
    assert desk.notices[-1] == ("preferences-link", ann.id, "2026-11-23")


def test_an_expired_confirm_link_confirms_nobody(readers, desk):
    token = readers.link(Purpose.CONFIRM, ask(readers))
    desk.pass_time(days=7, seconds=1)
    with pytest.raises(BadToken):
        readers.confirm(token)
    assert person_of(readers, ANN).status is Status.PENDING


def test_a_confirm_link_from_before_leaving_is_used_up(readers):
    token = readers.link(Purpose.CONFIRM, ask(readers))
    ann = readers.confirm(token)
    readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, ann))
    with pytest.raises(BadToken) as refused:
        readers.confirm(token)
    assert refused.value.fault is TokenFault.USED
    assert person_of(readers, ANN).status is Status.UNSUBSCRIBED


def test_whoever_left_comes_back_by_asking_and_confirming(readers, desk):
    ann = join(readers)
    readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, ann))
    desk.pass_time(days=1)
    assert join(readers).status is Status.CONFIRMED
    assert len(desk.joined) == 2


def test_leaving_is_recorded_once(readers):
    ann = join(readers)
    token = readers.link(Purpose.UNSUBSCRIBE, ann)
    readers.unsubscribe(token, source="one-click")
    before = dump(readers)
    readers.unsubscribe(token, source="one-click")
    assert dump(readers) == before
    assert proof(readers, ANN)[-1][:2] == ("unsubscribed", "one-click")


def test_undo_takes_leaving_back_and_leaves_progress_alone(readers, desk):
    ann = join(readers)
    left = readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, ann))
    desk.pass_time(minutes=9)
    assert readers.undo(left.undo_token).status is Status.CONFIRMED
    assert readers.undo(left.undo_token).status is Status.CONFIRMED
    assert len(desk.joined) == 1


def test_undo_is_over_after_ten_minutes(readers, desk):
    left = readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, join(readers)))
    desk.pass_time(minutes=11)
    with pytest.raises(BadToken):
        readers.undo(left.undo_token)
    with pytest.raises(BadToken) as refused:  # nor does a fresh token help
        readers.undo(readers.link(Purpose.UNDO, left.person))
    assert refused.value.fault is TokenFault.USED


def leave(readers, person, **source):
    return readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, person), **source)


def test_undo_is_offered_by_the_very_request_that_a_reader_left_by(readers, desk):
    ann = join(readers)
    assert leave(readers, ann).undo_token
    assert leave(readers, ann).undo_token == ""
    desk.pass_time(days=1)
    assert leave(readers, ask(readers)).undo_token == ""
    assert leave(readers, join(readers, "bob@reader.example"), source="one-click").undo_token == ""


def test_somebody_who_only_waited_can_leave_and_cannot_undo_it(readers):
    left = leave(readers, ask(readers)).person
    assert left.status is Status.UNSUBSCRIBED
    with pytest.raises(BadToken):
        readers.confirm(readers.link(Purpose.CONFIRM, left))
    assert proof(readers, ANN)[-1][:2] == ("unsubscribed", "unsubscribe page")


@pytest.mark.parametrize("event", [Event.BOUNCE, Event.COMPLAIN])
def test_undo_brings_back_nobody_whose_mail_bounced_or_who_complained(readers, event):
    left = leave(readers, join(readers))
    bar(readers, event)
    for _ in range(2):
        with pytest.raises(BadToken):
            readers.undo(left.undo_token)
        leave(readers, left.person)  # leaving once more, after the bounce, opens no way back
    assert person_of(readers, ANN).status is not Status.CONFIRMED


def test_undo_yields_to_the_operator(readers):
    ann = join(readers)
    token = leave(readers, ann).undo_token
    readers.suppress(ANN, source="test")
    with pytest.raises(BadToken):
        readers.undo(token)
    readers.lift(ANN)
    readers.undo(token)
    readers.remove(ANN, source="test")
    with pytest.raises(BadToken):
        readers.undo(token)
    assert person_of(readers, ANN).status is Status.UNSUBSCRIBED


def test_a_change_of_mind_is_stored_with_its_record(readers):
    token = readers.link(Purpose.PREFERENCES, join(readers))
    readers.change_preferences(token, cadence=Cadence.MONTHLY, themes=frozenset({"prisons", "courts"}))
    readers.pause(token)
    readers.resume(token)
    assert [detail for kind, _, detail in proof(readers, ANN) if kind == "changed"] == [
        "monthly; themes: courts, prisons",
        "monthly; themes: courts, prisons; paused until 2026-12-21",
        "monthly; themes: courts, prisons",
    ]


def test_saving_what_is_already_so_writes_nothing(readers):
    token = readers.link(Purpose.PREFERENCES, join(readers))
    before = dump(readers)
    readers.change_preferences(token, cadence=Cadence.WEEKLY, themes=frozenset())
    assert dump(readers) == before


def test_a_paused_reader_is_in_no_audience_until_the_pause_ends(readers):
    ann = join(readers)
    readers.pause(readers.link(Purpose.UNSUBSCRIBE, ann), purpose=Purpose.UNSUBSCRIBE)
    with readers.db.read() as conn:
        assert store.audience_page(conn, Cadence.WEEKLY, 0, 10, MORNING + timedelta(days=27)) == []
        assert len(store.audience_page(conn, Cadence.WEEKLY, 0, 10, MORNING + timedelta(days=28))) == 1


def test_an_unsubscribe_link_may_ask_for_less(readers):
    ann = join(readers, cadence=Cadence.EVERY_POST)
    assert readers.go_monthly(readers.link(Purpose.UNSUBSCRIBE, ann)).preferences.cadence is Cadence.MONTHLY


def test_somebody_who_left_has_no_preferences_to_change(readers):
    ann = readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, join(readers))).person
    with pytest.raises(NotAllowed):
        readers.pause(readers.link(Purpose.PREFERENCES, ann))


@pytest.mark.parametrize("event", [Event.BOUNCE, Event.COMPLAIN])
def test_a_reader_lifts_a_bounce_or_complaint_by_asking_and_confirming(readers, event):
    join(readers)
    bar(readers, event)
    assert ask(readers).status is Status.PENDING
    assert suppression_of(readers) is not None
    assert readers.confirm(readers.link(Purpose.CONFIRM, person_of(readers, ANN))).status is Status.CONFIRMED
    assert suppression_of(readers) is None


def test_an_address_the_operator_forbade_is_never_asked_and_cannot_confirm(readers, desk):
    ann = ask(readers)
    readers.suppress(ANN, source="digest subscriber suppress")
    notices = list(desk.notices)
    desk.pass_time(days=1)
    readers.subscribe(email=ANN, shown="We promise.")
    assert desk.notices == notices
    with pytest.raises(Suppressed):
        readers.confirm(readers.link(Purpose.CONFIRM, ann))
    readers.lift(ANN)
    assert join(readers).status is Status.CONFIRMED


def test_an_unknown_address_can_be_forbidden_beforehand(readers, desk):
    readers.suppress("new@reader.example", source="operator")
    readers.subscribe(email="new@reader.example", shown="We promise.")
    assert desk.notices == []
    assert suppression_of(readers, "new@reader.example") is SuppressionReason.MANUAL


def test_erasing_a_person_keeps_no_address_and_survives_an_import(readers):
    ann = join(readers)
    readers.erase(ANN, source="digest subscriber erase")
    assert "reader.example" not in str(dump(readers))
    with pytest.raises(UnknownName):
        readers.find(ANN)
    with pytest.raises(UnknownSubscriber):
        readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, ann))
    report = bring_in(readers, f"email\n{ANN}\n".encode(), file_name="old.csv", proof="paper forms")
    assert report.counts[Fate.SUPPRESSED] == 1
    assert "reader.example" not in str(dump(readers))


def test_an_erased_person_who_asks_anew_is_a_new_reader(readers):
    first = join(readers)
    readers.erase(ANN, source="page")
    second = join(readers)
    assert (second.status, suppression_of(readers)) == (Status.CONFIRMED, None)
    assert second.public_id != first.public_id


def test_an_operator_removes_by_address_and_hears_of_a_stranger(readers):
    join(readers)
    assert readers.remove(ANN, source="digest subscriber remove").status is Status.UNSUBSCRIBED
    with pytest.raises(UnknownName):
        readers.remove("nobody@reader.example", source="x")
    with pytest.raises(BadAddress):
        readers.find("nobody")


def test_an_import_without_proof_waits_for_each_person(readers, desk):
    data = f'email,cadence,themes\n{ANN},monthly,"Courts,Moon"\nnobody,,\n'.encode()
    report = bring_in(readers, data, file_name="old.csv", theme_keys={"courts": "courts"}, invite=True)
    ann = person_of(readers, ANN)
    assert (ann.status, ann.preferences.cadence) == (Status.PENDING, Cadence.MONTHLY)
    assert ann.preferences.themes == {"courts"}
    assert report.counts[Fate.PENDING] == 1
    assert [row.line for row in report.bad] == [3]
    assert proof(readers, ANN) == [
        ("imported", "import old.csv line 2", "monthly; themes: courts; no proof of consent stated")
    ]
    assert desk.notices == [("confirm", ann.id, "2026-11-23")]
    assert desk.joined == []


def test_an_import_with_proof_makes_readers_and_keeps_the_proof(readers, desk):
    data = f"email,status,confirmed_at\n{ANN},active,2024-05-06\nbob@reader.example,pending,\n".encode()
    report = bring_in(readers, data, file_name="old.csv", proof="double opt-in at the old service")
    assert person_of(readers, ANN).status is Status.CONFIRMED
    assert person_of(readers, "bob@reader.example").status is Status.PENDING
    assert report.counts == {**dict.fromkeys(Fate, 0), Fate.CONFIRMED: 1, Fate.PENDING: 1}
    assert proof(readers, ANN)[-1][2] == (
        "weekly; themes: all; double opt-in at the old service; the file says: confirmed at 2024-05-06"
    )
    assert len(desk.joined) == 1


def test_proof_brought_later_confirms_whoever_still_waits(readers):
    data = f"email\n{ANN}\n".encode()
    bring_in(readers, data, file_name="old.csv")
    report = bring_in(readers, data, file_name="old.csv", proof="paper forms")
    assert report.counts[Fate.CONFIRMED] == 1
    assert proof(readers, ANN)[-1][2] == "weekly; themes: all; paper forms"


def test_importing_the_same_file_twice_changes_nothing_the_second_time(readers):
    data = b"email\n" + b"".join(b"r%d@reader.example\n" % n for n in range(1, 20))
    bring_in(readers, data, file_name="old.csv", proof="forms")
    before = dump(readers)
    assert bring_in(readers, data, file_name="old.csv", proof="forms").counts[Fate.KNOWN] == 19
    assert dump(readers) == before


def test_an_import_brings_nobody_back_who_left(readers):
    readers.unsubscribe(readers.link(Purpose.UNSUBSCRIBE, join(readers)))
    report = bring_in(readers, f"email\n{ANN}\n".encode(), file_name="old.csv", proof="forms")
    assert report.counts[Fate.LEFT] == 1
    assert person_of(readers, ANN).status is Status.UNSUBSCRIBED


@pytest.mark.parametrize("said", ["forms", ""])
def test_an_import_brings_nobody_back_for_whom_a_stranger_filled_in_the_form(readers, desk, said):
    leave(readers, join(readers))
    desk.pass_time(days=30)
    ask(readers)
    before = dump(readers)
    data = f"email\n{ANN}\n".encode()
    assert bring_in(readers, data, file_name="old.csv", proof=said, invite=True).counts[Fate.LEFT] == 1
    assert dump(readers) == before
    readers.confirm(readers.link(Purpose.CONFIRM, person_of(readers, ANN)))
    assert bring_in(readers, data, file_name="old.csv", proof=said).counts[Fate.KNOWN] == 1


def test_an_import_says_how_far_it_is(readers):
    data = b"email\nnobody\n" + b"".join(b"r%d@reader.example\n" % n for n in range(501))
    told = []
    bring_in(readers, data, file_name="old.csv", advance=lambda *counts: told.append(counts))
    assert told == [(500, 501), (1, 501)]


def test_an_export_holds_whoever_fits(readers, tmp_path):
    join(readers)
    join(readers, "bob@reader.example", cadence=Cadence.DAILY)
    ask(readers, "cat@reader.example")
    join(readers, "dan@reader.example")
    readers.erase("dan@reader.example", source="page")
    with (tmp_path / "out.csv").open("w", newline="", encoding="utf-8") as out:
        assert take_out(readers, out) == 3
    assert "dan" not in (tmp_path / "out.csv").read_text(encoding="utf-8")
    with (tmp_path / "out.csv").open("w", newline="", encoding="utf-8") as out:
        assert take_out(readers, out, status=Status.CONFIRMED, cadence=Cadence.DAILY) == 1
