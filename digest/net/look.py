"""Asks the links and pictures of a mail, politely: what a reader would meet who follows them.

HEAD first, then a GET of the first bytes where HEAD is refused; two requests to a host at a time, five
seconds and three redirects each; never an address of a private network unless that is allowed. Neighbours:
``quality.facts`` holds the answers, ``pipeline.online`` says what to ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlsplit

from digest.errors import AddressRefused, FetchFailed
from digest.net.client import Client, Limits, Reply
from digest.quality.facts import Answer, Picture
from digest.quality.picture_files import measured

T = TypeVar("T")

MOST = 200  # addresses asked of one mail; the rest are left out of the answers
AT_ONCE = 8  # requests in all
PER_HOST = 2
_START = 262_144  # octets of a picture that are read: its size stands in the first few
_REFUSES_HEAD = 400  # from this status on a GET is tried


def links(urls: Iterable[str], user_agent: str, *, allow_private: bool = False) -> dict[str, Answer]:
    """Return what each web address answered; others are left out."""
    return _ask_all(urls, user_agent, _link, allow_private=allow_private)


def pictures(urls: Iterable[str], user_agent: str, *, allow_private: bool = False) -> dict[str, Picture]:
    """Return what each picture's address answered; others are left out."""
    return _ask_all(urls, user_agent, _picture, allow_private=allow_private)


def _ask_all(
    urls: Iterable[str], user_agent: str, ask: Callable[[Client, str], T], *, allow_private: bool
) -> dict[str, T]:
    """Ask every address once. A host's addresses are dealt out to at most PER_HOST clients."""
    limits = Limits(total_s=5.0, connect_s=5.0, max_bytes=2 * _START, max_hops=3, allow_private=allow_private)
    wanted = [url for url in dict.fromkeys(urls) if url.startswith(("http://", "https://"))][:MOST]
    by_host: dict[str, list[str]] = {}
    for url in wanted:
        by_host.setdefault(_host(url), []).append(url)
    shares = [of_host[place::PER_HOST] for of_host in by_host.values() for place in range(PER_HOST)]

    def ask_share(share: list[str]) -> list[tuple[str, T]]:
        with Client(limits, user_agent) as client:
            return [(url, ask(client, url)) for url in share]

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        answers = [pair for pairs in pool.map(ask_share, filter(None, shares)) for pair in pairs]
    return dict(answers)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no address at all: the client says so
        return ""


def _link(client: Client, url: str) -> Answer:
    try:
        reply = _asked(client, url, octets=1_024)
    except FetchFailed as failed:
        if failed.cause == "too_large":  # it answers, with more than we wanted
            return Answer(status=200)
        return Answer(failure=failed.cause)
    except AddressRefused:
        return Answer(failure="not public")
    return Answer(
        status=reply.status,
        url=reply.url if reply.url != url else "",
        over_https=_answers_https(client, url) if url.startswith("http://") else None,
    )


def _answers_https(client: Client, url: str) -> bool:
    try:
        return client.head(f"https://{url.removeprefix('http://')}").status < _REFUSES_HEAD
    except (FetchFailed, AddressRefused):
        return False


def _asked(client: Client, url: str, *, octets: int) -> Reply:
    """Return the answer to HEAD; to a GET of the first octets where HEAD is refused."""
    try:
        reply = client.head(url)
    except FetchFailed as failed:
        if failed.cause != "protocol":
            raise
    else:
        if reply.status < _REFUSES_HEAD:
            return reply
    return client.get(url, [("range", f"bytes=0-{octets - 1}")])


def _picture(client: Client, url: str) -> Picture:
    try:
        head = _asked(client, url, octets=_START)
        if head.status >= _REFUSES_HEAD:
            return Picture(status=head.status, content_type=_type_of(head))
        reply = client.get(url, [("range", f"bytes=0-{_START - 1}")])
    except FetchFailed as failed:
        # It is there and larger than we read: a server that knows no ranges.
        return (
            Picture(status=200, content_type="image/*", octets=None)
            if failed.cause == "too_large"
            else Picture()
        )
    except AddressRefused:
        return Picture()
    told = measured(reply.body)
    return Picture(
        status=200 if reply.status == 206 else reply.status,
        content_type=_type_of(reply),
        octets=_octets(reply, head),
        width=told.width,
        height=told.height,
        seconds=told.seconds,
        endless=told.endless,
    )


def _type_of(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _octets(reply: Reply, head: Reply) -> int | None:
    """Return how large the whole file is; None where the server does not say."""
    whole = re.fullmatch(r"bytes \d+-\d+/(\d+)", reply.headers.get("content-range", ""))
    if whole:
        return int(whole[1])
    if reply.status == 200:
        return len(reply.body)
    length = head.headers.get("content-length", "")
    return int(length) if length.isdigit() else None
