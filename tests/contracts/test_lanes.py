"""Lanes and the warm-up on a real ledger, on both databases: what is sent, what waits, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.app import App
from digest.delivery.lanes import Limits
from digest.errors import NotAllowed
from digest.model import Message, Outcome, OutcomeKind
from digest.pipeline import sweep, switches
from digest.pipeline.deliver import Delivered, deliver
from digest.pipeline.lanes import Lanes
from digest.pipeline.status import status
from digest.providers.base import Commit
from digest.store import claims, lanes
from tests.databases import Maker
from tests.installation import Clock, ask_to_join, installation
from tests.ledgers import a_reader as reader
from tests.ledgers import an_issue as sending_issue
from tests.ledgers import rows


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(maker: Maker, tmp_path: Path, clock: Clock) -> Iterator[App]:
    with installation(tmp_path, clock=clock, database={"url": maker.ready()}) as app:
        yield app


class Server:
    """Takes every mail, but answers as it is told for addresses that hold a word."""

    name = "server"
    batch_size = 1

    def __init__(self) -> None:
        self.refuse: dict[str, str] = {}  # a part of the address → reply code
        self.taken: list[str] = []
        self.asked: Counter[str] = Counter()  # by domain

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        for message in batch:
            self.asked[message.envelope_to.rpartition("@")[2]] += 1
            code = next((code for part, code in self.refuse.items() if part in message.envelope_to), "")
            if code:
                kind = OutcomeKind.TEMPORARY
                yield Outcome(delivery_id=message.delivery_id, kind=kind, code=code, detail="slow down")
            elif message.delivery_id in commit([message.delivery_id]):
                self.taken.append(message.envelope_to)
                yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.ACCEPTED, code="250")

    def close(self) -> None:
        pass


def send(app: App, server: Server, *, workers: int = 1, **changes: Any) -> Delivered:
    return deliver(replace(app.tools, backend=lambda: server, workers=workers, **changes))


def states(app: App) -> Counter[str]:
    return Counter(row.state for row in rows(app))


def domains(server: Server) -> Counter[str]:
    return Counter(address.rpartition("@")[2] for address in server.taken)


def test_a_burst_at_one_operator_stops_its_mail_and_no_other(app: App, clock: Clock) -> None:
    """Its mails were frozen first, and still the others go on and all go out."""
    slow = [reader(app, f"a{n}@gmail.com") for n in range(20)]
    others = [reader(app, f"b{n}@{name}") for n, name in enumerate(["gmx.de", "example.org"] * 10)]
    sending_issue(app, [*slow, *others])
    server = Server()
    server.refuse["gmail"] = "421 4.7.28"
    done = send(app, server)
    assert server.asked["gmail.com"] == 3
    assert domains(server) == {"gmx.de": 10, "example.org": 10}
    assert done.trouble == []
    assert states(app) == {"queued": 20, "accepted": 20}
    (lane,) = status(app.tools).lanes
    assert (lane.lane, lane.queued, lane.closed_until) == ("gmail", 20, clock() + timedelta(seconds=300))
    assert lane.why == "421 4.7.28 slow down"


def test_a_closed_lane_is_not_tried_before_its_time_by_any_run(app: App, clock: Clock) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(10)])
    server = Server()
    server.refuse["gmail"] = "421 4.7.28"
    send(app, server)
    server.refuse.clear()
    clock.pass_time(seconds=299)
    send(app, server)
    assert server.taken == []
    clock.pass_time(seconds=1)
    send(app, server)
    assert len(server.taken) == 10
    clock.pass_time(hours=1)
    assert status(app.tools).lanes == ()


def test_a_closed_lane_gives_back_what_a_sender_had_taken_along(app: App) -> None:
    """Nothing of it counts as tried, and nothing waits for a lease to lapse."""
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(10)])
    server = Server()
    server.refuse["gmail"] = "421 4.7.28"
    send(app, server)
    assert sorted(row.attempts for row in rows(app)) == [0] * 7 + [1] * 3


def test_a_mail_that_is_accepted_ends_a_row_of_refusals(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(9)])
    server = Server()
    server.refuse = {f"a{n}@": "451 4.7.1" for n in (0, 1, 3, 4, 6, 7)}
    send(app, server)
    assert status(app.tools).lanes == ()
    assert server.asked["gmail.com"] == 9


def test_full_mailboxes_close_nothing(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(5)])
    server = Server()
    server.refuse["gmail"] = "452 4.2.2"
    send(app, server)
    assert (status(app.tools).lanes, server.asked["gmail.com"]) == ((), 5)


def test_deferred_mail_waits_longer_each_time_and_expires_at_its_deadline(app: App, clock: Clock) -> None:
    sending_issue(app, [reader(app, "a@example.org")], good_for=timedelta(hours=2))
    server = Server()
    server.refuse["example"] = "450 4.2.0"
    waits = []
    for _ in range(4):
        send(app, server)
        waits.append((rows(app)[0].not_before - clock()).total_seconds())
        clock.pass_time(seconds=waits[-1])
    assert waits == [300, 600, 1200, 2400]
    clock.pass_time(hours=1)
    sweep.sweep(app.tools, clock())
    assert [row.state for row in rows(app)] == ["expired"]


def test_resume_opens_every_lane(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(5)])
    server = Server()
    server.refuse["gmail"] = "421 4.7.28"
    send(app, server)
    switches.resume(app.tools)
    assert status(app.tools).lanes == ()


def test_in_test_mode_no_lane_means_anything(maker: Maker, tmp_path: Path, clock: Clock) -> None:
    """All mail goes to the operator: what one mailbox says is not what Gmail says."""
    with installation(tmp_path, clock=clock, live=False, database={"url": maker.ready()}) as app:
        sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(5)])
        server = Server()
        server.refuse["operator"] = "421 4.7.28"
        send(app, server, lanes=Limits(per_minute={"gmail": 1}))
        assert (server.asked["blog.example"], status(app.tools).lanes) == (5, ())


class Time:
    """A clock for paces that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def paced(app: App, **limits: dict[str, int]) -> tuple[Lanes, Time]:
    time = Time()
    tools = replace(app.tools, lanes=Limits(**limits))
    return Lanes(tools, live=True, monotonic=time, sleep=time.sleep), time


