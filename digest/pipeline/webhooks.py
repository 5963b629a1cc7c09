"""Calls of providers about our mails: proved, matched, written down, obeyed.

What a call tells is in the database when it is answered, so that a provider tries again whenever it is not.
Neighbours: ``digest.web.provider_hooks`` hears the calls, ``providers.webhook`` says how they prove
themselves, ``hearing`` obeys.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

import structlog

from digest.delivery.events import ProviderEvent
from digest.errors import AddressRefused, FetchFailed
from digest.net.client import Client
from digest.pipeline import hearing
from digest.pipeline.hearing import Heard
from digest.pipeline.tools import Tools
from digest.providers import (
    brevo_events,
    mailgun_events,
    mailjet_events,
    postmark_events,
    resend_events,
    sendgrid_events,
    ses_events,
    sparkpost_events,
)
from digest.providers.webhook import Forged, Headers, HookSecrets, Malformed

log = structlog.get_logger()

_PARSERS: Mapping[str, Callable[[Headers, bytes, HookSecrets, datetime], list[ProviderEvent]]] = {
    module.NAME: module.parse_events
    for module in (
        brevo_events,
        mailgun_events,
        mailjet_events,
        postmark_events,
        resend_events,
        sendgrid_events,
        sparkpost_events,
    )
}


NAMES: Final = frozenset({*_PARSERS, ses_events.NAME})


class Answer(StrEnum):
    """What a caller is told."""

    DONE = "done"  # written down, or of no use to us: do not call again
    UNKNOWN = "unknown"  # there is no such address here
    FORGED = "forged"
    MALFORMED = "malformed"


@dataclass
class Memory:
    """What one process remembers between calls."""

    lock: Lock = field(default_factory=Lock)
    tokens: OrderedDict[str, None] = field(default_factory=OrderedDict)  # of events that led nowhere
    certificates: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def was_seen(self, token: str) -> bool:
        """Return whether a token was used before, and remember it."""
        with self.lock:
            seen = token in self.tokens
            self.tokens[token] = None
            while len(self.tokens) > TOKENS_KEPT:
                self.tokens.popitem(last=False)
        return seen

    def forget(self, tokens: Iterable[str]) -> None:
        """Forget tokens whose events could not be written down: their provider sends them again."""
        with self.lock:
            for token in tokens:
                self.tokens.pop(token, None)


TOKENS_KEPT: Final = 10_000
CERTIFICATES_KEPT: Final = 8


class Webhooks:
    """Takes the calls of providers. One instance serves all threads of a process."""

    def __init__(self, tools: Tools, secrets: HookSecrets, *, client: Callable[[], Client]) -> None:
        """Check calls by these secrets; ``client`` fetches Amazon's certificates, guarded."""
        self._tools = tools
        self._secrets = secrets
        self._client = client
        self._memory = Memory()

    def receive(self, provider: str, headers: Headers, body: bytes) -> Answer:
        """Obey a call, and return what the caller is told. Raises DatabaseBusy, and FetchFailed."""
        if provider not in NAMES or not getattr(self._secrets, provider):
            return Answer.UNKNOWN
        now = self._tools.clock()
        try:
            events = self._read(provider, headers, body, now)
        except Forged as error:
            log.warning("webhook.forged", provider=provider, reason=str(error))
            return Answer.FORGED
        except Malformed as error:
            log.warning("webhook.malformed", provider=provider, reason=str(error))
            return Answer.MALFORMED
        try:
            heard = hearing.hear(self._tools, events, now)
        except BaseException:
            self._memory.forget(event.event_id for event in events)  # it is told again, with the same token
            raise
        log.info("webhook.received", provider=provider, events=len(events), new=heard[Heard.NEW])
        return Answer.DONE

    def _read(self, provider: str, headers: Headers, body: bytes, now: datetime) -> list[ProviderEvent]:
        if provider == ses_events.NAME:
            call = ses_events.read_call(body, self._secrets, self._certificate, now)
            if call.subscribe_url:
                self._subscribe(call.subscribe_url)
            return list(call.events)
        events = _PARSERS[provider](headers, body, self._secrets, now)
        if provider == mailgun_events.NAME:
            # Only the token is signed: whoever caught one could send it again with another body.
            events = [event for event in events if not self._memory.was_seen(event.event_id)]
        return events

    def _certificate(self, url: str) -> bytes:
        """Return the certificate at an address that was found to be Amazon's."""
        with self._memory.lock:
            if url in self._memory.certificates:
                return self._memory.certificates[url]
        found = self._get(url)
        with self._memory.lock:
            self._memory.certificates[url] = found
            while len(self._memory.certificates) > CERTIFICATES_KEPT:
                self._memory.certificates.popitem(last=False)
        return found

    def _subscribe(self, url: str) -> None:
        """Say yes to one of our own topics, at Amazon's own address."""
        self._get(url)
        log.info("webhook.subscribed", provider=ses_events.NAME)

    def _get(self, url: str) -> bytes:
        try:
            with self._client() as client:
                reply = client.get(url)
        except AddressRefused as error:
            raise Forged("the address may not be asked") from error
        if reply.status != 200:
            raise FetchFailed(f"Amazon answered {reply.status}.", cause=f"http_{reply.status}")
        return reply.body
