"""When one more confirm mail is decent: the only home of that rule.

Anybody can type anybody's address into the form, so what one address gets is bounded whoever asks: one notice
of a kind per UTC day (by its nonce) and three requests in 30 days (by the consent records). Neighbours:
``readers`` asks for the form, ``readers_csv`` for files, ``switches`` once more when test mode ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from subscribers import store
from subscribers.model import Subscriber

MAX_REQUESTS_PER_30_DAYS = 3  # confirm mails to one address, whoever fills in the form


def may_ask(conn: Connection, person: Subscriber, now: datetime) -> bool:
    """Return whether one more confirm mail to this person is decent."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = store.requests_since(conn, person.id, midnight)
    lately = store.requests_since(conn, person.id, now - timedelta(days=30))
    return today == 0 and lately < MAX_REQUESTS_PER_30_DAYS


def nonce_of_day(now: datetime) -> str:
    """Return the nonce that makes a notice the only one of its kind to a person on that UTC day."""
    return now.date().isoformat()


def nonces_after_test(now: datetime) -> tuple[str, str]:
    """Return the nonces to try, in order, for a confirm mail that replaces one sent in test mode.

    The person got none so far, so the replacement needs no request of its own. Under the day's nonce it is
    the only one of that day; where that is taken, the mail to replace is itself of today, and its request (or
    the nonce it took) forbids another.
    """
    today = nonce_of_day(now)
    return today, f"{today}-live"
