"""The mailbox that bounces come to: read once, obeyed, never answered; by IMAP and as a Maildir."""

from dataclasses import replace
from pathlib import Path

import pytest

from digest.cli.frame import main
from digest.errors import ConfigurationError, MailboxUnavailable
from digest.pipeline.mailbox import read_due, read_mailbox
from digest.providers.mailboxes import Imap, ImapConfig, Maildir
from digest.providers.memory import MemoryBackend
from subscribers.model import Cadence, Status
from subscribers.tokens import Purpose
from tests.imap_server import imap_server
from tests.installation import Clock, a_post, installation, join, mails, publish
from tests.smtp_servers import CA_FILE

ANN = "ann@reader.example"
SAMPLES = Path(__file__).parents[1] / "data" / "bounces"


@pytest.fixture
def box(tmp_path):
    """A Maildir."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


@pytest.fixture
def app(tmp_path, box):
    """An installation that reads the Maildir, with one reader who was sent one issue."""
    mail = {"bounce_address": "bounces@blog.example"}
    section = {"kind": "maildir", "folder": str(box)}
    with installation(tmp_path, clock=Clock(), mail=mail, mailbox=section) as app:
        join(app, ANN, Cadence.EVERY_POST)
        publish(app, a_post("One"))
        app.run()
        yield app


def status(app):
    return app.readers.find(ANN).status


def a_bounce(app, *, sample="dsn-no-such-user"):
    """Return a bounce of the newest mail, as its server would send it."""
    (delivery_id,) = [
        int(mail["Message-ID"].split(".")[0][2:]) for mail in mails(app, to=ANN, issues_only=True)
    ]
    token = app.tools.bounce_tokens.token(delivery_id)
    raw = (SAMPLES / f"{sample}.eml").read_bytes()
    return raw.replace(b"k1.11.aaaaaaaaaaaaaaaaaaaa", token.encode())


def deliver(box, name, raw):
    (box / "new" / name).write_bytes(raw)


def seen(box):
    return sorted(path.name for path in (box / "cur").iterdir())


def test_a_bounce_is_obeyed_and_marked_as_read(app, box):
    deliver(box, "1.a", a_bounce(app))
    report = app.read_mailbox()
    assert (report.mails, report.new, report.left) == ({"bounce": 1}, 1, 0)
    assert status(app) is Status.BOUNCED
    assert seen(box) == ["1.a:2,S"]
    assert app.read_mailbox().mails == {}


def test_row_48_a_bounce_that_nobody_signed_changes_nothing_and_is_left(app, box):
    deliver(box, "1.a", (SAMPLES / "dsn-no-such-user.eml").read_bytes())
    report = app.read_mailbox()
    assert (report.new, report.left) == (0, 1)
    assert status(app) is Status.CONFIRMED
    assert seen(box) == ["1.a:2,"]


@pytest.mark.parametrize("sample", ["auto-holiday", "auto-challenge", "person", "leave-without-token"])
def test_row_49_what_people_and_their_programs_answer_changes_nothing(app, box, sample):
    before = len(mails(app))
    deliver(box, "1.a", (SAMPLES / f"{sample}.eml").read_bytes())
    assert app.read_mailbox().new == 0
    app.run()
    assert status(app) is Status.CONFIRMED
    assert len(mails(app)) == before, "nothing is ever answered"


def test_a_complaint_ends_all_mail(app, box):
    deliver(box, "1.a", a_bounce(app, sample="arf-redacted"))
    assert app.read_mailbox().new == 1
    assert status(app) is Status.COMPLAINED


def test_mails_offer_leaving_by_mail_and_it_works(app, box):
    (mail,) = mails(app, to=ANN, issues_only=True)
    web, by_mail = str(mail["List-Unsubscribe"]).split(", ")
    assert web.startswith("<http")
    assert by_mail.startswith("<mailto:bounces@blog.example?subject=unsubscribe%20")
    subject = by_mail.strip("<>").partition("=")[2].replace("%20", " ")
    deliver(box, "1.a", f"From: {ANN}\nTo: bounces@blog.example\nSubject: {subject}\n\n".encode())
    assert app.read_mailbox().new == 1
    assert status(app) is Status.UNSUBSCRIBED


def test_a_forged_wish_to_leave_is_ignored_whoever_it_says_it_is_from(app, box):
    token = app.readers.link(Purpose.UNSUBSCRIBE, app.readers.find(ANN))
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    deliver(box, "1.a", f"From: {ANN}\nSubject: unsubscribe {forged}\n\n".encode())
    assert app.read_mailbox().left == 1
    assert status(app) is Status.CONFIRMED


def test_every_mail_has_an_envelope_sender_of_its_own(app):
    backend = MemoryBackend()
    app.tools = replace(app.tools, backend=lambda: backend)
    publish(app, a_post("Two"))
    app.run()
    (sent,) = backend.messages
    assert sent.envelope_from == f"bounces+{app.tools.bounce_tokens.token(sent.delivery_id)}@blog.example"


def test_a_run_reads_the_mailbox_at_its_own_pace(app, box):
    deliver(box, "1.a", (SAMPLES / "person.eml").read_bytes())
    app.run()
    assert seen(box) == [], "it was looked into just before"
    app.clock.pass_time(minutes=15)
    app.run()
    assert seen(box) == ["1.a:2,"]


def test_a_mailbox_that_is_out_stops_no_mail(app, box):
    def out():
        raise MailboxUnavailable("out")

    app.tools = replace(app.tools, mailbox=out)
    app.clock.pass_time(hours=1)
    publish(app, a_post("Two"))
    assert not app.run().failed
    assert len(mails(app, to=ANN, issues_only=True)) == 2
    read_due(app.tools, app.clock())


def test_no_mailbox_is_no_fault_of_a_run_but_of_the_command(tmp_path):
    with installation(tmp_path, clock=Clock()) as app:
        assert not app.run().failed
        with pytest.raises(MailboxUnavailable, match="kind"):
            app.read_mailbox()


def test_a_folder_that_is_no_maildir_is_refused(tmp_path):
    with pytest.raises(MailboxUnavailable, match=r"no Maildir: .* mend mailbox\.folder"):
        Maildir(tmp_path)


def test_a_maildir_that_cannot_be_used_says_where_and_why(tmp_path):
    for part in ("tmp", "new"):
        (tmp_path / part).mkdir()
    (tmp_path / "cur").write_text("a file")
    (tmp_path / "new" / "1.a").write_bytes(b"Subject: One\n\nHello.\n")
    box = Maildir(tmp_path)
    (letter,) = box.letters(5)
    with pytest.raises(MailboxUnavailable, match=r"new/1\.a cannot be read or moved: File exists"):
        box.looked_at(letter, dealt_with=True)
    (tmp_path / "new").rename(tmp_path / "away")
    (tmp_path / "new").write_text("a file")
    with pytest.raises(MailboxUnavailable, match="new cannot be read or moved: Not a directory"):
        list(box.letters(5))


def test_a_maildir_that_a_server_is_just_making_is_empty(tmp_path):
    (tmp_path / "tmp").mkdir()
    box = Maildir(tmp_path)
    assert list(box.letters(5)) == []
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.a").write_bytes(b"Subject: One\n\nHello.\n")
    (letter,) = box.letters(5)
    box.looked_at(letter, dealt_with=True)
    assert [path.name for path in (tmp_path / "cur").iterdir()] == ["1.a:2,S"]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({}, "host is missing"),
        ({"host": "imap.example", "username": "u", "security": "none"}, "in the clear"),
        ({"host": "imap.example", "username": "u"}, "mailbox_password"),
    ],
)
def test_an_imap_mailbox_that_cannot_work_is_refused_at_once(tmp_path, section, words):
    with (
        pytest.raises(ConfigurationError, match=words),
        installation(tmp_path, clock=Clock(), mailbox={"kind": "imap"} | section),
    ):
        pass


# --- IMAP ------------------------------------------------------------------------------------------


@pytest.fixture
def imap():
    with imap_server() as server:
        yield server


def config(server, **changes):
    given = {"host": "127.0.0.1", "port": server.port, "username": "news", "password": server.password}
    return ImapConfig(**given | {"ca_file": CA_FILE, "timeout_s": 20.0} | changes)


def test_over_imap_each_mail_is_read_once_and_stays_unread_unless_dealt_with(app, imap):
    imap.mails += [a_bounce(app), (SAMPLES / "person.eml").read_bytes().replace(b"\n", b"\r\n")]
    tools = replace(app.tools, mailbox=lambda: Imap(config(imap)))
    report = read_mailbox(tools, app.clock())
    assert (report.new, report.left) == (1, 1)
    assert imap.flags == {1: {"EverypostRead", "\\Seen"}, 2: {"EverypostRead"}}
    assert status(app) is Status.BOUNCED
    assert read_mailbox(tools, app.clock()).mails == {}


def test_over_imap_only_the_beginning_of_a_huge_mail_is_asked_for(app, imap):
    imap.mails.append(a_bounce(app) + b"x" * 3_000_000)
    tools = replace(app.tools, mailbox=lambda: Imap(config(imap)))
    assert read_mailbox(tools, app.clock()).new == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"password": "wrong"}, "refused us"), ({"folder": "None"}, "no such folder"), ({"port": 9}, "reached")],
)
def test_why_an_imap_mailbox_cannot_be_used_is_told_without_the_password(imap, changes, words):
    with pytest.raises(MailboxUnavailable, match=words) as told:
        Imap(config(imap, **changes))
    assert imap.password not in str(told.value)
    assert imap.password not in repr(config(imap))


def test_an_imap_server_that_cannot_prove_who_it_is_sees_no_password():
    with imap_server(certificate="wrong-name") as server, pytest.raises(MailboxUnavailable, match="reached"):
        Imap(config(server))
    assert server.heard == []


@pytest.mark.parametrize("command", ["SEARCH", "FETCH", "STORE"])
def test_an_imap_server_that_breaks_off_loses_nothing(app, imap, command):
    imap.mails.append(a_bounce(app))
    tools = replace(app.tools, mailbox=lambda: Imap(config(imap)))
    imap.breaks_off_at = command
    with pytest.raises(MailboxUnavailable):
        read_mailbox(tools, app.clock())
    imap.breaks_off_at = ""
    report = read_mailbox(tools, app.clock())
    assert report.new + report.known == 1
    assert status(app) is Status.BOUNCED


def test_an_imap_server_without_keywords_is_told_of(app, imap):
    imap.mails.append(a_bounce(app))
    imap.keeps_keywords = False
    with pytest.raises(MailboxUnavailable, match="keywords"):
        read_mailbox(replace(app.tools, mailbox=lambda: Imap(config(imap))), app.clock())


def test_the_command_says_what_to_write_where_no_mailbox_is_set_up(tmp_path, capsys):
    main(["init", str(tmp_path), "--name", "P", "--site", "https://e.org", "--public-url", "https://n.e.org",
          "--from", "n@e.org", "--operator", "o@e.org"])  # fmt: skip
    assert main(["--config", str(tmp_path / "digest.toml"), "mailbox", "read"]) == 1
    assert "below [mailbox]" in capsys.readouterr().err
