"""What a reader, or an operator for one, can do: join, confirm, choose, pause, leave, be forgotten.

Each method is one transaction over ``subscribers``, and mail is never sent from here: a notice is queued
in the same transaction and delivered by the ledger. Nothing here says whether an address is known: the
answer to the form is the same for everybody. Neighbours: ``web`` and ``cli`` call this; ``readers_csv``
brings in whole files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from digest.errors import NotAllowed, UnknownName
from digest.pipeline.asking import may_ask, nonce_of_day
from digest.store import lanes, provider_events
from digest.store.engine import Transactions
from subscribers import store
from subscribers.address import Address, parse
from subscribers.errors import BadToken, Suppressed, TokenFault
from subscribers.lifecycle import Event, yields_to_reader
from subscribers.model import (
    Cadence,
    ConsentKind,
    ConsentRecord,
    Preferences,
    Status,
    Subscriber,
    SuppressionReason,
)
from subscribers.tokens import LIFETIMES, Purpose, Signer

PAUSE = timedelta(weeks=4)
UNSUBSCRIBE_PAGE = "unsubscribe page"  # the source of leaving by the button, which alone can be undone

EVERY_THEME: frozenset[str] = frozenset()


class QueueNotice(Protocol):
    """Writes a notice into the ledger; the same kind, subscriber and nonce twice is one notice."""

    def __call__(self, conn: Connection, *, kind: str, subscriber_id: int, nonce: str) -> None:
        """Queue it in the caller's transaction."""
        ...


@dataclass(frozen=True, kw_only=True)
class Left:
    """What pressing the unsubscribe button, or asking for it, came to."""

    person: Subscriber  # as they are now
    undo_token: str  # takes it back for ten minutes; empty unless a reader has left by this very request


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """Everything kept about one address."""

    subscriber: Subscriber | None  # None: nobody has it, but it must not be mailed
    suppression: SuppressionReason | None  # why the address must not be mailed
    consent: tuple[ConsentRecord, ...]  # oldest first


