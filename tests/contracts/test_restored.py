"""A database that was put back: noticed before anything is sent, and held until a person has looked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import connect

import pytest

from digest.app import App
from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState
from digest.pipeline.issue_desk import Decision
from digest.store.epoch import RESTORED, Epoch, EpochFile
from subscribers.model import Cadence
from tests.databases import Maker
from tests.installation import Clock, a_post, ask_to_join, installation, join, mails, publish
from tests.ledgers import a_reader, an_issue, claim, commit, rows

READERS = [f"reader{number}@reader.example" for number in range(4)]


@pytest.fixture
def app(tmp_path: Path, maker: Maker) -> Iterator[App]:
    """A live installation on each database system, with four readers of every post."""
    clock = Clock()
    url = {"url": maker.ready()}
    with installation(tmp_path, clock=clock, database=url) as app:
        for reader in READERS:
            join(app, reader, Cadence.EVERY_POST)
        app.run()
        clock.pass_time(minutes=1)
        yield app


def forget_what_was_sent(app: App) -> None:
    """Put the ledger's counter back, as a backup does: the file outside remembers."""
    with app.database.transaction() as conn:
        conn.exec_driver_sql("UPDATE installation SET value = '0' WHERE key = 'epoch'")


def file_says(app: App) -> Epoch | None:
    return app.tools.epoch.read()


def test_row_23_a_restored_database_sends_nothing(app: App) -> None:
    publish(app, a_post("One"))
    forget_what_was_sent(app)
    report = app.run()
    assert (report.refused, report.failed, report.outcomes) == (RESTORED, True, {})
    assert mails(app, issues_only=True) == []
    app.issue_desk.recover()
    app.resume()
    assert app.run().refused == ""
    assert len(mails(app, issues_only=True)) == 4


def test_row_23_a_trial_of_a_restored_database_is_not_sent_either(app: App) -> None:
    publish(app, a_post("One"))
    app.run()
    forget_what_was_sent(app)
    _, done = app.send_trial("post-1", "ann@reader.example")
    assert done is not None
    assert done.trouble == [RESTORED]
    assert len(mails(app, issues_only=True)) == 4


def test_row_78_a_copy_that_lags_behind_by_one_claim_is_noticed(app: App) -> None:
    """What a stale replica has not seen may be a single claim: the counter rises with each."""
    before = file_says(app)
    assert before is not None
    publish(app, a_post("One"))
    app.run()
    after = file_says(app)
    assert after is not None
    assert after.number >= before.number + 2  # a claim, and the end of the run
    with app.database.transaction() as conn:
        conn.exec_driver_sql(f"UPDATE installation SET value = '{after.number - 1}' WHERE key = 'epoch'")
    assert app.run().refused


def test_the_file_of_another_installation_is_noticed(app: App) -> None:
    app.tools.epoch.forget()
    app.tools.epoch.keep(Epoch(lineage="2020-01-01T00:00:00+00:00", number=99))
    assert app.run().refused
    app.issue_desk.recover()
    app.resume()
    assert not app.run().refused


def test_a_missing_or_unreadable_file_says_nothing(app: App, tmp_path: Path) -> None:
    app.tools.epoch.forget()
    assert not app.run().refused
    path = tmp_path / "some.epoch"
    path.write_text("torn")
    assert EpochFile(path).read() is None


def test_a_file_that_cannot_be_written_stops_no_mail(app: App, tmp_path: Path) -> None:
    app.tools = replace(app.tools, epoch=EpochFile(tmp_path / "no" / "such" / "folder"))
    publish(app, a_post("One"))
    assert not app.run().refused
    assert len(mails(app, issues_only=True)) == 4


def test_a_file_never_goes_back(tmp_path: Path) -> None:
    """Senders keep their epochs in any order."""
    file = EpochFile(tmp_path / "epoch")
    for number in (3, 5, 4):
        file.keep(Epoch(lineage="x", number=number))
    assert file.read() == Epoch(lineage="x", number=5)


