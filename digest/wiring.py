"""What the pipeline works with, made from the settings: each tool is chosen here, and nothing is done yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from digest.errors import ConfigurationError, Fault
from digest.feeds import fulltext
from digest.feeds import pictures as picture_looks
from digest.feeds.hook_tokens import HookTokens
from digest.model import Publication
from digest.net import credentials, probe
from digest.net.client import Client, Limits
from digest.picture_files import PictureFiles
from digest.pipeline.tools import Tools
from digest.providers.bounce_tokens import BounceTokens
from digest.settings.backends import Backends
from digest.settings.mailbox import opener as mailbox_opener
from digest.store import file_system
from digest.store.engine import Database
from digest.store.epoch import EpochFile
from digest.summarisers.extractive import Extractive
from digest.template_files import has_mails, hash_of_mails, own_templates, read_templates
from subscribers.tokens import Signer

if TYPE_CHECKING:
    from digest.settings.schema import Settings


def user_agent(settings: Settings) -> str:
    """Return how we present ourselves: our name, our version and where we can be reached."""
    contact = settings.feeds.contact or settings.publication_value().public_url
    return f"Everypost/{version('everypost')} (+{contact})"


def refuse_network(database: Database) -> None:
    """Raise ConfigurationError for an SQLite file that lies on a network file system."""
    kind = file_system.network_below(database.path) if database.path else ""
    if kind:
        mend = "Use a local disk or PostgreSQL; database.allow_network = true insists."
        problem = f"{database.path} lies on {kind}, where locks and writes are not to be relied on"
        raise ConfigurationError([Fault(where="database.url", problem=problem, mend=mend)])


def templates_of(settings: Settings) -> dict[str, Any]:
    """Return what the tools know of the templates, read anew. Raises TemplateFault."""
    folder = settings.template_folder()
    templates = read_templates(folder)
    return {
        "templates": templates,
        "templates_hash": hash_of_mails(templates),
        "own_mails": has_mails(own_templates(folder)),
    }


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """The parts of one installation, from which its tools are made."""

    settings: Settings
    publication: Publication
    database: Database
    epoch: EpochFile
    backends: Backends
    signer: Signer
    pictures: PictureFiles
    clock: Callable[[], datetime]
    new_name: Callable[[], str]  # another random name each time
    jitter: Callable[[], float]  # random, from 0 to 1
    stopping: Callable[[], bool]

    def tools(self) -> Tools:
        """Return the tools. Raises ConfigurationError (an extra is missing) and TemplateFault."""
        settings = self.settings
        return Tools(
            db=self.database,
            publication=self.publication,
            schedule=settings.schedule_value(),
            **templates_of(settings),
            summariser=settings.language_model(user_agent(self.settings), self.new_name) or Extractive(),
            signer=self.signer,
            hook_tokens=HookTokens(
                keys=settings.token_keys(),
                current=settings.current_token_key(),
                publication=self.publication.list_id,
            ),
            bounce_tokens=BounceTokens(
                keys=settings.token_keys(),
                current=settings.current_token_key(),
                publication=self.publication.list_id,
            ),
            verp=settings.mail.verp and bool(settings.mail.bounce_address),
            mailbox=mailbox_opener(settings.mailbox, settings.secret("mailbox_password"), settings.path),
            mailbox_every=settings.mailbox.every,
            leave_by_mail=self._leave_by_mail(),
            client=self.client,
            backend=partial(self.backends.open, settings.mail.backend),
            fallback=partial(self.backends.open, settings.mail.fallback) if settings.mail.fallback else None,
            patience=self.backends.patience(),
            reachable=self._reachable,
            clock=self.clock,
            owner=self.new_name(),
            workers=self.backends.workers(),
            on_uncertain=settings.delivery.on_uncertain,
            lanes=settings.lanes.limits(),
            warm_up=settings.delivery.warm_up,
            push=settings.push_wanted(),
            poll_every=timedelta(minutes=settings.feeds.poll_minutes),
            rules=settings.feeds.rules(),
            jitter=self.jitter,
            login_kind=self._login_kind,
            full_text=fulltext.reader(
                settings.feeds.full_text, settings.feeds.obey_robots, user_agent(self.settings)
            ),
            looking=self._looking(),
            editor_address=settings.mail.editor_address,
            overrides_file=settings.overrides_path(),
            stopping=self.stopping,
            epoch=self.epoch,
            sure=self.database.path is not None,
        )

    def _leave_by_mail(self) -> str:
        """Return the address whose mailbox is read; empty where none is."""
        mail = self.settings.mail
        return (mail.bounce_address or mail.from_address) if self.settings.mailbox.kind else ""

    def client(self) -> Client:
        """Return what asks sites, with the operator's logins."""
        limits = self._limits(self.settings.feeds.max_megabytes)
        return Client(limits, user_agent(self.settings), credentials=self.settings.secrets.feed_credentials)

    def _limits(self, megabytes: int) -> Limits:
        feeds = self.settings.feeds
        return Limits(
            total_s=float(feeds.timeout_s),
            max_bytes=megabytes * 1024 * 1024,
            allow_private=feeds.allow_private,
        )

    def _looking(self) -> picture_looks.Looking | None:
        images = self.settings.images
        here = images.serve == "here"
        if not (images.check or here):
            return None
        picture_looks.needs_pillow(serve_here=here)
        limits = self._limits(images.max_megabytes)
        return picture_looks.Looking(
            client=lambda: Client(limits, user_agent(self.settings)),  # without logins: pictures are public
            serve_here=here,
            max_bytes=limits.max_bytes,
            folder_url=f"{self.publication.public_url}/pictures",
            has=self.pictures.has,
            keep=self.pictures.keep,
        )

    def client_for_hooks(self) -> Client:
        """Return what asks for the certificates of those who call us."""
        # Certificates are small, and no login of ours is for Amazon.
        return Client(Limits(total_s=10.0, max_bytes=65_536, max_hops=0), user_agent(self.settings))

    def _login_kind(self, url: str) -> str:
        login = credentials.for_url(self.settings.secrets.feed_credentials, url)
        return login.kind if login else ""

    def _reachable(self) -> str:
        return probe.silence(f"{self.publication.public_url}/healthz", user_agent(self.settings))