def take(app: App, at_work: Lanes, owner: str = "one", limit: int = 50) -> list[str]:
    """Claim, and return the lanes of what was claimed."""
    with app.database.transaction() as conn:
        return [one.lane for one in at_work.claim(conn, owner=owner, limit=limit, now=app.clock())]


def test_a_lane_with_a_pace_takes_its_share_and_the_rest_goes_to_others(app: App) -> None:
    slow, fast = (
        [reader(app, f"{name}{n}@{name}") for n in range(40)] for name in ("gmail.com", "example.org")
    )
    sending_issue(app, [*slow, *fast])
    at_work, time = paced(app, per_minute={"gmail": 120})
    assert Counter(take(app, at_work)) == {"gmail": 1, "example.org": 40}
    assert take(app, at_work) == []
    assert at_work.wait()
    assert 0.5 <= time.now <= 1.0
    assert take(app, at_work) == ["gmail"]
    time.sleep(60)
    assert take(app, at_work) == ["gmail"] * 12  # what goes in six seconds, however long nobody asked


def test_the_waits_end_with_the_last_mail_of_the_lane(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(30)])
    at_work, time = paced(app, per_minute={"gmail": 60})
    taken = 0
    while True:
        found = take(app, at_work)
        taken += len(found)
        if not found and not at_work.wait():
            break
    assert taken == 30
    assert 27 <= time.now <= 33


def test_a_run_does_not_stay_for_ever(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(50)])
    at_work, time = paced(app, per_minute={"gmail": 1})
    taken = 0
    while True:
        found = take(app, at_work)
        taken += len(found)
        if not found and not at_work.wait():
            break
    assert 9 <= taken <= 12
    assert 600 <= time.now <= 700


def test_notices_never_wait_for_a_lane(app: App) -> None:
    """Somebody who just asked to join is at Gmail too."""
    ask_to_join(app, "new@gmail.com")
    at_work, _ = paced(app, per_minute={"gmail": 1}, at_once={"gmail": 1})
    with app.database.transaction() as conn:
        now = app.clock()
        (held,) = at_work.claim(conn, owner="one", limit=50, now=now)
    assert (held.lane, held.notice_id is not None) == ("", True)


def test_only_so_many_senders_have_mail_of_a_lane_at_once(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(100)])
    at_work, _ = paced(app, at_once={"gmail": 2})
    assert [len(take(app, at_work, owner)) for owner in ("one", "two", "three")] == [25, 25, 0]
    assert len(take(app, at_work, "one")) == 25  # back for more: it has none of the last any longer
    assert take(app, at_work, "three") == []
    assert len(take(app, at_work, "two")) == 25
    assert take(app, at_work, "two") == []
    assert take(app, at_work, "one") == []


def test_a_whole_run_with_a_pace_sends_everything(app: App) -> None:
    """By real time, short: 40 mails at 2,400 a minute, on three connections."""
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(40)])
    server = Server()
    send(app, server, workers=3, lanes=Limits(per_minute={"gmail": 2400}, at_once={"gmail": 1}))
    assert len(server.taken) == len(set(server.taken)) == 40


