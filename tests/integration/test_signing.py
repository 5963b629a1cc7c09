"""Mails signed here, as a real mail server has them: set up in digest.toml, verified by dkimpy."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import ConfigurationError
from digest.settings.load import check
from digest.settings.sources import Sources
from tests.dkim_keys import ed25519_file, rsa_file, verdicts_by_records
from tests.installation import Clock, installation
from tests.newsroom import Newsroom, newsroom

DKIM = """
[dkim]
domain = "plainsentence.example"
selector = "ep1"
key_file = "rsa.pem"
second_selector = "ep2"
second_key_file = "ed.pem"
"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    rsa_file(tmp_path)
    ed25519_file(tmp_path)
    with newsroom(tmp_path, more=DKIM) as room:
        yield room


def test_every_mail_is_signed_and_verifies_by_the_records_that_are_told(room: Newsroom) -> None:
    """The bytes are what the mail server took; what to publish is what `digest provider check` says."""
    with room.opened() as app:
        app.add_feed(room.feed_url)
    room.join("ann@example.org")
    room.go_live()
    room.publish("The door that did not lock")
    with room.opened() as app:
        app.feed_desk.poll()
        assert not app.run().trouble
    told = json.loads(room.digest("provider", "check", "--json").stdout)
    records = {one["name"]: one["text"] for one in told[0]["dkim"]}
    assert sorted(records) == ["ep1._domainkey.plainsentence.example", "ep2._domainkey.plainsentence.example"]
    (mail,) = [one.data for one in room.sink.accepted if one.recipients == ["ann@example.org"]]
    assert b"List-Unsubscribe-Post:List-Unsubscribe-Post" in mail.replace(b"\r\n  ", b"")
    assert verdicts_by_records(mail, records) == [True, True]
    forged = b"From: The Bank <bank@bank.example>\r\n" + mail
    assert verdicts_by_records(forged, records) == [False, False]


def test_what_to_publish_is_told_for_people_too(room: Newsroom) -> None:
    done = room.digest("provider", "check")
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[0]) == (0, "smtp: takes our mail")
    begins = '  signed; publish: ep1._domainkey.plainsentence.example TXT "v=DKIM1; k=rsa; p='
    assert lines[1].startswith(begins)
    assert len(lines) == 3


def test_a_weak_key_is_told(room: Newsroom) -> None:
    rsa_file(room.folder, 1024)
    assert "weak: the key of dkim.key_file has 1024 bits" in room.digest("provider", "check").stdout


def test_a_key_that_is_not_there_stops_every_command_that_sends(room: Newsroom) -> None:
    (room.folder / "rsa.pem").unlink()
    done = room.digest("run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "dkim.key_file" in done.stderr
    assert "is not there" in done.stderr


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.settings.dkim_section.find_spec", lambda module: None)
    settings = {"domain": "blog.example", "selector": "s", "key_file": str(rsa_file(tmp_path))}
    with pytest.raises(ConfigurationError, match=r'pip install "everypost\[dkim\]"'):
        installation(tmp_path, clock=Clock(), dkim=settings)


def test_providers_sign_themselves_so_their_keys_are_not_even_read(tmp_path: Path) -> None:
    settings = {"domain": "blog.example", "selector": "s", "key_file": str(tmp_path / "none.pem")}
    more = {"mail": {"backend": "resend"}, "secrets": {"resend_key": "k"}}
    with installation(tmp_path, clock=Clock(), dkim=settings, **more) as app:
        assert app.signing_keys("resend") == []


def faults(**dkim: object) -> str:
    values = {
        "publication": {"name": "N", "site_url": "https://a.example", "public_url": "https://n.a.example"},
        "mail": {"from_address": "n@mail.a.example", "operator_address": "o@a.example"},
        "secrets": {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32},
        "dkim": dkim,
    }
    try:
        check(Sources(values=values))
    except ConfigurationError as error:
        return str(error)
    return ""


FINE = {"domain": "a.example", "selector": "s1", "key_file": "k.pem"}


@pytest.mark.parametrize("domain", ["a.example", "mail.a.example", "MAIL.A.EXAMPLE", "x.mail.a.example"])
def test_the_senders_domain_or_one_above_or_below_may_sign(domain: str) -> None:
    assert faults(**FINE | {"domain": domain}) == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"domain": "b.example"}, "is not the domain of mail.from_address"),
        ({"domain": "ail.a.example"}, "is not the domain of mail.from_address"),
        ({"domain": ""}, "dkim.selector means nothing without domain"),
        ({"selector": ""}, "dkim.domain needs selector"),
        ({"key_file": ""}, "dkim.domain needs key_file"),
        ({"second_selector": "s2"}, "dkim.second_selector needs second_key_file"),
        ({"second_key_file": "k2.pem"}, "dkim.second_key_file needs second_selector"),
        ({"second_selector": "s1", "second_key_file": "k2.pem"}, "the same as selector"),
        ({"selector": "s 1"}, "dkim.selector is no name of the DNS"),
        ({"selector": "s1; p=x"}, "dkim.selector is no name of the DNS"),
        ({"domain": "ä.example"}, "international one as xn--"),
        ({"key_file": "a\nb"}, "holds a line break"),
        ({"keyfile": "k.pem"}, "Did you mean key_file?"),
        ({"selector": 1}, "dkim.selector must be text in quotes"),
    ],
)
def test_what_cannot_sign_is_told_before_anything_is_sent(changes: dict[str, object], told: str) -> None:
    assert told in faults(**FINE | changes)


def test_the_library_is_loaded_only_where_keys_are_named(tmp_path: Path) -> None:
    assert importlib.util.find_spec("cryptography") is not None
    with newsroom(tmp_path) as room:
        done = room.digest("provider", "check", PYTHONPROFILEIMPORTTIME="1")
        assert done.returncode == 0
        assert "cryptography" not in done.stderr
