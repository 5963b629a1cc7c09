"""An installation that sends by a program or into a Maildir, by its settings; killed at any moment too."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.errors import ConfigurationError
from digest.settings.load import check
from digest.settings.sources import Sources
from tests.mail_programs import mail_program
from tests.newsroom import Newsroom, newsroom, read

READERS = [f"reader{number}@example.org" for number in range(1, 7)]
Copies = Callable[[], Counter[str]]


@pytest.fixture(params=["sendmail", "maildir"])
def sending(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Newsroom, Copies]]:
    """Six readers, one post that waits to be sent, and a count of the mails each reader got."""
    with mail_program(tmp_path) as program, newsroom(tmp_path, connections=2) as room:
        ways = {
            "sendmail": f'backend = "sendmail"\ncommand = {json.dumps(program.command)}\n',
            "maildir": 'backend = "maildir"\nfolder = "letters"\n',
        }
        config = room.config.read_text()
        room.config.write_text(config.replace("[mail]\n", f"[mail]\n{ways[request.param]}"))
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*READERS)
        room.go_live()
        room.publish("The door that did not lock")

        def copies() -> Counter[str]:
            if request.param == "sendmail":
                return Counter(mail.to for mail in program.mails())
            found = [read(path.read_bytes()) for path in (tmp_path / "letters" / "new").glob("*")]
            return Counter(str(mail["To"].addresses[0].addr_spec) for mail in found)

        yield room, copies


def test_an_issue_goes_out_to_everybody_once(sending: tuple[Newsroom, Copies]) -> None:
    room, copies = sending
    with room.opened() as app:
        assert [problem for _, problem in app.check_backends()] == [""]
        app.feed_desk.poll()
        assert not app.run().trouble
    assert copies() == Counter(READERS)
    assert room.sink.accepted == []


def test_killed_at_commits_it_goes_on_and_shows_every_doubt(sending: tuple[Newsroom, Copies]) -> None:
    """P1 and P2 for ways out that have no dot: before the rename, and before the program starts."""
    room, copies = sending
    with room.opened() as app:
        app.feed_desk.poll()
    killed = 0
    for moment in ("db.commit:6", "db.committed:9", "db.commit:11", "db.committed:7", "db.committed:8"):
        done = room.digest("run", DIGEST_FAILPOINT=moment)
        killed += done.returncode == -signal.SIGKILL
    assert killed >= 3
    for _ in range(3):
        room.digest("run")
    shown = room.issue("post-1")
    assert shown["issue"]["state"].startswith("done")
    assert shown["issue"]["expected"] == len(READERS) == sum(shown["deliveries"].values())
    received = copies()
    with room.opened() as app:
        names = {address: app.readers.find(address).public_id for address in READERS}
    flagged = {
        row["reader"] for row in shown["notable"] if row["possible_duplicate"] or row["state"] == "held"
    }
    for address in READERS:
        assert received[address] == 1 or names[address] in flagged, (address, received)


def faults(**mail: object) -> str:
    values = {
        "publication": {"name": "N", "site_url": "https://a.example", "public_url": "https://n.a.example"},
        "mail": {"from_address": "n@a.example", "operator_address": "o@a.example"} | mail,
        "secrets": {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32},
    }
    with pytest.raises(ConfigurationError) as caught:
        check(Sources(values=values))
    return str(caught.value)


@pytest.mark.parametrize(
    ("mail", "told"),
    [
        ({"backend": "maildir"}, 'mail.backend "maildir" needs a folder'),
        ({"command": []}, "mail.command is empty"),
        ({"command": ["/usr/bin/msmtp", "-t"]}, "does not say where the reader's address goes"),
        ({"command": ["/usr/bin/msmtp", "{rcpt}", "{to}"]}, "holds {rcpt}, which stands for nothing"),
        ({"command": "/usr/sbin/sendmail {to}"}, "mail.command must be a list"),
        ({"command": ["/usr/sbin/sendmail", 7]}, "mail.command must be text in quotes: “7”"),
        ({"backend": "sendmial"}, 'Did you mean "sendmail"?'),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_sent(mail: dict[str, object], told: str) -> None:
    assert told in faults(**mail)


def test_a_program_that_is_not_there_is_told_by_provider_check(tmp_path: Path) -> None:
    with newsroom(tmp_path) as room:
        config = room.config.read_text()
        more = '[mail]\nbackend = "sendmail"\ncommand = ["/no/such/sendmail", "{to}"]\n'
        room.config.write_text(config.replace("[mail]\n", more))
        done = room.digest("provider", "check")
    assert done.returncode == 1
    assert done.stdout.startswith("sendmail: There is no program /no/such/sendmail that may be started")