def test_a_slowed_lane_keeps_half_of_the_pace_it_had(app: App, clock: Clock) -> None:
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(60)])
    server = Server()
    server.refuse = {f"a{n}@": "421 4.7.28" for n in (50, 51, 52)}
    send(app, server)
    with app.database.read() as conn:
        (lane,) = lanes.slowed(conn).values()
    assert lane.base == 50  # in the first minute
    assert lane.per_minute(clock()) == 25


# --- Warm-up ---------------------------------------------------------------------------------------


@pytest.fixture
def new_sender(maker: Maker, tmp_path: Path, clock: Clock) -> Iterator[App]:
    more: dict[str, Any] = {"database": {"url": maker.ready()}, "delivery": {"warm_up": True}}
    with installation(tmp_path, clock=clock, **more) as app:
        yield app


def test_a_warm_up_sends_fifty_on_the_first_day_and_57_on_the_second(new_sender: App, clock: Clock) -> None:
    app, server = new_sender, Server()
    sending_issue(app, [reader(app, f"a{n}@example.org") for n in range(120)])
    done = send(app, server, workers=3)
    assert len(server.taken) == 50
    assert done.trouble == []
    clock.pass_time(hours=23)
    send(app, server, workers=3)
    assert len(server.taken) == 50
    told = status(app.tools).warm_up
    assert told is not None
    assert (told.day, told.at_most, told.sent) == (1, 50, 50)
    clock.pass_time(hours=1)
    send(app, server, workers=3)
    assert len(server.taken) == 107
    assert states(app) == {"accepted": 107, "queued": 13}


def test_who_confirmed_last_is_first_in_a_warm_up(new_sender: App, clock: Clock) -> None:
    app, server, readers = new_sender, Server(), []
    for number in range(60):
        readers.append(reader(app, f"a{number}@example.org"))
        clock.pass_time(minutes=1)
    sending_issue(app, readers)
    send(app, server)
    assert {f"a{number}@example.org" for number in range(10, 60)} == set(server.taken)


def test_notices_go_on_when_the_day_is_full(new_sender: App) -> None:
    app, server = new_sender, Server()
    sending_issue(app, [reader(app, f"a{n}@example.org") for n in range(60)])
    send(app, server)
    ask_to_join(app, "new@example.org")
    send(app, server)
    assert server.taken[50:] == ["new@example.org"]


def test_a_warm_up_and_a_pace_hold_both(new_sender: App) -> None:
    app = new_sender
    sending_issue(app, [reader(app, f"a{n}@gmail.com") for n in range(60)])
    time = Time()
    tools = replace(app.tools, lanes=Limits(per_minute={"gmail": 6000}))
    at_work = Lanes(tools, live=True, monotonic=time, sleep=time.sleep)
    taken = []
    for _ in range(10):
        time.sleep(60)
        taken += take(app, at_work)
    assert len(taken) == 50
    # The day is full: waiting for the lane's next moment would bring nothing.
    assert take(app, at_work) == []
    assert not at_work.wait()


def test_the_warm_up_begins_anew_when_it_is_told_to(new_sender: App, clock: Clock) -> None:
    app = new_sender
    clock.pass_time(days=10)
    before = status(app.tools).warm_up
    assert before is not None
    assert before.day == 11
    app.restart_warm_up()
    after = status(app.tools).warm_up
    assert after is not None
    assert after.day == 1


def test_without_the_setting_there_is_no_warm_up(app: App) -> None:
    with pytest.raises(NotAllowed, match="warm_up = true"):
        app.restart_warm_up()
    assert status(app.tools).warm_up is None


def test_a_warm_up_that_was_switched_on_later_begins_with_the_first_mail(app: App, clock: Clock) -> None:
    sending_issue(app, [reader(app, f"a{n}@example.org") for n in range(60)])
    server = Server()
    send(app, server, warm_up=True)
    assert len(server.taken) == 50
    with app.database.read() as conn:
        assert lanes.warm_up_since(conn) == clock()


def test_an_erased_readers_domain_is_left_nowhere(app: App) -> None:
    person = reader(app, "jane@jane-doe.example")
    sending_issue(app, [person])
    assert [row.lane for row in rows(app)] == ["jane-doe.example"]
    app.readers.erase("jane@jane-doe.example", source="test")
    assert [row.lane for row in rows(app)] == [""]


def test_claims_by_lane_take_that_lane_alone(app: App) -> None:
    sending_issue(app, [reader(app, f"a{n}@{name}") for n in range(3) for name in ("gmail.com", "gmx.de")])
    with app.database.transaction() as conn:
        only = claims.claim(conn, owner="x", limit=50, now=app.clock(), lane="gmx")
        rest = claims.claim(conn, owner="x", limit=50, now=app.clock(), without=frozenset({"gmx", "y"}))
    assert [one.lane for one in only + rest] == ["gmx"] * 3 + ["gmail"] * 3
