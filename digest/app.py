"""The composition root: from settings to a running installation. The one home of clock and randomness.

``App`` opens what the pipeline works with and offers each action as a method; ``cli``, ``web``, ``preview``,
``demo`` and ``scheduler`` know nothing else. It decides nothing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection
from structlog.contextvars import bound_contextvars

from digest import explain, failpoints
from digest.cadence.due import day_and_time
from digest.editorial.themes import present
from digest.errors import AlreadyRunning, DatabaseBusy
from digest.feeds import fulltext
from digest.model import Feed, Publication, Theme
from digest.picture_files import PictureFiles
from digest.pipeline import (
    add_feeds,
    archive,
    deliver,
    gate,
    overrides_check,
    summarise,
    switches,
    tick,
    trial,
)
from digest.pipeline.editors import Editors
from digest.pipeline.feed_desk import FeedDesk
from digest.pipeline.hooks import Hooks
from digest.pipeline.issue_desk import IssueDesk
from digest.pipeline.mailbox import MailboxReport, read_mailbox
from digest.pipeline.model_desk import ModelDesk
from digest.pipeline.online import gathered
from digest.pipeline.placements import Placements
from digest.pipeline.reader_desk import ReaderDesk
from digest.pipeline.readers import Readers
from digest.pipeline.sender import Delivered
from digest.pipeline.status import InstallationStatus, IssueDetail, issue_detail, status
from digest.pipeline.theme_desk import ThemeDesk
from digest.pipeline.tick import Report
from digest.pipeline.tools import Tools
from digest.pipeline.webhooks import Webhooks
from digest.providers.dkim_keys import SigningKey
from digest.quality.facts import Facts
from digest.quality.mail import Mail
from digest.rendering.wording import when_in_words
from digest.settings.backends import Backends
from digest.settings.hook_secrets import hook_secrets
from digest.store import epoch, notices, posts, progress, schema, themes
from digest.store import issues as issue_store
from digest.store.engine import Database
from digest.store.issues import StoredIssue
from digest.store.lock import run_lock
from digest.summarisers.deferred import Deferred
from digest.wiring import Wiring, refuse_network, templates_of, user_agent
from subscribers.address import parse
from subscribers.model import Cadence
from subscribers.tokens import Signer

if TYPE_CHECKING:
    from digest.settings.schema import Settings


def new_secret() -> str:
    """Return 256 random bits as 64 hex digits."""
    return secrets.token_hex(32)


def new_public_id() -> str:
    """Return 64 random bits as 16 hex digits: a subscriber's public name, a process's name in the ledger."""
    return secrets.token_hex(8)


def between(low: float, high: float) -> float:
    """Return a random number from ``low`` to ``high``."""
    return secrets.SystemRandom().uniform(low, high)


def now_utc() -> datetime:
    """Return the present instant: the one place that reads the clock."""
    return datetime.now(UTC)


class App:
    """One installation, opened. Close it, or use it as a context manager."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = now_utc,
        stopping: Callable[[], bool] = lambda: False,
        allow_reserved: bool = False,
    ) -> None:
        """Open the database, bring its schema up to date, and read the templates.

        ``stopping`` turns true when a signal asks to finish; ``allow_reserved`` lets readers have addresses
        that nobody can own (.example, .test), for the demonstration. Raises ConfigurationError (an extra is
        missing, or the database lies on a network), TemplateFault, DatabaseBusy and SchemaTooNew.
        """
        self.settings = settings
        self.publication: Publication = settings.publication_value()
        self.clock = clock
        passing = failpoints.from_variable(os.environ.get(failpoints.VARIABLE, ""))
        self._backends = Backends(settings, user_agent(settings), passing)
        self.database = Database(settings.database_url(), passing=passing)
        if not settings.database.allow_network:
            refuse_network(self.database)
        self._epoch = epoch.file_of(self.database, settings.path(""))
        if schema.ensure(self.database, clock()):
            self._epoch.forget()
        self.signer = Signer(
            keys=settings.token_keys(),
            current=settings.current_token_key(),
            address_key=settings.address_key(),
            publication=self.publication.list_id,
        )
        self._pictures = PictureFiles(settings.path(settings.images.folder))
        self._wiring = Wiring(
            settings=settings,
            publication=self.publication,
            database=self.database,
            epoch=self._epoch,
            backends=self._backends,
            signer=self.signer,
            pictures=self._pictures,
            clock=clock,
            new_name=new_public_id,
            jitter=secrets.SystemRandom().random,
            stopping=stopping,
        )
        self.tools = self._wiring.tools()
        hook_secrets(settings)  # refuses a weak one before anything starts
        self.feed_desk = FeedDesk(lambda: self.tools, lock=self.lock)
        self.readers = Readers(
            db=self.database,
            signer=self.signer,
            clock=clock,
            new_public_id=new_public_id,
            queue_notice=self._queue_notice,
            on_confirm=progress.start_from_last_issue,
            allow_reserved=allow_reserved,
            goodbye=settings.mail.goodbye,
        )

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- The pipeline ---

    def run(self) -> Report:
        """Do one tick. Raises AlreadyRunning where another process holds the lock."""
        with self.lock():
            return self.tick()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the one right to run the pipeline on this database."""
        with run_lock(self.database):
            yield

    def tick(self) -> Report:
        """Do one tick; the caller holds the lock."""
        return tick.run(self.tools)

    def rehearse(self) -> Report:
        """Say what a tick would do. Feeds are asked; nothing is stored and nothing is sent."""
        answers = tick.ask(self.tools)
        with self.rehearsal() as tools:
            return tick.rehearse(tools, answers)

    @contextmanager
    def rehearsal(self) -> Iterator[Tools]:
        """Open tools on which everything works and nothing lasts; what is logged meanwhile says so.

        No language model is asked: what it has yet to write is an extract, and noted (``Deferred``).
        """
        with bound_contextvars(rehearsal=True), self.database.rehearsal() as stand_in:
            yield replace(self.tools, db=stand_in, summariser=Deferred(self.tools.summariser))

    def reload_templates(self) -> None:
        """Read the templates again, so that an edit shows. Raises TemplateFault."""
        self.tools = replace(self.tools, **templates_of(self.settings))

    def send_trial(self, name: str, address: str) -> tuple[trial.Queued, Delivered | None]:
        """Send one issue to one address; return the trial and what became of its mail.

        None: a run is at work on this database, and sends it. Raises BadAddress and UnknownName.
        """
        checked = parse(address, allow_reserved=True).email
        queued = trial.send_to(self.tools, name, checked)
        try:
            with self.lock():
                return queued, deliver.deliver(self.tools, only=queued.delivery_id)
        except AlreadyRunning:
            return queued, None

    def read_mailbox(self) -> MailboxReport:
        """Read what came back by mail, and obey it. Raises MailboxUnavailable."""
        return read_mailbox(self.tools, self.clock())

    def check_issue(self, name: str, *, online: bool = False) -> gate.Checked:
        """Return what the gate says of an issue, or of the next one of a cadence; nothing is stored.

        ``online`` asks its links and pictures too. Raises UnknownName and TemplateFault.
        """

        def gather(mail: Mail, facts: Facts) -> Facts:
            private = self.settings.feeds.allow_private
            return gathered(mail, facts, user_agent(self.settings), allow_private=private)

        with self.rehearsal() as tools:
            whole = trial.content_of(tools, name)
            return gate.checked_issue(tools, whole, self.clock(), gather if online else None)

    def add_feed(self, url: str) -> add_feeds.Added:
        """Find the feed behind an address, store it and take its baseline."""
        return self.feed_desk.add(url)

    def why_post(self, post_id: int) -> explain.PostStory:
        """Return what happened to a post and why. Raises UnknownName."""
        return explain.why_post(self.database, post_id)

    def explain_summary(self, wanted: str, sentences: int) -> summarise.Explained:
        """Return the summary of a post, by its id or address, with its working; nothing is stored.

        An id is answered from the store alone. Raises UnknownName, and FetchFailed for a page that gives
        nothing.
        """
        if wanted.isdecimal():
            return summarise.stored(self.tools, int(wanted), sentences)
        how = fulltext.reader_by_hand(self.settings.feeds.obey_robots, user_agent(self.settings))
        with self._wiring.client() as client:
            return summarise.page(client, how, wanted, sentences, self.clock())

    @property
    def editors(self) -> Editors:
        """What an editor can say about posts and fuses."""
        return Editors(tools=self.tools)

    @property
    def issue_desk(self) -> IssueDesk:
        """What an operator can do with issues and held mails."""
        return IssueDesk(tools=self.tools)

    def check_overrides(self) -> list[overrides_check.Checked]:
        """Return what the editor's file changes in which issue. Raises ConfigurationError."""
        return overrides_check.check(self.tools)

    @property
    def theme_desk(self) -> ThemeDesk:
        """What an editor can do with themes."""
        return ThemeDesk(tools=self.tools)

    @property
    def model_desk(self) -> ModelDesk:
        """What people can do with the language model."""
        return ModelDesk(tools=self.tools)

    @property
    def placements(self) -> Placements:
        """What an operator can do with sponsors' placements."""
        return Placements(tools=self.tools)

    @property
    def reader_desk(self) -> ReaderDesk:
        """What operators do with readers."""
        return ReaderDesk(database=self.database, readers=self.readers, themes=self.every_theme)

    def check_backends(self) -> list[tuple[str, str]]:
        """Return each backend in use with why it would not take our mail, or nothing. Sends nothing."""
        return [(name, self._backends.check(name)) for name in self._backends.names]

    def signing_keys(self, backend: str) -> list[SigningKey]:
        """Return the keys that sign what goes by a backend, each with the record that publishes it."""
        return self._backends.keys(backend)

    # --- Switches ---

    def go_live(self) -> switches.WentLive:
        """Send to readers from now on."""
        return switches.go_live(self.tools)

    def restart_warm_up(self) -> None:
        """Let the warm-up begin anew."""
        switches.restart_warm_up(self.tools)

    def pause(self) -> None:
        """Stop everything until ``resume``."""
        switches.pause(self.tools)

    def resume(self) -> None:
        """Let everything go on."""
        switches.resume(self.tools)

    def status(self) -> InstallationStatus:
        """Return how things stand."""
        return status(self.tools)

    def feeds(self) -> list[Feed]:
        """Return every feed."""
        return self.feed_desk.every()

    def issues(self, limit: int) -> list[StoredIssue]:
        """Return the newest issues."""
        with self.database.read() as conn:
            return issue_store.newest(conn, limit)

    def issue(self, name: str) -> IssueDetail:
        """Return one issue with what became of it."""
        return issue_detail(self.tools, name)

    # --- What the public pages ask (digest.web.site.Site) ---

    @property
    def hooks(self) -> Hooks:
        """What hubs and sites may ask for."""
        return Hooks(self.tools)

    @cached_property
    def webhooks(self) -> Webhooks:
        """The calls of providers; one for the whole process, as it remembers what it heard."""
        return Webhooks(self.tools, hook_secrets(self.settings), client=self._wiring.client_for_hooks)

    @property
    def templates(self) -> Mapping[str, str]:
        """Every template, name → source."""
        return self.tools.templates

    def cadences(self, language: str = "") -> Sequence[tuple[Cadence, str]]:
        """Return the cadences on offer, each with when its mails come, in a reader's language."""
        schedule, speaking = self.tools.schedule, self.tools.speaking(language)
        return [
            (cadence, when_in_words(cadence, *day_and_time(cadence, schedule), speaking, self.templates))
            for cadence in Cadence
        ]

    def themes(self) -> Sequence[Theme]:
        """Return the themes a reader may choose, in order."""
        return [theme for theme in self.every_theme() if theme.shown]

    def present_themes(self, keys: Set[str]) -> frozenset[str]:
        """Return what chosen keys stand for, now that themes were merged."""
        return present(keys, self.every_theme())

    def every_theme(self) -> Sequence[Theme]:
        """Return every theme, hidden and merged ones too."""
        with self.database.read() as conn:
            return themes.every(conn)

    def issue_index(self) -> Sequence[tuple[str, str, date]]:
        """Return name, title and day of the issues that were sent, newest first."""
        return archive.index(self.tools)

    def issue_page(self, name: str) -> str | None:
        """Return an issue's web page, or None when none of that name was sent."""
        return archive.page(self.tools, name)

    def picture(self, name: str) -> tuple[bytes, str] | None:
        """Return a picture we made, with its media type; None when there is none of that name."""
        return self._pictures.read(name)

    def healthy(self) -> bool:
        """Return whether the database answers."""
        try:
            with self.database.read() as conn:
                posts.counts(conn)
        except DatabaseBusy:
            return False
        return True

    def _queue_notice(self, conn: Connection, *, kind: str, subscriber_id: int, nonce: str) -> None:
        notices.queue_for_reader(conn, kind=kind, subscriber_id=subscriber_id, nonce=nonce, now=self.clock())
