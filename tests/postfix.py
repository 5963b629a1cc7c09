"""The programs of Postfix, for tests: ``smtp-sink``, which fails on request, and a whole mail server.

Each runs in the foreground, from folders of the test's own, on a port of 127.0.0.1, and is ended by its pid.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.newsroom import read
from tests.programs import path_of
from tests.smtp_servers import closed_port

IN_TIME_S = 60
"""How long a server may take before a test gives up: an error, never an expectation."""

NOBODY = 65534


def until(found: Callable[[], object], what: str) -> None:
    """Wait until something is there."""
    for _ in range(IN_TIME_S * 50):
        if found():
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"{what} did not come in {IN_TIME_S} s")


@dataclass(frozen=True, kw_only=True)
class SmtpSink:
    """A running smtp-sink; each mail it has taken whole is a file that ends with its body."""

    port: int
    folder: Path

    def kept(self) -> list[str]:
        """Return the envelope recipients of the mails it took."""
        found = []
        for path in self.folder.iterdir():
            heads = [line for line in path.read_text().splitlines() if line.startswith("X-Rcpt-Args:")]
            found += [line.partition("<")[2].partition(">")[0] for line in heads]
        return sorted(found)


@contextmanager
def smtp_sink(*options: str) -> Iterator[SmtpSink]:
    """Run smtp-sink with these options."""
    program = path_of("smtp-sink", "what Postfix's own faulty server does to us")
    with tempfile.TemporaryDirectory(prefix="everypost-sink-") as name:
        folder, port = Path(name), closed_port()
        folder.chmod(0o777)  # as root it works as nobody
        privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [program, *privileges, "-d", f"{folder}/mail.", *options, f"127.0.0.1:{port}", "64"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            until(lambda: listens(port) or process.poll() is not None, "smtp-sink")
            yield SmtpSink(port=port, folder=folder)
        finally:
            process.terminate()
            process.communicate()


def listens(port: int) -> bool:
    """Return whether a port of 127.0.0.1 is listened on, without connecting to it."""
    wanted = f"0100007F:{port:04X} 00000000:0000 0A"
    return any(wanted in line for line in Path("/proc/net/tcp").read_text().splitlines())


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """A running mail server with mailboxes."""

    port: int
    mail: Path

    def make_mailbox(self, name: str) -> None:
        """Make a mailbox before the first mail comes."""
        for folder in (self.mail / name, *(self.mail / name / part for part in ("tmp", "new", "cur"))):
            folder.mkdir()
            os.chown(folder, NOBODY, NOBODY)  # as whom the server delivers

    def mails(self, mailbox: str, count: int = 1) -> list[EmailMessage]:
        """Return what was delivered to a mailbox, looked at since or not, once it is so many."""
        until(lambda: len(self._in(mailbox)) >= count, f"mail in {mailbox}")
        return [read(path.read_bytes()) for path in self._in(mailbox)]

    def _in(self, mailbox: str) -> list[Path]:
        folder = self.mail / mailbox
        return sorted([*folder.glob("new/*"), *folder.glob("cur/*")], key=lambda path: path.name)


_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = reader.example, sender.example, example.org, plainsentence.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{
  {{ann@reader.example=ann/}}, {{news@sender.example=news/}},
  {{ann@example.org=ann/}}, {{bounces@plainsentence.example=bounces/}} }}
recipient_delimiter = +
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
smtpd_reject_unlisted_recipient = no
maillog_file = /dev/stdout
"""
# Unlisted recipients are taken and bounce later, as behind a gateway that does not know its mailboxes.

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix() -> Iterator[Postfix]:
    """Run a mail server with mailboxes for ann@, news@ and bounces@ at the domains of ``_MAIN``."""
    program = path_of("postfix", "a mail through a real mail server")
    if os.geteuid() != 0:
        pytest.skip("Postfix wants to be started by root: a mail through a real mail server was not checked")
    asking = ["postconf", "-dh", "daemon_directory"]
    daemons = subprocess.run(asking, capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="everypost-postfix-") as name:
        folder, port = Path(name), closed_port()
        folder.chmod(0o755)  # its own users must pass
        owners = {"etc": 0, "queue": 0, "data": pwd.getpwnam("postfix").pw_uid, "mail": NOBODY}
        for part, owner in owners.items():
            (folder / part).mkdir()
            os.chown(folder / part, owner, -1)
        places = {"commands": Path(program).parent, "daemons": daemons, "nobody": NOBODY, "folder": folder}
        (folder / "etc" / "main.cf").write_text(_MAIN.format(**places))
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=port))
        with _running([program, "-c", str(folder / "etc"), "start-fg"], folder, port):
            yield Postfix(port=port, mail=folder / "mail")


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """Run it in the foreground; end its master by the pid it wrote down."""
    log, pid = folder / "log", folder / "queue" / "pid" / "master.pid"
    with log.open("wb") as out:
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            until(lambda: listens(port) or started.poll() is not None, "Postfix")
            assert started.poll() is None, log.read_text()
            yield
        finally:
            if pid.exists():
                os.kill(int(pid.read_text()), signal.SIGTERM)
            else:
                started.terminate()
            started.wait(IN_TIME_S)
