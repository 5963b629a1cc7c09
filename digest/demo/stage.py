"""The demonstration's set: the sample site, the inbox, the public pages, a database in a folder of its own.

A context manager: everything runs on 127.0.0.1 from entry to exit, and the folder is gone afterwards. The
clock can be moved, so that a week passes in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from errno import EADDRINUSE
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from fastapi import FastAPI

from digest.app import App, new_secret
from digest.cadence.due import last_due
from digest.demo import sample_posts
from digest.demo.inbox import Inbox
from digest.demo.inbox_pages import Mailbox
from digest.demo.site import SampleSite
from digest.preview.local_server import LOOPBACK, LocalServer, listen
from digest.preview.mail_view import MailView, read_mail
from digest.settings.load import check
from digest.settings.schema import Settings
from digest.settings.sources import Sources
from digest.template_files import read_templates
from subscribers.model import Cadence

FIRST_PORT = 8780
"""The site's port; inbox and public pages take the next two. Free ones are taken where these are not."""


@dataclass(frozen=True, kw_only=True)
class SampleReader:
    """One of the three people of the story."""

    name: str
    address: str
    cadence: Cadence
    theme_keys: tuple[str, ...]
    wants: str


READERS = (
    SampleReader(
        name="Ada",
        address="ada@reader.example",
        cadence=Cadence.EVERY_POST,
        theme_keys=(),
        wants="every post",
    ),
    SampleReader(
        name="Ben",
        address="ben@reader.example",
        cadence=Cadence.WEEKLY,
        theme_keys=(),
        wants="weekly, every theme",
    ),
    SampleReader(
        name="Cai",
        address="cai@reader.example",
        cadence=Cadence.WEEKLY,
        theme_keys=("prisons",),
        wants="weekly, only Prisons",
    ),
)
OPERATOR = "editor@afterthegate.example"


class Stage:
    """Everything the story needs, running."""

    readers = READERS

    def __init__(self, real_clock: Callable[[], datetime], pages: Callable[[App], FastAPI]) -> None:
        """Take the real clock, beside which the story's own runs, and the maker of the public pages."""
        self._real_clock = real_clock
        self._pages = pages
        self._offset = timedelta(0)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._set_up(*(_free_port(FIRST_PORT + index) for index in range(4)))
        except OSError as error:
            if error.errno != EADDRINUSE:
                raise
            # Another demonstration started at the same moment and was quicker: take any ports.
            self._set_up(*(_free_port(0) for _ in range(4)))
        return self

    def _set_up(self, site_port: int, inbox_port: int, pages_port: int, smtp_port: int) -> None:
        """Start everything on these ports, or nothing."""
        with ExitStack() as opening:
            folder = Path(opening.enter_context(TemporaryDirectory(prefix="everypost-demo-")))
            self.pages_url = f"http://{LOOPBACK}:{pages_port}"
            settings = _settings(folder, self.pages_url, f"http://{LOOPBACK}:{site_port}", smtp_port)
            # The story ends on the last day a weekly issue was due, and begins just after the one before.
            self.ends = last_due(Cadence.WEEKLY, settings.schedule_value(), self._real_clock())
            self.advance_to(self.ends - timedelta(days=7) + timedelta(minutes=5))
            self.inbox = opening.enter_context(
                Inbox(
                    clock=self.clock,
                    templates=read_templates(),
                    people=[Mailbox(name=one.name, address=one.address, note=one.wants) for one in READERS],
                    smtp_port=smtp_port,
                    web_port=inbox_port,
                )
            )
            self.site = opening.enter_context(
                SampleSite(self.ends, subscribe_url=f"{self.pages_url}/subscribe", port=site_port)
            )
            self.app = opening.enter_context(App(settings, clock=self.clock, allow_reserved=True))
            self.app.placements.keep(self.site.sponsor)
            opening.enter_context(LocalServer(self._pages(self.app), port=pages_port))
            self._open = opening.pop_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def clock(self) -> datetime:
        """Return the story's present instant."""
        return self._real_clock() + self._offset

    def advance_to(self, moment: datetime) -> None:
        """Let the story go on from that instant."""
        self._offset = moment - self._real_clock()

    def newest_to(self, address: str) -> MailView:
        """Return the newest mail in a mailbox."""
        mails = [mail for mail in self.inbox.messages() if address in mail.envelope_to]
        return read_mail(mails[-1].data)

    def issues_to(self, address: str) -> int:
        """Return how many issues are in a mailbox: mails of a list, not notices."""
        views = [read_mail(mail.data) for mail in self.inbox.messages() if address in mail.envelope_to]
        return sum(1 for view in views if any(name.lower() == "list-id" for name, _ in view.headers))


def _settings(folder: Path, pages_url: str, site_url: str, smtp_port: int) -> Settings:
    """Return the settings of the sample newsletter, checked like any other."""
    values = {
        "publication": {
            "name": sample_posts.NAME,
            "tagline": sample_posts.TAGLINE,
            "author": sample_posts.AUTHOR,
            "language": sample_posts.LANGUAGE,
            "zone": "Europe/London",
            "site_url": site_url,
            "public_url": pages_url,
            "postal_address": "After the Gate, 7 Sample Row, Exampleton EX1 2AM",
        },
        "mail": {
            "from_address": "letters@afterthegate.example",
            "reply_to": OPERATOR,
            "operator_address": OPERATOR,
        },
        "smtp": {"host": LOOPBACK, "port": smtp_port, "security": "none"},
        "feeds": {"allow_private": True},
        "database": {"url": f"sqlite:///{folder}/digest.db"},
        "secrets": {"token_keys": {"k1": new_secret()}, "address_key": new_secret()},
    }
    return check(Sources(values=values, origins={}))


def _free_port(wanted: int) -> int:
    """Return the wanted port, or a free one where it is taken."""
    for port in (wanted, 0):
        try:
            with listen(LOOPBACK, port) as held:
                return int(held.getsockname()[1])
        except OSError:
            continue
    raise OSError("no free port on 127.0.0.1")
