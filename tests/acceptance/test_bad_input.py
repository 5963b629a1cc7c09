"""Bad feeds, files, settings, templates and mail servers: named, survived, and nobody is mailed by mistake.

Everything goes through the command line in a process of its own, where no traceback may appear.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.app import now_utc
from digest.errors import FetchFailed
from digest.net.client import Client, Limits
from subscribers.model import Cadence
from tests.newsroom import ADDRESS_KEY, OPERATOR, PASSWORD, TOKEN_KEY, Newsroom, newsroom, rss
from tests.smtp_servers import closed_port

READERS = ("ann@example.org", "ben@example.org")
MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """A new installation without a feed, live, with two readers of every post."""
    with newsroom(tmp_path) as room:
        room.join(*READERS)
        room.go_live()
        yield room


@pytest.fixture
def busy(room: Newsroom) -> Newsroom:
    """The same with its feed added, and two posts that wait to be sent."""
    with room.opened() as app:
        app.add_feed(room.feed_url)
        room.publish("The door that did not lock", "Eleven prisons, one spreadsheet")
        app.feed_desk.poll()
    return room


def received(room: Newsroom) -> Counter[str]:
    return Counter(address for mail in room.sink.accepted for address in mail.recipients)


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


# --- Feeds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://example.org/feed", "must begin with http:// or https://"),
        ("file:///etc/passwd", "must begin with http:// or https://"),
        ("javascript:alert(1)", "must begin with http:// or https://"),
        ("http://ann:hunter2@127.0.0.1/feed", "must hold no user name or password"),
        ("http://exa mple.org/", "holds a space or control character"),
        ("http://", "names no valid host"),
    ],
)
def test_an_address_that_is_no_web_address_is_refused(room: Newsroom, address: str, said: str) -> None:
    done = room.digest("feed", "add", address)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"digest: .+\n", done.stderr)
    assert said in done.stderr
    assert "hunter2" not in done.stderr
    assert room.feeds() == []


def a_page_without_a_feed(room: Newsroom) -> None:
    room.site.route("/", "<html><title>Hello</title><p>No feed here.", headers={"Content-Type": "text/html"})


def nothing_there(room: Newsroom) -> None:
    room.site.route("/", "Gone fishing", status=404)


def thirty_megabytes(room: Newsroom) -> None:
    room.site.route("/", chunks=[MEGABYTE] * 30, headers={"Content-Type": "application/rss+xml"})


def broken_off(room: Newsroom) -> None:
    room.site.route("/", "<rss version='2.0'><channel><title>Half of", cut=True)


def somewhere_else(room: Newsroom) -> None:
    room.site.redirect("/", "file:///etc/passwd")


Trouble = Callable[[Newsroom], None]
TROUBLES: Sequence[tuple[Trouble, str]] = [
    (a_page_without_a_feed, "feed"),
    (nothing_there, "404"),
    (thirty_megabytes, "more than 10,485,760 bytes"),
    (broken_off, "broke off"),
    (somewhere_else, "must begin with http:// or https://"),
]


@pytest.mark.parametrize(("trouble", "said"), TROUBLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_site_without_a_usable_feed_is_not_added(room: Newsroom, trouble: Trouble, said: str) -> None:
    room.site.route("/feed", status=404)  # where a home page that names no feed might have one
    trouble(room)
    done = room.digest("feed", "add", f"{room.site.url}/")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"digest: .+\n", done.stderr)
    assert said in done.stderr
    assert room.feeds() == []
    assert received(room) == {}


@pytest.mark.parametrize(("trouble", "said"), TROUBLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_feed_that_breaks_loses_nothing_and_comes_back(room: Newsroom, trouble: Trouble, said: str) -> None:
    """What was known stays known: after the outage only the truly new post is mailed."""
    room.site.route("/", rss(room.site.url, room.titles))
    with room.opened() as app:
        app.add_feed(f"{room.site.url}/")
    trouble(room)
    done = room.digest("feed", "poll")
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    room.publish("Written during the outage")
    room.site.route("/", rss(room.site.url, room.titles))
    with room.opened() as app:
        assert [polled.new for polled in app.feed_desk.poll()] == [("Written during the outage",)]
        assert not app.run().failed
    assert received(room) == Counter(READERS)


def test_a_name_that_does_not_exist_is_told_as_such(room: Newsroom) -> None:
    def unknown(host: str, _port: int, _timeout_s: float) -> tuple[str, ...]:
        raise FetchFailed(f"The name {host} has no address; check its spelling.", cause="unresolved")

    with room.opened() as app:
        app.tools = replace(app.tools, client=lambda: Client(Limits(), "Everypost", resolver=unknown))
        with pytest.raises(FetchFailed, match=r"no-such-site\.invalid has no address"):
            app.add_feed("https://no-such-site.invalid/")
        assert app.feeds() == []


def test_a_feed_on_this_machine_is_refused_unless_it_is_allowed(room: Newsroom) -> None:
    """Else a stranger's redirect could read what only this machine may read."""
    strict = room.config.read_text().replace("allow_private = true", "allow_private = false")
    room.config.write_text(strict)
    before = len(room.site.asked)
    for address in (room.feed_url, room.feed_url.replace("127.0.0.1", "localhost")):
        done = room.digest("feed", "add", address)
        assert (done.returncode, done.stdout) == (1, "")
        assert "feeds.allow_private" in done.stderr
    assert len(room.site.asked) == before


