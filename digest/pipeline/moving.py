"""A reader's new address: confirmed by a mail to it, and told to the old one.

    ask → the new address waits as a subscriber of its own → its owner presses the button → move

The move gives the new one everything: choices, what was had, what is owed, what is on its way. So no post is
lost and none comes twice. Neighbour: ``web.answering`` shows the button.
"""

from __future__ import annotations

from sqlalchemy import Connection

from digest.errors import NotAllowed
from digest.pipeline.asking import nonce_of_day
from digest.pipeline.readers import Readers, in_words, known
from digest.store import notices, progress
from digest.store.deliveries import readdress
from subscribers import store
from subscribers.errors import BadToken, TokenFault
from subscribers.lifecycle import Event
from subscribers.model import ConsentKind, Status, Subscriber
from subscribers.tokens import Purpose

_ID_DIGITS = 16  # of a public id: two of them in a row are the name in a token for moving
_SOURCE = "digest subscriber move"


def ask(readers: Readers, old: str, new: str) -> Subscriber:
    """Ask the owner of the new address, by mail, whether a reader's mail may come there; return who waits.

    Nothing changes before they say so. Raises BadAddress, UnknownName, and NotAllowed where the one gets no
    mail or the other may get none.
    """
    address, now = readers.parse(new), readers.clock()
    with readers.db.transaction() as conn:
        person = known(store.by_email(conn, readers.parse(old).key, lock=True))
        if person.status is not Status.CONFIRMED:
            raise NotAllowed(f"{person.email} is {person.status.value} and gets no mail: nothing to move.")
        waiting = store.add(
            conn,
            public_id=readers.new_public_id(),
            address=address,
            preferences=person.preferences,
            now=now,
            name=person.name,
        )
        if waiting.status is Status.CONFIRMED:
            raise NotAllowed(f"{waiting.email} is a reader already: remove one of the two addresses instead.")
        store.apply(conn, waiting, Event.REQUEST, now=now, source=_SOURCE)
        waiting = store.change_preferences(conn, waiting, person.preferences, now=now)
        detail = f"{in_words(person.preferences)}. In place of another address."
        store.append_consent(conn, waiting.id, ConsentKind.REQUESTED, now=now, source=_SOURCE, detail=detail)
        notices.queue(
            conn,
            kind="address-change",
            audience=waiting.public_id,
            subscriber_id=waiting.id,
            nonce=f"{nonce_of_day(now)}-{person.public_id}",
            facts={"moves": person.public_id},
            now=now,
        )
    return waiting


def asked(readers: Readers, token: str) -> Subscriber:
    """Return who waits at the new address, changing nothing. Raises BadToken, UnknownSubscriber."""
    _, new_id = _both(readers, token)
    with readers.db.read() as conn:
        return store.by_public_id(conn, new_id)


def move(readers: Readers, token: str) -> Subscriber:
    """Let a reader's mail go to the new address from now on; pressing twice is pressing once.

    Raises BadToken, UnknownSubscriber, and Suppressed where an operator forbade the address.
    """
    now = readers.clock()
    old_id, new_id = _both(readers, token)
    with readers.db.transaction() as conn:
        before = store.by_public_id(conn, old_id, lock=True)
        after = store.by_public_id(conn, new_id, lock=True)
        if after.status is Status.CONFIRMED:
            return after
        if before.status is not Status.CONFIRMED:
            raise BadToken(TokenFault.USED)
        readers.lift_or_refuse(conn, after)
        after = store.change_preferences(conn, after, before.preferences, now=now)
        after = store.apply(
            conn, after, Event.CONFIRM, now=now, source="move page", detail=in_words(after.preferences)
        )
        if after.status is not Status.CONFIRMED:
            raise BadToken(TokenFault.USED)
        _hand_on(conn, before, after)
        store.apply(conn, before, Event.UNSUBSCRIBE, now=now, source="moved to another address")
        notices.queue(
            conn,
            kind="address-changed",
            audience=before.public_id,
            subscriber_id=before.id,
            nonce=nonce_of_day(now),
            facts={"moved_to": after.public_id},
            now=now,
        )
        return after


def _hand_on(conn: Connection, before: Subscriber, after: Subscriber) -> None:
    """Give what one had, is owed and was to get to the other."""
    progress.hand_on(conn, before.id, after.id)
    readdress(conn, before.id, after.id)


def _both(readers: Readers, token: str) -> tuple[str, str]:
    """Return the public ids of the old and the new address."""
    named = readers.signer.read_timed(Purpose.MOVE, token, readers.clock())
    return named[:_ID_DIGITS], named[_ID_DIGITS:]
