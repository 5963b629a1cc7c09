"""Asks a feed what is new, politely: conditional requests, and the server's wish to be left alone obeyed.

Neighbours: ``net.client`` makes the request, ``parse`` reads the body, ``pipeline.collect`` keeps the
validators for the next time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from digest.errors import FetchFailed
from digest.net.client import Client, Reply

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.5, */*;q=0.1"
)
_LONGEST_WAIT = timedelta(hours=24)  # a server that asks for more is asked again after a day

_MEANINGS = {
    401: "asks for a login; write the right one below feed_credentials in digest.secrets.toml",
    403: "refuses to be read by Everypost; allow it at the site or its firewall",
    404: "is not there; check the address",
    410: "is gone for good; it is not asked again",
    429: "asks to be polled less often",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a feed answered, success or not-modified only."""

    status: int  # 200, or 304 for not modified
    url: str  # where it came from, redirects followed
    moved_to: str  # the new address if every redirect was permanent; else empty
    etag: str  # to send next time, exactly as received
    last_modified: str  # ditto
    content_type: str  # as received, charset included; empty when absent
    body: bytes | None  # None: not modified
    fresh_for_s: int | None = None  # for how long the server says it stays good; None when it does not say
    links: str = ""  # the Link headers (RFC 8288), joined by commas


def fetch(
    client: Client, url: str, etag: str = "", last_modified: str = "", *, now: datetime | None = None
) -> Answer:
    """Return a feed's answer, its body None when nothing changed.

    Raises FetchFailed with cause ``http_404`` and the like for any other status, ``retry_after_s`` set
    when the server named a time, and whatever ``Client.get`` raises. A ``Retry-After`` that is a date is
    counted from the server's own clock, else from ``now``.
    """
    headers = [("accept", _ACCEPT)]
    if etag:
        headers.append(("if-none-match", etag))
    if last_modified:
        headers.append(("if-modified-since", last_modified))
    reply = client.get(url, headers)
    unchanged = reply.status == 304 and len(headers) > 1
    if reply.status != 200 and not unchanged:
        raise _refusal(reply, now)
    return Answer(
        status=reply.status,
        url=reply.url,
        moved_to=reply.moved_to,
        # A 304 may leave its validators out; then the ones it confirmed stay good (RFC 9111 §4.3.4).
        etag=reply.headers.get("etag", etag if unchanged else ""),
        last_modified=reply.headers.get("last-modified", last_modified if unchanged else ""),
        content_type=reply.headers.get("content-type", ""),
        body=None if unchanged else reply.body,
        fresh_for_s=fresh_for_s(reply.headers),
        links=reply.headers.get("link", ""),
    )


def fresh_for_s(headers: Mapping[str, str]) -> int | None:
    """Return how many seconds an answer stays good, at most a day; None when the server does not say.

    ``max-age`` wins over ``Expires``, which is counted from the server's own clock (RFC 9111 §4.2.1).
    """
    control = headers.get("cache-control", "").lower()
    longest = int(_LONGEST_WAIT.total_seconds())
    named = re.search(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})", control)
    if named:
        return min(int(named[1]), longest)
    expires, date = (_http_date(headers.get(name, "")) for name in ("expires", "date"))
    if expires is None or date is None or "no-cache" in control or "no-store" in control:
        return None
    return min(max(int((expires - date).total_seconds()), 0), longest)


def retry_after_s(value: str, now: datetime | None) -> int | None:
    """Return how many seconds a ``Retry-After`` header asks for, at most a day; None when it says nothing.

    Both forms of RFC 9110 §10.2.3: seconds, or a date (which needs ``now``).
    """
    value = value.strip()
    longest = int(_LONGEST_WAIT.total_seconds())
    if re.fullmatch(r"[0-9]+", value):
        return longest if len(value) > 9 else min(int(value), longest)
    moment = _http_date(value)
    if moment is None or now is None:
        return None
    return min(max(int((moment - now).total_seconds()), 0), longest)


def _refusal(reply: Reply, now: datetime | None) -> FetchFailed:
    """Return the error for a status that brings no feed."""
    if reply.status >= 500:
        meaning = "has trouble of its own; it is asked again later"
    else:
        meaning = _MEANINGS.get(reply.status, "gave no feed; check the address")
    server_clock = _http_date(reply.headers.get("date", "")) or now
    return FetchFailed(
        f"{reply.url} answered {reply.status}: it {meaning}.",
        cause=f"http_{reply.status}",
        retry_after_s=retry_after_s(reply.headers.get("retry-after", ""), server_clock),
    )


def _http_date(text: str) -> datetime | None:
    """Return the instant of an HTTP date (RFC 9110 §5.6.7), or None."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
