"""Who may be mailed at a given moment, in SQL: asked by the claim, the commit point and the sweep alike.

The one home of promise P4 in the database: whatever was committed before the commit point wins.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, exists, or_

from digest.delivery.issue_states import IssueState
from digest.store.tables import delivery, issue, notice, subscriber
from subscribers.model import Status

Moment = datetime | BindParameter[datetime]
"""An instant, or the place where a statement that is built once takes it."""


def still_wanted(now: Moment) -> ColumnElement[bool]:
    """Its deadline lies ahead, and its issue is frozen and not stopped. Notices have no issue."""
    open_issue = exists().where(issue.c.id == delivery.c.issue_id, issue.c.state == IssueState.SENDING)
    return and_(delivery.c.deadline > now, or_(delivery.c.issue_id.is_(None), open_issue))


_FOR = (
    ("confirm", Status.PENDING),
    ("welcome", Status.CONFIRMED),
    ("preferences-link", Status.CONFIRMED),
    ("re-permission", Status.CONFIRMED),
    ("goodbye", Status.UNSUBSCRIBED),
    ("address-change", Status.PENDING),  # to the new address, which waits for its owner's word
    ("address-changed", Status.UNSUBSCRIBED),  # to the old one
)
"""The status a reader must have to get a notice of each kind; no reader gets any other kind."""


def eligible(now: Moment) -> ColumnElement[bool]:
    """May be mailed at this very moment (promise P4): the operator, typed addresses, confirmed readers who
    are not paused, and for a notice, people of the one status its kind is for. Whoever must not be mailed
    is neither pending nor confirmed, unless they asked anew and the confirm mail is to find out."""
    confirmed = exists().where(
        subscriber.c.id == delivery.c.subscriber_id,
        subscriber.c.status == Status.CONFIRMED,
        or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until <= now),
    )
    welcome = exists().where(
        subscriber.c.id == delivery.c.subscriber_id,
        notice.c.id == delivery.c.notice_id,
        or_(*(and_(notice.c.kind == kind, subscriber.c.status == wanted) for kind, wanted in _FOR)),
    )
    return or_(
        delivery.c.subscriber_id.is_(None),
        and_(delivery.c.notice_id.is_not(None), welcome),
        and_(delivery.c.notice_id.is_(None), confirmed),
    )
