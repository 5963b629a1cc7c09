"""Lanes and the warm-up as an operator has them: digest.toml, a real mail server, the command line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import ConfigurationError
from digest.settings.load import check
from digest.settings.sources import Sources
from tests.newsroom import Newsroom, newsroom

GMAIL = [f"reader{number}@gmail.com" for number in range(8)]
OTHERS = ["ann@gmx.de", "ben@example.org", "cal@example.net"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Eleven readers, live, and one post to be sent; one connection, so that mails go one by one."""
    with newsroom(tmp_path, connections=1, more="\n[delivery]\nwarm_up = true\n") as room:
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*GMAIL, *OTHERS)
        room.go_live()
        room.publish("The door that did not lock")
        with room.opened() as app:
            app.feed_desk.poll()
        yield room


def received(room: Newsroom) -> Counter[str]:
    return Counter(address for mail in room.sink.accepted for address in mail.recipients)


def test_an_operator_that_says_not_now_waits_alone_and_status_says_so(room: Newsroom) -> None:
    for address in GMAIL:
        room.sink.refusals[f"RCPT {address}"] = "421 4.7.28 Our system has detected an unusual rate"
    done = room.digest("run")
    assert (done.returncode, received(room)) == (0, Counter(OTHERS))
    assert "lane.slowed" in done.stderr
    assert "@gmail.com" not in done.stderr
    shown = json.loads(room.digest("status", "--json").stdout)
    (lane,) = shown["lanes"]
    assert (lane["lane"], lane["queued"]) == ("gmail", 8)
    assert lane["why"].startswith("421 4.7.28 Our system")
    told = room.digest("status").stdout
    assert "\nLane gmail: waits until " in told
    assert "(8 queued): 421 4.7.28" in told
    room.sink.refusals.clear()
    room.digest("resume")
    assert json.loads(room.digest("status", "--json").stdout)["lanes"] == []


def test_the_warm_up_is_told_and_begins_anew(room: Newsroom) -> None:
    room.digest("run")
    assert received(room) == Counter([*GMAIL, *OTHERS])
    assert "\nWarm-up, day 1: 11 of 50 mails sent; the next day begins " in room.digest("status").stdout
    done = room.digest("warm-up")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The warm-up begins: at most 50 issue mails until ")


def test_without_the_setting_there_is_nothing_to_begin(tmp_path: Path) -> None:
    with newsroom(tmp_path) as room:
        done = room.digest("warm-up")
    assert (done.returncode, done.stdout) == (1, "")
    assert "write warm_up = true below [delivery]" in done.stderr


def faults(**changes: dict[str, object]) -> str:
    values = {
        "publication": {"name": "N", "site_url": "https://a.example", "public_url": "https://n.a.example"},
        "mail": {"from_address": "n@a.example", "operator_address": "o@a.example"},
        "secrets": {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32},
    }
    try:
        check(Sources(values=values | changes))
    except ConfigurationError as error:
        return str(error)
    return ""


def test_operators_and_domains_may_have_a_pace() -> None:
    assert faults(lanes={"per_minute": {"gmail": 600, "example.org": 30, "mail.ru": 5}}) == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"lanes": {"per_minute": {"gmial": 1}}}, "names no operator: “gmial”. Did you mean gmail?"),
        ({"lanes": {"per_minute": {"pigeon": 1}}}, "Write a domain in quotes, or one of fastmail, gmail"),
        ({"lanes": {"per_minute": {"gmail.com": 1}}}, "goes by the lane gmail. Write gmail."),
        ({"lanes": {"at_once": {"hotmail.fr": 1}}}, "goes by the lane outlook. Write outlook."),
        ({"lanes": {"at_once": {"Example.ORG": 1}}}, "goes by the lane example.org. Write example.org."),
        ({"lanes": {"at_once": {"gmail": 0}}}, "lanes.at_once gives gmail 0. Write at least 1"),
        ({"lanes": {"per_minute": {"gmail": "fast"}}}, "lanes.per_minute must be a whole number: “fast”"),
        ({"lanes": {"per_minute": 600}}, "lanes.per_minute must be a table"),
        ({"lanes": {"per_hour": {}}}, "there is no setting per_hour in [lanes]"),
        ({"delivery": {"warm_up": "yes"}}, "delivery.warm_up must be true or false: “yes”"),
    ],
)
def test_what_is_no_pace_is_told_before_anything_is_sent(changes: dict[str, dict], told: str) -> None:
    assert told in faults(**changes)