# --- Files of readers ----------------------------------------------------------------------------------


def test_a_file_with_bad_rows_gives_its_good_ones_and_names_the_others(room: Newsroom) -> None:
    file = room.folder / "readers.csv"
    file.write_text(
        "email,name,cadence\n"
        "dot@example.org,Dot,weekly\n"
        "not an address,Eve,weekly\n"
        '"fay@example.org\nBcc: all@example.org",Fay,weekly\n'
        "gus@example.org,Gus,hourly\n"
        "dot@example.org,Dot again,daily\n"
        ",Nobody,weekly\n"
        "hal@example.org,Hal,monthly\n"
    )
    done = room.digest("subscriber", "import", file.name, "--confirmed", "signed on paper", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert (told["counts"]["confirmed"], told["counts"]["known"]) == (2, 1)
    assert [row["line"] for row in told["bad"]] == [3, 5, 6, 8]
    assert all(row["reason"] for row in told["bad"])
    for_people = room.digest("subscriber", "import", file.name, "--confirmed", "signed on paper")
    assert for_people.returncode == 1
    assert re.search(r"line 3: .+", for_people.stdout)
    assert room.addresses() == {*READERS, "dot@example.org", "hal@example.org"}


@pytest.mark.parametrize("data", [b"", b"name\nAnn\n", b"\x00\xff\xfe\x80" * 100])
def test_a_file_that_is_no_list_of_readers_changes_nothing(room: Newsroom, data: bytes) -> None:
    (room.folder / "readers.csv").write_bytes(data)
    done = room.digest("subscriber", "import", "readers.csv")
    assert done.returncode == 1
    assert room.addresses() == set(READERS)


def test_a_file_that_is_not_there_is_named(room: Newsroom) -> None:
    done = room.digest("subscriber", "import", "nosuch.csv")
    assert (done.returncode, done.stderr) == (1, "digest: nosuch.csv: No such file or directory\n")


# --- Settings ------------------------------------------------------------------------------------------


def test_every_fault_of_the_configuration_is_told_at_once(room: Newsroom) -> None:
    broken = room.config.read_text()
    for right, wrong in (
        ('name = "Plain Sentence"', 'nmae = "Plain Sentence"'),
        ("connections = 4", 'connections = "many"'),
        (f'"{OPERATOR}"', '"nobody"'),
    ):
        assert right in broken
        broken = broken.replace(right, wrong)
    room.config.write_text(broken)
    done = room.digest("run")
    assert (done.returncode, done.stdout) == (2, "")
    for told in ("nmae", "publication.name is missing", "smtp.connections", "mail.operator_address"):
        assert told in done.stderr
    assert all(re.match(r"digest: \S+digest\.toml, line \d+: ", line) for line in done.stderr.splitlines())
    assert PASSWORD not in done.stderr


@pytest.mark.parametrize("text", ["[publication\n", "\x00"])
def test_a_configuration_that_is_no_toml_is_told_with_its_line(room: Newsroom, text: str) -> None:
    room.config.write_text(text)
    done = room.digest("status")
    assert (done.returncode, done.stdout) == (2, "")
    assert "line" in done.stderr


# --- Templates -----------------------------------------------------------------------------------------


def test_a_broken_template_holds_the_issue_back_until_it_is_mended(busy: Newsroom) -> None:
    """The operator is told once, nobody is mailed half an issue, and the next run after the mend sends it."""
    config = busy.config
    config.write_text(config.read_text() + '\n[templates]\nfolder = "mine"\n')
    template = busy.folder / "mine" / "email" / "digest" / "body.html"
    template.parent.mkdir(parents=True)
    template.write_text("<p>{{ edition.subject }}</p>\n<p>{{ nosuch.thing }}</p>\n")
    for _ in range(2):
        done = busy.digest("run")
        assert done.returncode == 1
        assert "blocked" in done.stdout
    assert received(busy) == Counter([OPERATOR])
    (alert,) = busy.mails_to(OPERATOR)
    assert "email/digest/body.html" in body(alert)
    assert "nosuch" in body(alert)
    assert busy.issue("post-2")["issue"]["state"] == "blocked"
    template.unlink()
    assert busy.digest("run").returncode == 0
    assert received(busy) == Counter([OPERATOR, *READERS])
    assert busy.issue("post-2")["issue"]["state"] == "done"


def test_a_template_folder_that_is_not_there_is_named(busy: Newsroom) -> None:
    busy.config.write_text(busy.config.read_text() + '\n[templates]\nfolder = "nosuch"\n')
    done = busy.digest("run")
    assert done.returncode == 2
    told = r"digest: \S+, line \d+: the template folder \S+/nosuch does not exist\. Create it, .+\n"
    assert re.fullmatch(told, done.stderr)


# --- Mail servers --------------------------------------------------------------------------------------


def test_row_24_a_mail_server_that_is_down_loses_nothing(busy: Newsroom) -> None:
    config = busy.config.read_text()
    busy.config.write_text(re.sub(r"(?m)^port = .*$", f"port = {closed_port()}", config))
    done = busy.digest("run")
    assert done.returncode == 1
    assert "STOP   Cannot talk to the mail server" in done.stdout
    assert busy.issue("post-2")["deliveries"] == {"queued": len(READERS)}
    busy.config.write_text(config)
    with busy.opened(lambda: now_utc() + timedelta(minutes=6)) as later:
        assert not later.run().failed
    assert received(busy) == Counter(READERS)
    assert busy.issue("post-2")["notable"] == []


REFUSALS: Sequence[tuple[Mapping[str, str], str]] = [
    ({"MAIL": "550 5.7.1 Sender not allowed"}, "refuses us as a sender"),
    ({"RCPT": "451 4.7.1 Greylisted, come back later"}, ""),
    ({"DATA": "452 4.3.1 No space left"}, ""),
]


@pytest.mark.parametrize(("refusals", "said"), REFUSALS, ids=["sender", "greylisted", "full"])
def test_row_31_a_mail_server_that_refuses_for_now_gets_the_mail_later(
    busy: Newsroom, refusals: Mapping[str, str], said: str
) -> None:
    busy.sink.refusals.update(refusals)
    done = busy.digest("run")
    assert said in done.stdout
    assert busy.issue("post-2")["deliveries"] == {"queued": len(READERS)}
    busy.sink.refusals.clear()
    with busy.opened(lambda: now_utc() + timedelta(minutes=6)) as later:
        later.run()
    told = [OPERATOR] if said else []  # waiting alone would not have helped: somebody had to know
    assert received(busy) == Counter([*READERS, *told])


def test_row_32_a_reader_the_server_does_not_know_is_mailed_no_more(
    busy: Newsroom,
) -> None:
    busy.sink.refusals[f"RCPT {READERS[0]}"] = "550 5.1.1 No such user"
    assert busy.digest("run").returncode == 0
    assert "its mail bounced" in busy.digest("why", "reader", READERS[0]).stdout
    assert "its mail bounced" not in busy.digest("why", "reader", READERS[1]).stdout
    assert busy.issue("post-2")["deliveries"] == {"accepted": 1, "rejected": 1}
    assert received(busy) == Counter(READERS[1:])


# --- Logs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "refused", "status", "event"),
    [
        ("logfmt", f"RCPT {READERS[0]}", "5.1.1", "outcome=rejected"),
        ("json", "MAIL", "5.7.1", "backend.unavailable"),
    ],
)
def test_no_log_line_holds_an_address_a_token_or_a_secret(
    busy: Newsroom, form: str, refused: str, status: str, event: str
) -> None:
    """Not even where a server quotes an address back at us."""
    busy.sink.refusals[refused] = f"550 {status} <{READERS[0]}> rejected"
    with busy.opened() as app:
        public_ids = [app.readers.find(address).public_id for address in READERS]
        app.reader_desk.invite("dot@example.org", name="", cadence=Cadence.WEEKLY, themes=(), operator="op")
    logged = busy.digest("run", DIGEST_LOG="debug", DIGEST_LOG_FORMAT=form)
    assert event in logged.stderr
    everything = logged.stderr + logged.stdout
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", everything) == []
    for secret in (PASSWORD, TOKEN_KEY, ADDRESS_KEY, "/unsubscribe/", "/confirm/", *public_ids):
        assert secret not in everything
