"""What the store promises, on SQLite and on PostgreSQL alike."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from digest.delivery.issue_states import IssueState
from digest.errors import AlreadyRunning, DatabaseBusy, NotAllowed, SchemaTooNew, UnknownName, in_one_line
from digest.model import FoundPost, IssueKind, PostState, Summary
from digest.store import dialect, feeds, installation, issues, posts, schema
from digest.store import tables as t
from digest.store.engine import Database, wal_is_safe
from digest.store.lock import run_lock
from subscribers import store as people
from subscribers.address import parse
from subscribers.model import ConsentKind, Preferences
from subscribers.tables import consent_record

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


# --- The schema ------------------------------------------------------------------------------------


def test_the_migrated_schema_is_the_one_the_tables_describe(database):
    # Both systems run the same migrations; SQLite spells defaults in too many ways to compare them.
    with_defaults = database.dialect == "postgresql"
    opts = {"compare_type": True, "compare_server_default": with_defaults}
    with database.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts=opts)
        assert compare_metadata(context, t.metadata) == []


def test_ensuring_twice_changes_nothing(database):
    with database.transaction() as conn:
        installation.go_live(conn)
    schema.ensure(database, NOW + timedelta(days=1))
    with database.read() as conn:
        assert installation.is_live(conn)
        assert installation.installed_at(conn) < NOW


def test_a_new_database_begins_in_test_mode_with_no_number_given(maker):
    database = Database(maker.blank())
    schema.ensure(database, NOW)
    with database.read() as conn:
        assert not installation.is_live(conn)
        assert installation.last_number(conn) == 0
        assert installation.installed_at(conn) == NOW
        assert installation.paused_since(conn) is None
    database.close()


def test_row_79_two_processes_may_create_the_schema_at_once(maker):
    """`digest serve` starts two on a new database; neither may fail."""
    url = maker.blank()
    with python(_ENSURE, url) as one, python(_ENSURE, url) as other:
        for process in (one, other):  # both have loaded everything: now they go
            assert process.stdout.readline() == "ready\n"
        for process in (one, other):
            process.stdin.write("\n")
            process.stdin.flush()
        for process in (one, other):
            assert (process.wait(), process.stderr.read()) == (0, "")
    database = Database(url)
    assert schema.current(database) == schema.HEAD
    database.close()


_ENSURE = """
import sys
from datetime import UTC, datetime
import alembic.command, alembic.config
from digest.store import schema
from digest.store.engine import Database
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
schema.ensure(database, datetime(2026, 11, 23, tzinfo=UTC))
"""


def python(program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_row_22_a_newer_schema_is_refused(database):
    with database.transaction() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        schema.ensure(database, NOW)


# --- Consent, instants -----------------------------------------------------------------------------


def a_person(conn, email="ann@reader.example"):
    return people.add(
        conn,
        public_id=f"{email.partition('@')[0]:0>16}",
        address=parse(email, allow_reserved=True),
        preferences=Preferences(),
        now=NOW,
    )


@pytest.mark.parametrize("change", ["UPDATE consent_record SET source = 'x'", "DELETE FROM consent_record"])
def test_consent_records_only_grow(database, change):
    with database.transaction() as conn:
        ann = a_person(conn)
        people.append_consent(conn, ann.id, ConsentKind.REQUESTED, now=NOW, source="web form")
    with pytest.raises(DBAPIError, match="consent records only grow"), database.transaction() as conn:
        conn.execute(text(change))
    with database.read() as conn:
        assert conn.execute(select(consent_record.c.source)).scalars().all() == ["web form"]


@pytest.mark.parametrize(
    "moment",
    [
        NOW,
        NOW.replace(microsecond=1),
        datetime(2026, 11, 23, 23, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_as_it_went_in_told_in_utc(database, moment):
    with database.transaction() as conn:
        feed = feeds.add(conn, url="https://blog.example/feed/", title="", site_url="", now=moment)
    assert feed.added_at == moment
    assert feed.added_at.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(database):
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="needs a time zone"), database.transaction() as conn:
        feeds.add(conn, url="https://blog.example/feed/", title="", site_url="", now=naive)


def test_instants_are_ordered_by_the_database_as_by_us(database):
    moments = [NOW + timedelta(microseconds=step) for step in (-1, 0, 1, 1_000_000)]
    with database.transaction() as conn:
        for number, moment in enumerate(moments):
            feeds.add(conn, url=f"https://blog.example/{number}/", title="", site_url="", now=moment)
    with database.read() as conn:
        found = conn.execute(select(t.feed.c.added_at).order_by(t.feed.c.added_at.desc())).scalars().all()
        until = conn.execute(select(func.count()).where(t.feed.c.added_at <= NOW)).scalar_one()
    assert found == moments[::-1]
    assert until == 2


# --- Transactions ----------------------------------------------------------------------------------


def together(*actions):
    """Run actions at the same moment, each in a thread; raise what any of them raises."""
    start = threading.Barrier(len(actions))

    def run(action):
        start.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [running.result() for running in [pool.submit(run, action) for action in actions]]


def test_row_76_no_number_is_lost_or_given_twice(database):
    def take_fifty():
        return [_next_number(database) for _ in range(50)]

    taken = together(*[take_fifty] * 4)
    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 201))
    assert all(numbers == sorted(numbers) for numbers in taken)


def _next_number(database):
    with database.transaction() as conn:
        return installation.next_number(conn)


def test_sqlite_loses_no_update_between_read_and_write(sqlite_database):
    """Four threads, fifty rounds of read, add one, write: 200. The driver's own mode gave 50 of 200."""

    def count_fifty():
        for _ in range(50):
            with sqlite_database.transaction() as conn:
                value = conn.execute(select(t.installation.c.value).where(_COUNTER)).scalar_one()
                conn.execute(update(t.installation).where(_COUNTER).values(value=str(int(value) + 1)))

    together(*[count_fifty] * 4)
    with sqlite_database.read() as conn:
        assert conn.execute(select(t.installation.c.value).where(_COUNTER)).scalar_one() == "200"


