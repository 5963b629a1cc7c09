"""An installation as an operator has it: a folder with digest.toml, a site with a feed, a mail server.

Tests drive it by the command line in a process of its own, or open the same folder as an ``App`` with a
clock of their choosing. Everything is real and on 127.0.0.1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

from digest.app import App, now_utc
from digest.cli.output import json_text
from digest.model import Feed
from digest.pipeline.readers_csv import bring_in
from digest.settings.load import load
from subscribers import store as people
from tests.servers import FeedServer
from tests.smtp_servers import MailSink, mail_sink

ROOT = Path(__file__).parent.parent
OPERATOR = "operator@plainsentence.example"
PASSWORD = "correct-horse-battery"
TOKEN_KEY, ADDRESS_KEY = "5a" * 32, "c3" * 32
IN_TIME_S = 60
"""How long a command may take before a test gives up: an error, never an expectation."""


@dataclass(kw_only=True)
class Newsroom:
    """One installation, with the feed and the mail server it works with."""

    folder: Path
    site: FeedServer
    sink: MailSink
    titles: list[str] = field(default_factory=list)  # of the posts that are out, oldest first

    @property
    def config(self) -> Path:
        return self.folder / "digest.toml"

    @property
    def feed_url(self) -> str:
        return f"{self.site.url}/feed"

    # --- The site ---

    def publish(self, *titles: str) -> None:
        """Let posts appear in the feed."""
        self.titles += titles
        self.site.route("/feed", rss(self.site.url, self.titles))

    # --- The command line ---

    def digest(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; whatever happens, an operator never sees a traceback."""
        done = subprocess.run(
            self._command(arguments),
            cwd=self.folder,
            env=self._environ(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=IN_TIME_S,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, *arguments: str, own_group: bool = False, **environ: str) -> subprocess.Popen[str]:
        """Start a command; the caller waits for it with ``ended``.

        With ``own_group`` it leads a process group, so that a test may signal all of it, as a terminal would.
        """
        return subprocess.Popen(
            self._command(arguments),
            cwd=self.folder,
            env=self._environ(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0 if own_group else None,
        )

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "digest", "--config", str(self.config), *arguments]

    def _environ(self, more: dict[str, str]) -> dict[str, str]:
        quiet = {"DIGEST_LOG": "warning"}  # what is told on stderr is then all there is to say
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **quiet, **more}

    # --- The same installation, opened here ---

    @contextmanager
    def opened(self, clock: Callable[[], datetime] = now_utc) -> Iterator[App]:
        """Open the installation in this process."""
        with App(load(self.config, {}), clock=clock) as app:
            yield app

    def join(
        self, *addresses: str, cadence: str = "every-post", clock: Callable[[], datetime] = now_utc
    ) -> None:
        """Make people readers without a mail to them, as an import with proof does."""
        rows = "\n".join(["email,cadence", *(f"{address},{cadence}" for address in addresses)])
        with self.opened(clock) as app:
            report = bring_in(app.readers, rows.encode(), file_name="readers.csv", proof="signed on paper")
        assert not report.bad, report.bad

    def go_live(self) -> None:
        """End test mode; the public pages' health check is the site's."""
        self.site.route("/healthz", "ok")
        with self.opened() as app:
            app.go_live()

    # --- What became of it ---

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Return what the mail server took for an address, oldest first."""
        return [read(one.data) for one in self.sink.accepted if address in one.recipients]

    def issue(self, name: str) -> dict[str, Any]:
        """Return an issue as ``digest issue show --json`` tells it."""
        with self.opened() as app:
            found: dict[str, Any] = json.loads(json_text(app.issue(name)))
        return found

    def feeds(self) -> list[Feed]:
        with self.opened() as app:
            return app.feeds()

    def addresses(self) -> set[str]:
        """Return the addresses of all readers."""
        with self.opened() as app, app.database.read() as conn:
            return {person.email for person in people.listing(conn, limit=1000)}


@contextmanager
def newsroom(
    folder: Path, *, public_url: str = "", more: str = "", connections: int = 4
) -> Iterator[Newsroom]:
    """Set up an installation with an empty feed; ``more`` is appended to digest.toml."""
    with FeedServer() as site, mail_sink(users={"news": PASSWORD}) as sink:
        room = Newsroom(folder=folder, site=site, sink=sink)
        room.config.write_text(
            _CONFIG.format(
                site_url=site.url,
                public_url=public_url or site.url,
                port=sink.port,
                connections=connections,
                operator=OPERATOR,
            )
            + more
        )
        (folder / "digest.secrets.toml").write_text(
            f'token_keys = {{ k1 = "{TOKEN_KEY}" }}\naddress_key = "{ADDRESS_KEY}"\n'
            f'smtp_password = "{PASSWORD}"\n'
        )
        (folder / "digest.secrets.toml").chmod(0o600)
        room.publish("Before anybody read us")
        yield room


_CONFIG = """\
[publication]
name = "Plain Sentence"
site_url = "{site_url}"
public_url = "{public_url}"
postal_address = "Plain Sentence, 1 Sample Row, Exampleton"

[mail]
from_address = "letters@plainsentence.example"
operator_address = "{operator}"

[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
username = "news"
connections = {connections}

[feeds]
allow_private = true

[database]
url = "sqlite:///digest.db"
"""


def rss(site_url: str, titles: Sequence[str]) -> str:
    """Return a feed of posts with these titles, the newest first; the title's place is its guid.

    Without dates: they are new when they are first seen, whatever clock a test has.
    """
    items = [
        f"<item><title>{escape(title)}</title><link>{site_url}/posts/{number}</link>"
        f"<guid isPermaLink='false'>post-{number}</guid>"
        f"<description>{escape(_BODY.format(title=title, number=number))}</description></item>"
        for number, title in enumerate(titles, 1)
    ]
    return (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>Plain Sentence</title>"
        f"<link>{site_url}/</link><description>On prisons</description>"
        f"{''.join(reversed(items))}</channel></rss>"
    )


_BODY = """\
<p>{title}: the report was published on a Tuesday, and ran to {number}00 pages. Three were read.</p>
<p>The inspectors had counted every door in the building. They found {number} that did not lock.</p>
<p>Nobody had asked the people behind those doors. When somebody did, the answers were short and clear.</p>
"""


def read(data: bytes) -> EmailMessage:
    """Return a mail as Python's parser understands it."""
    parsed = message_from_bytes(data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return exit code, output and errors of a started command."""
    out, err = process.communicate(timeout=IN_TIME_S)
    return process.returncode, out, err


def kill(process: subprocess.Popen[str]) -> None:
    """End a process as a power cut does: no handler runs."""
    os.kill(process.pid, signal.SIGKILL)