def test_row_23_recovery_holds_every_open_delivery_flagged_and_pauses(app: App) -> None:
    readers = [a_reader(app) for _ in range(4)]
    an_issue(app, readers)
    first, second = claim(app, 2)
    assert commit(app, first)
    found = app.issue_desk.recover()
    states = {row.id: (DeliveryState(row.state), row.possible_duplicate) for row in rows(app) if row.issue_id}
    assert set(states.values()) == {(DeliveryState.HELD, True)}
    assert sum(found.held.values()) == len(states) == 4
    assert app.status().paused_since is not None
    assert not commit(app, second)
    again = app.issue_desk.recover()
    assert again.held == {}


def test_row_23_a_sender_from_before_the_backup_came_back_passes_no_commit_point(app: App) -> None:
    """Its claim was made after the backup: by the fence alone the next claim here would look like its own."""
    an_issue(app, [a_reader(app)])
    (lost,) = claim(app)
    with app.database.transaction() as conn:
        conn.exec_driver_sql(f"UPDATE delivery SET state = 'queued', fence = fence - 1 WHERE id = {lost.id}")
    (name,) = app.issue_desk.recover().held
    app.resume()
    app.issue_desk.decide(name, Decision.RESEND)
    again = next(one for one in claim(app) if one.id == lost.id)
    assert not commit(app, lost)
    assert commit(app, again)


def test_row_23_what_was_final_stays_and_a_person_carries_the_rest_on(app: App) -> None:
    publish(app, a_post("One"))
    app.run()
    app.issue_desk.recover()
    account = app.issue_desk.report("post-1")
    assert (account.counts, account.adds_up, account.held) == ({"accepted": 4}, True, 0)
    readers = [a_reader(app) for _ in range(2)]
    issue = an_issue(app, readers)
    name = next(name for name in app.issue_desk.recover().held)
    assert app.issue_desk.decide(name, Decision.ACCEPT) == 2
    assert issue is not None
    assert app.issue_desk.report(name).counts == {"accepted": 2}


def test_row_23_a_backup_from_before_an_issue_was_sent_names_it_and_waits(tmp_path: Path) -> None:
    """The whole story on files: backup, send, restore, start, recover."""
    clock = Clock()
    with installation(tmp_path, clock=clock) as app:
        join(app, READERS[0], Cadence.EVERY_POST)
        ask_to_join(app, "new@reader.example")
        clock.pass_time(minutes=1)
        publish(app, a_post("One"))
        with closing(connect(tmp_path / "digest.db")) as source, closing(connect(tmp_path / "backup")) as to:
            source.backup(to)
        app.run()
        assert len(mails(app, issues_only=True)) == 1
    for name in ("digest.db-wal", "digest.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "backup", tmp_path / "digest.db")
    with installation(tmp_path, clock=clock, live=False) as app:
        assert app.run().refused == RESTORED
        recovered = app.issue_desk.recover()
        assert recovered.notices > 0
        assert app.run().paused_since is not None
    assert len(list((tmp_path / "mail").glob("*.eml"))) > 0


def test_a_new_database_beside_an_old_file_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "digest.db.epoch").write_text("2020-01-01T00:00:00+00:00 99\n")
    with installation(tmp_path, clock=Clock()) as app:
        assert app.run().refused == ""


def test_a_report_accounts_for_every_reader(app: App) -> None:
    publish(app, a_post("One"))
    left = app.readers.find(READERS[0])
    app.run()
    account = app.issue_desk.report("post-1")
    assert (account.expected, account.counted, account.final, account.on_their_way) == (4, 4, 4, 0)
    assert (account.flagged, account.held, account.uncertain, account.notable) == (0, 0, 0, ())
    assert account.state == IssueState.DONE
    with app.database.transaction() as conn:
        conn.exec_driver_sql(f"DELETE FROM delivery WHERE subscriber_id = {left.id} AND issue_id IS NOT NULL")
    assert not app.issue_desk.report("post-1").adds_up
