"""What the stages act with, made once by ``app`` and handed to each.

A stage is a function of these tools and of ``now``; it keeps nothing between calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from digest.cadence.due import Schedule
from digest.delivery.lanes import Limits
from digest.feeds.admission import Rules
from digest.feeds.fulltext import FullText
from digest.feeds.hook_tokens import HookTokens
from digest.feeds.pictures import Looking
from digest.model import Publication
from digest.net.client import Client
from digest.providers.base import Backend, Patience
from digest.providers.bounce_tokens import BounceTokens
from digest.providers.mailboxes import Mailbox
from digest.store.engine import Transactions
from digest.store.epoch import EpochFile
from digest.summarisers.base import Summariser
from digest.text.catalogues import spoken
from subscribers.tokens import Signer


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The resources and settings of one running pipeline."""

    db: Transactions
    publication: Publication
    schedule: Schedule
    templates: Mapping[str, str]  # name → source, the operator's over ours
    templates_hash: str  # of all of them: part of an issue's content hash
    summariser: Summariser
    signer: Signer
    hook_tokens: HookTokens
    bounce_tokens: BounceTokens
    client: Callable[[], Client]  # opens the one that asks feeds
    backend: Callable[[], Backend]  # opens one per sender thread
    reachable: Callable[[], str]  # why our public pages do not answer; empty when they do
    clock: Callable[[], datetime]
    owner: str  # random per process: with a number, names each sender in the ledger
    workers: int = 4  # sender threads, each with its own connection
    on_uncertain: str = "resend"  # or "hold"
    lanes: Limits = field(default_factory=Limits)  # what each lane may have
    warm_up: bool = False  # whether each day has a bound, rising from day to day
    fallback: Callable[[], Backend] | None = None  # opens the second one (mail.fallback); None: there is none
    patience: Mapping[str, Patience] = field(default_factory=dict)  # of the backends that have any, by name
    verp: bool = False  # whether each mail has an envelope sender of its own
    leave_by_mail: str = ""  # the address whose mailbox is read; empty: nobody reads one
    mailbox: Callable[[], Mailbox] | None = None  # opens the one that bounces come to; None: there is none
    mailbox_every: timedelta = timedelta(minutes=15)  # the time between two looks
    login_kind: Callable[[str], str] = field(default=lambda _url: "")  # which login goes with an address
    poll_every: timedelta = timedelta(hours=1)  # the shortest time between two polls of a feed
    jitter: Callable[[], float] = field(default=lambda: 0.5)  # a random number from 0 to 1
    rules: Rules = field(default_factory=Rules)  # which new posts wait or never go
    push: bool = False  # whether hubs are asked to tell of new posts (feeds.push)
    full_text: FullText | None = None  # how the pages of short posts are read; None: they are not
    looking: Looking | None = None  # how pictures are looked at; None: they are not
    editor_address: str = ""  # who is told of each issue that was made; empty: nobody
    overrides_file: Path | None = None  # what the editor changes in the next issues; need not exist
    stopping: Callable[[], bool] = field(default=lambda: False)  # true once a signal asked us to finish
    epoch: EpochFile = field(default_factory=lambda: EpochFile(None))  # notices a restored backup
    own_mails: bool = False  # whether the operator has mail templates of their own: rendered in confinement
    sure: bool = True  # whether holding the run lock proves every earlier sender dead (SQLite)

    def speaking(self, language: str = "") -> Publication:
        """Return the publication as it speaks to a reader of that language; empty: in its own.

        A language we have no words of is answered in the publication's own, and else in English.
        """
        return replace(self.publication, language=spoken(self.templates, language, self.publication.language))