_COUNTER = t.installation.c.key == "last_number"


def test_sqlite_with_the_drivers_own_transactions_would_lose_updates(sqlite_database):
    """Why `store.engine` opens transactions itself: the driver opens none for a SELECT, and says nothing."""
    engine = create_engine(sqlite_database.url)
    with engine.connect() as one, engine.connect() as other:
        for conn in (one, other):
            assert conn.execute(select(t.installation.c.value).where(_COUNTER)).scalar_one() == "0"
        for conn in (one, other):
            conn.execute(update(t.installation).where(_COUNTER).values(value="1"))
            conn.commit()
        assert one.execute(select(t.installation.c.value).where(_COUNTER)).scalar_one() == "1"  # of two
    engine.dispose()


def test_numbers_appear_in_order(database):
    """Rule a: whoever sees post n sees every post before it, or an issue's cutoff would skip one."""
    with database.transaction() as conn:
        feed = feeds.add(conn, url="https://blog.example/feed/", title="", site_url="", now=NOW)

    def write(name):
        for number in range(20):
            with database.transaction() as conn:
                a_post(conn, feed.id, f"{name}-{number}")

    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(write, name) for name in "abc"]
        while not all(one.done() for one in writing):
            with database.read() as conn:
                newest, count = conn.execute(select(func.max(t.post.c.number), func.count())).one()
            assert (newest or 0) == count
    assert [one.result() for one in writing] == [None] * 3


def a_post(conn, feed_id, title):
    return posts.insert_found(
        conn,
        FoundPost(guid=title, link=f"https://blog.example/{title}/", title=title),
        feed_id=feed_id,
        content_hash="0" * 64,
        state=PostState.MAILABLE,
        theme_key="",
        now=NOW,
    )


def test_a_failed_transaction_leaves_nothing_and_gives_its_number_back(database):
    with pytest.raises(ZeroDivisionError), database.transaction() as conn:  # noqa: PT012 - the block is the subject
        installation.next_number(conn)
        a_person(conn)
        raise ZeroDivisionError
    with database.read() as conn:
        assert people.by_email(conn, "ann@reader.example") is None
    assert _next_number(database) == 1