@dataclass(frozen=True, kw_only=True)
class Readers:
    """The actions on readers, with what they need from outside."""

    db: Transactions
    signer: Signer
    clock: Callable[[], datetime]  # the aware UTC instant it is now
    new_public_id: Callable[[], str]  # 16 random hex digits
    queue_notice: QueueNotice
    # Called in the transaction that makes somebody a reader: sets progress (subscriber id, cadence).
    on_confirm: Callable[[Connection, int, Cadence], None]
    allow_reserved: bool = False  # the demonstration and tests use addresses nobody can have
    goodbye: bool = False  # whether leaving by the page's button is answered by a mail

    # --- Joining ---

    def subscribe(
        self,
        *,
        email: str,
        cadence: Cadence = Cadence.WEEKLY,
        themes: frozenset[str] = EVERY_THEME,
        language: str = "",
        shown: str,
        source: str = "web form",
        name: str = "",
    ) -> None:
        """Ask the owner of an address, by mail, to confirm. Raises BadAddress; else always the same.

        ``language`` is the one they read in; empty: the publication's own. ``shown`` is the text the form
        stood under: it becomes part of the proof of consent. Whoever is a reader already gets the link to
        the preferences instead, and nothing of theirs changes. At most
        one mail per address and day, and three confirm mails in 30 days, whoever asks.
        """
        address = self.parse(email)
        now = self.clock()
        wanted = Preferences(cadence=cadence, themes=themes, language=language)
        with self.db.transaction() as conn:
            if self._suppression(conn, address.key) is SuppressionReason.MANUAL:
                return
            person = store.by_email(conn, address.key, lock=True) or store.add(
                conn,
                public_id=self.new_public_id(),
                address=address,
                preferences=wanted,
                now=now,
                name=name,
            )
            if person.status is Status.CONFIRMED:
                self._queue(conn, "preferences-link", person, now)
                return
            person = store.apply(conn, person, Event.REQUEST, now=now, source=source)
            person = store.change_preferences(conn, person, wanted, now=now)
            if may_ask(conn, person, now):
                self._record(conn, person, ConsentKind.REQUESTED, source, f"{in_words(wanted)}. {shown}")
                self._queue(conn, "confirm", person, now)

    def asked(self, token: str) -> Subscriber:
        """Return who a confirm link is for, changing nothing. Raises BadToken, UnknownSubscriber."""
        return self._person(Purpose.CONFIRM, token)

    def confirm(self, token: str, *, source: str = "confirm page") -> Subscriber:
        """Make the holder of a confirm link a reader; pressing twice is pressing once.

        Raises BadToken (expired, or used before the person left), UnknownSubscriber, and Suppressed
        where an operator forbade the address. Any other suppression ends: the mailbox's owner spoke.
        """
        public_id = self._read(Purpose.CONFIRM, token)
        now = self.clock()
        with self.db.transaction() as conn:
            before = store.by_public_id(conn, public_id, lock=True)
            self.lift_or_refuse(conn, before)
            person = store.apply(
                conn, before, Event.CONFIRM, now=now, source=source, detail=in_words(before.preferences)
            )
            if person.status is not Status.CONFIRMED:
                raise BadToken(TokenFault.USED)
            if before.status is not Status.CONFIRMED:
                self.on_confirm(conn, person.id, person.preferences.cadence)
                self._queue(conn, "welcome", person, now)
            return person

    # --- Leaving ---

    def leaving(self, token: str) -> Subscriber:
        """Return who an unsubscribe link is for, changing nothing. Raises BadToken, UnknownSubscriber."""
        return self._person(Purpose.UNSUBSCRIBE, token)

    def unsubscribe(self, token: str, *, source: str = UNSUBSCRIBE_PAGE) -> Left:
        """End all mail to the holder of an unsubscribe link, at once; twice is once."""
        public_id = self._read(Purpose.UNSUBSCRIBE, token)
        with self.db.transaction() as conn:
            before = store.by_public_id(conn, public_id, lock=True)
            now = self.clock()
            person = store.apply(conn, before, Event.UNSUBSCRIBE, now=now, source=source)
            by_button = before.status is Status.CONFIRMED and source == UNSUBSCRIBE_PAGE
            if by_button and self.goodbye:
                self._queue(conn, "goodbye", person, now)
        return Left(person=person, undo_token=self.link(Purpose.UNDO, person) if by_button else "")

    def undo(self, token: str) -> Subscriber:
        """Make somebody a reader again who left minutes ago. Progress stays as it was: no post is lost.

        Raises BadToken, also where the last leaving is not a fresh one by the page's button, or where the
        address must not be mailed: only asking and confirming anew leads back from there.
        """
        public_id = self._read(Purpose.UNDO, token)
        now = self.clock()
        with self.db.transaction() as conn:
            person = store.by_public_id(conn, public_id, lock=True)
            if person.status is not Status.CONFIRMED and self._may_undo(conn, person, now):
                person = store.apply(
                    conn, person, Event.UNDO, now=now, source=UNSUBSCRIBE_PAGE, detail="took it back"
                )
            if person.status is not Status.CONFIRMED:
                raise BadToken(TokenFault.USED)
            return person

    def holder(self, purpose: Purpose, token: str) -> Subscriber:
        """Return who a link of that purpose is for, changing nothing. Raises BadToken, UnknownSubscriber."""
        return self._person(purpose, token)

    # --- Choosing ---

    def preferences(self, token: str) -> Subscriber:
        """Return who a preferences link is for, changing nothing. Raises BadToken, UnknownSubscriber."""
        return self._person(Purpose.PREFERENCES, token)

    def change_preferences(self, token: str, *, cadence: Cadence, themes: frozenset[str]) -> Subscriber:
        """Store what the reader wants from now on; a pause goes on. Raises NotAllowed for non-readers."""
        return self._change(
            Purpose.PREFERENCES, token, lambda wanted: replace(wanted, cadence=cadence, themes=themes)
        )

    def pause(self, token: str, *, purpose: Purpose = Purpose.PREFERENCES) -> Subscriber:
        """Send no issue for four weeks; an unsubscribe link may ask for that too."""
        until = self.clock() + PAUSE
        return self._change(purpose, token, lambda wanted: replace(wanted, paused_until=until))

    def resume(self, token: str) -> Subscriber:
        """End a pause now."""
        return self._change(Purpose.PREFERENCES, token, lambda wanted: replace(wanted, paused_until=None))

    def go_monthly(self, token: str) -> Subscriber:
        """Make the holder of an unsubscribe link a monthly reader: the least a publication sends."""
        return self._change(
            Purpose.UNSUBSCRIBE, token, lambda wanted: replace(wanted, cadence=Cadence.MONTHLY)
        )

    # --- For operators ---

    def find(self, email: str) -> Subscriber:
        """Return the subscriber with that address; raise BadAddress or UnknownName."""
        address = self.parse(email)
        with self.db.read() as conn:
            return known(store.by_email(conn, address.key))

    def dossier(self, email: str) -> Dossier:
        """Return all that is kept about an address; raise BadAddress, or UnknownName where nothing is."""
        address = self.parse(email)
        with self.db.read() as conn:
            suppression = self._suppression(conn, address.key)
            person = store.by_email(conn, address.key)
            if suppression is None:
                person = known(person)
            consent = store.consent(conn, person.id) if person else ()
        return Dossier(subscriber=person, suppression=suppression, consent=consent)

    def remove(self, email: str, *, source: str) -> Subscriber:
        """Unsubscribe a person by address; raise BadAddress or UnknownName."""
        address = self.parse(email)
        with self.db.transaction() as conn:
            person = known(store.by_email(conn, address.key, lock=True))
            return store.apply(conn, person, Event.UNSUBSCRIBE, now=self.clock(), source=source)

    def erase(self, email: str, *, source: str) -> None:
        """Forget a person: only the keyed hash of the address remains, so no file brings it back."""
        address = self.parse(email)
        with self.db.transaction() as conn:
            person = known(store.by_email(conn, address.key, lock=True))
            hashed = self.signer.address_hash(address.key)
            store.bar(conn, person, Event.ERASE, address_hash=hashed, now=self.clock(), source=source)
            provider_events.forget(conn, person.id)
            lanes.forget(conn, person.id)

    def suppress(self, email: str, *, source: str) -> None:
        """Never mail an address again, known or not, until an operator lifts it."""
        address = self.parse(email)
        now = self.clock()
        with self.db.transaction() as conn:
            hashed = self.signer.address_hash(address.key)
            store.suppress(conn, hashed, SuppressionReason.MANUAL, now=now, source=source)
            person = store.by_email(conn, address.key, lock=True)
            if person:
                store.apply(conn, person, Event.UNSUBSCRIBE, now=now, source=source)

    def lift(self, email: str) -> SuppressionReason | None:
        """Let an address be mailed again; return what was lifted, or None where nothing forbade it.

        The person stays as they are: they must ask and confirm anew.
        """
        address = self.parse(email)
        with self.db.transaction() as conn:
            reason = self._suppression(conn, address.key)
            store.lift(conn, self.signer.address_hash(address.key))
        return reason

    # --- Links ---

    def link(self, purpose: Purpose, person: Subscriber) -> str:
        """Return the token for that purpose and person, issued now where it expires."""
        if purpose in LIFETIMES:
            return self.signer.timed_token(purpose, person.public_id, self.clock())
        return self.signer.token(purpose, person.public_id)

    # --- Parts ---

    def parse(self, email: str) -> Address:
        """Return the address a person typed. Raises BadAddress."""
        return parse(email, allow_reserved=self.allow_reserved)

    def _read(self, purpose: Purpose, token: str) -> str:
        if purpose in LIFETIMES:
            return self.signer.read_timed(purpose, token, self.clock())
        return self.signer.read(purpose, token)

    def _person(self, purpose: Purpose, token: str) -> Subscriber:
        public_id = self._read(purpose, token)
        with self.db.read() as conn:
            return store.by_public_id(conn, public_id)

    def _change(self, purpose: Purpose, token: str, edit: Callable[[Preferences], Preferences]) -> Subscriber:
        """Store edited preferences with their record of consent, where anything differs."""
        public_id = self._read(purpose, token)
        with self.db.transaction() as conn:
            person = store.by_public_id(conn, public_id, lock=True)
            if person.status is not Status.CONFIRMED:
                raise NotAllowed("This address does not receive the newsletter now. Sign up again first.")
            wanted = edit(person.preferences)
            if wanted == person.preferences:
                return person
            self._record(conn, person, ConsentKind.CHANGED, f"{purpose} page", in_words(wanted))
            return store.change_preferences(conn, person, wanted, now=self.clock())

    def _suppression(self, conn: Connection, address: str) -> SuppressionReason | None:
        return store.suppression_of(conn, self.signer.address_hash(address))

    def _may_undo(self, conn: Connection, person: Subscriber, now: datetime) -> bool:
        """Return whether this person left by the page's button minutes ago, and may be mailed."""
        left = store.last_word(conn, person.id)
        return (
            left is not None
            and left.kind is ConsentKind.UNSUBSCRIBED
            and left.source == UNSUBSCRIBE_PAGE
            and now - left.at <= LIFETIMES[Purpose.UNDO]
            and self._suppression(conn, person.email) is None
        )

    def lift_or_refuse(self, conn: Connection, person: Subscriber) -> None:
        """End the suppression of somebody about to confirm, or raise Suppressed."""
        reason = self._suppression(conn, person.email)
        if reason is None:
            return
        if not yields_to_reader(reason):
            raise Suppressed("The publisher has blocked this address.")
        store.lift(conn, self.signer.address_hash(person.email))

    def _record(
        self, conn: Connection, person: Subscriber, kind: ConsentKind, source: str, detail: str
    ) -> None:
        store.append_consent(conn, person.id, kind, now=self.clock(), source=source, detail=detail)

    def _queue(self, conn: Connection, kind: str, person: Subscriber, now: datetime) -> None:
        """Queue a notice, at most one of its kind per person and UTC day."""
        self.queue_notice(conn, kind=kind, subscriber_id=person.id, nonce=nonce_of_day(now))


def in_words(wanted: Preferences) -> str:
    """Return preferences as the proof of consent keeps them: ``weekly; themes: courts, prisons``."""
    themes = ", ".join(sorted(wanted.themes)) or "all"
    pause = f"; paused until {wanted.paused_until:%Y-%m-%d}" if wanted.paused_until else ""
    return f"{wanted.cadence}; themes: {themes}{pause}"


def known(person: Subscriber | None) -> Subscriber:
    """Return the subscriber, or raise UnknownName where there is none."""
    if person is None:
        raise UnknownName("There is no reader with that address. `digest subscriber list` shows all.")
    return person
