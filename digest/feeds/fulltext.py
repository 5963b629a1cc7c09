"""The page behind a post whose feed carries only its first lines, where the operator asked for it.

Off unless ``feeds.full_text`` is on. A page is asked for once, by the client that asks feeds, within its
limits, and only where the site's ``robots.txt`` lets us. The only home of trafilatura, an extra that most
installations do not need. Neighbours: ``pipeline.full_text`` decides which pages and keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from digest.errors import AddressRefused, ConfigurationError, Fault, FetchFailed
from digest.net.client import Client

_LARGEST_PAGE = 3_000_000  # characters


class NoFullText(Exception):
    """A page gave no text; the message says why, in words for the operator."""


@dataclass(frozen=True, kw_only=True)
class FullText:
    """How pages are read, from the settings."""

    extract: Callable[
        [str, str], str
    ]  # page and address → the article in it as HTML; empty when none is found
    obey_robots: bool
    user_agent: str


def reader(wanted: bool, obey_robots: bool, user_agent: str) -> FullText | None:
    """Return how pages are read, or None when they are not wanted.

    Raises ConfigurationError when they are wanted and the extra is not installed.
    """
    if not wanted:
        return None
    if find_spec("trafilatura") is None:
        raise ConfigurationError(
            [
                Fault(
                    where="feeds.full_text",
                    problem="reading whole pages needs the extra `extract`, which is not installed",
                    mend="Run `pip install 'everypost[extract]'`, or set full_text = false.",
                )
            ]
        )
    return FullText(extract=extract, obey_robots=obey_robots, user_agent=user_agent)


def reader_by_hand(obey_robots: bool, user_agent: str) -> FullText:
    """Return how a page is read that an operator asks about: with the extra where it is installed."""
    finds = extract if find_spec("trafilatura") is not None else _leave_to_web_page
    return FullText(extract=finds, obey_robots=obey_robots, user_agent=user_agent)


def _leave_to_web_page(_page: str, _url: str) -> str:
    """Find nothing: ``web_page`` then takes the page's own article element."""
    return ""


def extract(page: str, url: str) -> str:
    """Return the article in a page as HTML that is not yet clean; empty when none is found."""
    import trafilatura  # noqa: PLC0415 - an extra, and half a second to load

    found = trafilatura.extract(
        page,
        url=url,
        output_format="html",
        include_links=True,
        include_images=True,
        include_tables=True,
        include_comments=False,
        favor_precision=True,
    )
    return str(found or "")


class Pages:
    """Asks for pages, and for each site's ``robots.txt`` once."""

    def __init__(self, client: Client, how: FullText) -> None:
        self._client = client
        self._how = how
        self._robots: dict[str, RobotFileParser] = {}

    def article(self, url: str) -> str:
        """Return the article of a page as HTML that is not yet clean. Raises NoFullText."""
        found = self._how.extract(self.page(url), url)
        if not found:
            raise NoFullText(f"No article was found in {url}.")
        return found

    def page(self, url: str) -> str:
        """Return a page as text, three million characters of it at most. Raises NoFullText."""
        try:
            if self._how.obey_robots and not self._allowed(url):
                raise NoFullText(f"The site's robots.txt asks that {url} not be read.")
            reply = self._client.get(url, [("accept", "text/html, application/xhtml+xml;q=0.9")])
        except (FetchFailed, AddressRefused) as error:
            raise NoFullText(str(error)) from error
        kind = reply.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if reply.status != 200 or kind not in ("text/html", "application/xhtml+xml"):
            raise NoFullText(f"{url} answered {reply.status} with {kind or 'nothing'}, not with a page.")
        return _decoded(reply.body, reply.headers.get("content-type", ""))[:_LARGEST_PAGE]

    def _allowed(self, url: str) -> bool:
        """Return whether a site's rules for robots (RFC 9309) let us read this address."""
        site = urljoin(url, "/robots.txt")
        if site not in self._robots:
            rules = RobotFileParser(site)
            reply = self._client.get(site)
            # RFC 9309 §2.3.1: without rules (4xx) all is allowed; while they cannot be had (5xx) nothing is.
            if reply.status >= 500:
                rules.disallow_all = True  # type: ignore[attr-defined]
            else:
                text = reply.body.decode("utf-8", "replace") if reply.status == 200 else ""
                rules.parse(text.splitlines())
            self._robots[site] = rules
        return self._robots[site].can_fetch(self._how.user_agent, url)


def host_of(url: str) -> str:
    """Return the site that an address is on: politeness is counted by it."""
    return (urlsplit(url).hostname or "").lower()


def _decoded(body: bytes, content_type: str) -> str:
    """Return a page as text: by the header's charset, else UTF-8 where it fits, else windows-1252."""
    charset = content_type.partition("charset=")[2].strip(" \"';").lower()
    for encoding in (charset, "utf-8", "windows-1252"):
        try:
            return body.decode(encoding or "utf-8")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace")