def test_a_rehearsal_shows_everything_and_leaves_nothing(database):
    with database.rehearsal() as stand_in:
        with stand_in.transaction() as conn:
            ann = a_person(conn)
        with stand_in.transaction() as conn:
            installation.go_live(conn)
        with stand_in.read() as conn:
            assert people.by_id(conn, ann.id) == ann
            assert installation.is_live(conn)
    with database.read() as conn:
        assert people.by_email(conn, "ann@reader.example") is None
        assert not installation.is_live(conn)


def test_a_step_of_a_rehearsal_that_fails_leaves_the_others(database):
    with database.rehearsal() as stand_in:
        with stand_in.transaction() as conn:
            installation.go_live(conn)
        with pytest.raises(ZeroDivisionError), stand_in.transaction() as conn:  # noqa: PT012 - ditto
            a_person(conn)
            raise ZeroDivisionError
        with stand_in.read() as conn:
            assert installation.is_live(conn)
            assert people.by_email(conn, "ann@reader.example") is None


def test_while_a_rehearsal_is_on_others_write(sqlite_database):
    impatient = Database(url_of(sqlite_database), busy_timeout_ms=1)
    with sqlite_database.rehearsal() as stand_in:
        with stand_in.transaction() as conn:
            installation.go_live(conn)
        with impatient.transaction() as conn:
            assert installation.next_number(conn) == 1
        with stand_in.read() as conn:
            assert installation.last_number(conn) == 0
    impatient.close()


# --- Unique keys -----------------------------------------------------------------------------------


def start_issue(database, name):
    with database.transaction() as conn:
        return issues.start(conn, name=name, kind=IssueKind.WEEKLY, cutoff=3, due_at=NOW, now=NOW)


def test_row_86_a_second_issue_of_the_same_name_is_not_made(database):
    """Rule d: two ticks at the same moment make one issue."""
    made = together(*[lambda: start_issue(database, "weekly-2026-11-22")] * 4)
    assert sorted(bool(one) for one in made) == [False, False, False, True]
    with database.read() as conn:
        assert issues.by_name(conn, "weekly-2026-11-22").state is IssueState.DRAFT


def test_an_issue_moves_along_the_table_only(database):
    made = start_issue(database, "weekly-2026-11-22")
    with database.transaction() as conn:
        issues.approve(conn, made.id, "hash", NOW)
        with pytest.raises(NotAllowed, match="approved: it cannot become sending"):
            issues.move(conn, made.id, IssueState.SENDING)
        assert issues.by_id(conn, made.id).state is IssueState.APPROVED
        with pytest.raises(UnknownName, match="daily-1"):
            issues.by_name(conn, "daily-1")


def test_rows_with_known_keys_are_ignored_and_the_others_counted(database):
    with database.transaction() as conn:
        rows = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
        assert dialect.insert_or_ignore(conn, t.installation, rows) == 2
        rows = [{"key": "b", "value": "3"}, {"key": "c", "value": "4"}, {"key": "c", "value": "5"}]
        assert dialect.insert_or_ignore(conn, t.installation, rows) == 1
        assert dialect.insert_or_ignore(conn, t.installation, []) == 0
        assert _facts(conn, "abc") == {"a": "1", "b": "2", "c": "4"}


def test_an_upsert_inserts_or_updates(database):
    with database.transaction() as conn:
        for value in "12":
            dialect.upsert(conn, t.installation, {"key": "a", "value": value}, key=["key"])
        assert _facts(conn, "a") == {"a": "2"}


def _facts(conn, keys):
    found = conn.execute(select(t.installation).where(t.installation.c.key.in_(list(keys))))
    return {row.key: row.value for row in found}


# --- The run lock ----------------------------------------------------------------------------------

