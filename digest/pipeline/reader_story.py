"""Why somebody gets mail or does not, from the ledger, the events and the proof of consent. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from digest.pipeline.readers import Dossier, Readers
from digest.store import provider_events
from digest.store.provider_events import PastEvent, PastMail
from subscribers.model import Status, SuppressionReason

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class ReaderStory:
    """What was written down about one reader's mail."""

    verdict: str  # whether they get issues, and why, in a sentence
    mails: tuple[PastMail, ...]  # the newest, newest first
    events: tuple[PastEvent, ...]  # what was heard of them, newest first


def why_reader(readers: Readers, email: str) -> ReaderStory:
    """Return why an address gets mail or does not. Raises BadAddress, and UnknownName."""
    dossier = readers.dossier(email)
    if dossier.subscriber is None:
        return ReaderStory(verdict=_verdict(readers, dossier), mails=(), events=())
    with readers.db.read() as conn:
        mails = provider_events.mails_of(conn, dossier.subscriber.id, SHOWN)
        events = provider_events.events_of(conn, dossier.subscriber.id, SHOWN)
    return ReaderStory(verdict=_verdict(readers, dossier), mails=tuple(mails), events=tuple(events))


_SUPPRESSED = {
    SuppressionReason.HARD_BOUNCE: "its mail bounced",
    SuppressionReason.COMPLAINT: "a mail was reported as spam",
    SuppressionReason.ERASED: "its reader asked to be forgotten",
    SuppressionReason.MANUAL: "an operator said so",
}


def _verdict(readers: Readers, dossier: Dossier) -> str:
    person = dossier.subscriber
    if dossier.suppression is not None:
        back = (
            "`digest subscriber lift` allows it again"
            if dossier.suppression is SuppressionReason.MANUAL
            else "asking and confirming anew ends that"
        )
        why = _SUPPRESSED[dossier.suppression]
        return f"Gets no mail: the address must not be mailed, because {why}; {back}."
    assert person is not None, "a dossier has a reader or a suppression"
    if person.status is Status.PENDING:
        return "Gets no issue yet: the confirm mail's button was not pressed."
    if person.status is not Status.CONFIRMED:
        return f"Gets no issue: {person.status.value}."
    paused_until = person.preferences.paused_until
    if paused_until and paused_until > readers.clock():
        return f"Gets no issue before {paused_until:%Y-%m-%d}: paused."
    return f"Gets the {person.preferences.cadence.value} issues."