_HOLD = """
import sys
from digest.store.engine import Database
from digest.store.lock import run_lock
with run_lock(Database(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def url_of(database):
    return database.url.render_as_string(hide_password=False)


def test_row_86_only_one_holds_the_run_lock(database):
    with run_lock(database), pytest.raises(AlreadyRunning, match="nothing was touched"), run_lock(database):
        pass
    with run_lock(database):
        pass


def test_an_error_inside_frees_the_run_lock(database):
    with pytest.raises(ZeroDivisionError), run_lock(database):
        raise ZeroDivisionError
    with run_lock(database):
        pass


def test_row_86_the_run_lock_holds_between_processes_and_dies_with_its_holder(database):
    with python(_HOLD, url_of(database)) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning), run_lock(database):
            pass
        holder.send_signal(signal.SIGKILL)
    # The kernel frees a file at once; a server needs a moment to see that its client is gone.
    deadline = time.monotonic() + 20
    while not _free(database):
        assert time.monotonic() < deadline


def _free(database):
    try:
        with run_lock(database):
            return True
    except AlreadyRunning:
        return False


# --- Trouble ---------------------------------------------------------------------------------------


def test_row_67_a_locked_sqlite_file_is_busy(sqlite_database):
    impatient = Database(url_of(sqlite_database), busy_timeout_ms=1)
    with (
        sqlite_database.transaction(),
        pytest.raises(DatabaseBusy, match="cannot be used right now: database is locked"),
        impatient.transaction(),
    ):
        pass
    with impatient.transaction() as conn:
        assert installation.next_number(conn) == 1
    impatient.close()


def test_row_74_a_server_that_does_not_answer_is_busy():
    absent = Database("postgresql://nobody@127.0.0.1:1/digest")
    with pytest.raises(DatabaseBusy), absent.read():
        pass
    assert absent.path is None
    absent.close()


def test_no_failure_shows_the_values_it_failed_on(database):
    row = insert(t.installation).values(key="ann@reader.example", value="")
    with database.transaction() as conn:
        conn.execute(row)
    with pytest.raises(DBAPIError) as caught, database.transaction() as conn:
        conn.execute(row)
    assert "unique" in in_one_line(caught.value).lower()
    assert "ann@" not in in_one_line(caught.value)
    assert "[parameters:" not in str(caught.value)


def test_row_19_sqlite_is_opened_with_what_the_promises_rest_on(sqlite_database):
    with sqlite_database.transaction() as conn:
        asked = ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        found = {name: conn.execute(text(f"PRAGMA {name}")).scalar_one() for name in asked}
    assert found["foreign_keys"] == 1
    assert found["busy_timeout"] == 10_000
    assert (found["journal_mode"], found["synchronous"]) in {("wal", 2), ("delete", 3)}


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 3), True),
        ((4, 0, 0), True),
    ],
)
def test_row_72_wal_is_used_only_where_its_reset_is_free_of_the_race(version, safe):
    assert wal_is_safe(version) is safe


def test_a_row_cannot_refer_to_nobody(database):
    with pytest.raises(DBAPIError), database.transaction() as conn:
        conn.execute(insert(t.progress).values(subscriber_id=404, had_through=1))


def test_reading_sees_only_what_was_committed(database):
    with database.transaction() as writing:
        installation.go_live(writing)
        with database.read() as conn:
            assert not installation.is_live(conn)


# --- Summaries -------------------------------------------------------------------------------------

BY_MODEL = Summary(text="It rained.", method="model", source_hash="a" * 64, model="small")
IN_ITS_STEAD = Summary(text="Rain.", method="extract", source_hash="b" * 64, reason="it was down", again=True)


def kept_summaries(database, now, *, name="m"):
    with database.read() as conn:
        found = posts.summaries(conn, ["a" * 64, "b" * 64], sentences=3, summariser=name, now=now)
    return sorted(found.values(), key=lambda summary: summary.source_hash)


def test_a_summary_is_kept_whole_and_one_for_want_of_a_model_until_it_may_be_asked(database):
    later = NOW + timedelta(hours=1)
    with database.transaction() as conn:
        posts.keep_summary(conn, BY_MODEL, sentences=3, summariser="m")
        posts.keep_summary(conn, IN_ITS_STEAD, sentences=3, summariser="m", again_at=later)
    assert kept_summaries(database, NOW) == [BY_MODEL, IN_ITS_STEAD]
    assert kept_summaries(database, later) == [BY_MODEL]
    assert kept_summaries(database, NOW, name="another") == []


def test_a_summary_takes_the_place_of_the_one_before(database):
    with database.transaction() as conn:
        posts.keep_summary(conn, IN_ITS_STEAD, sentences=3, summariser="m", again_at=NOW)
        written = Summary(text="It poured.", method="model", source_hash="b" * 64, model="small")
        posts.keep_summary(conn, written, sentences=3, summariser="m")
    assert kept_summaries(database, NOW) == [written]
