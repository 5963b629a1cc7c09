"""The summary of one post for whoever asks about it, with its working: from the store, or from its page.

Stores nothing. Neighbours: ``compose`` makes and keeps the summaries that are mailed,
``summarisers.explanation`` shows how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.errors import FetchFailed, UnknownName
from digest.feeds import identity, web_page
from digest.feeds.fulltext import FullText, NoFullText, Pages
from digest.model import FoundPost, Post, PostState
from digest.net.client import Client
from digest.store import posts
from digest.store.engine import Database
from digest.summarisers.explanation import Explanation, explain


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One post's summary, with its working."""

    title: str
    link: str
    language: str
    summary: Explanation


def stored(database: Database, post_id: int, sentences: int) -> Explained:
    """Return the summary of a post we keep. Raises UnknownName."""
    with database.read() as conn:
        found = posts.by_id(conn, post_id)
    if found is None:
        raise UnknownName(f"There is no post {post_id}; `digest post list` shows them.")
    return _explained(found, sentences)


def page(client: Client, how: FullText, url: str, sentences: int, now: datetime) -> Explained:
    """Return the summary of the post on a page. Raises FetchFailed for a page that gives nothing."""
    try:
        text = Pages(client, how).page(url)
    except NoFullText as reason:
        raise FetchFailed(str(reason), cause="no_page") from reason
    return _explained(_as_post(web_page.post_of(text, url, how.extract(text, url)), now), sentences)


def _explained(post: Post, sentences: int) -> Explained:
    return Explained(
        title=post.title,
        link=post.link,
        language=post.language,
        summary=explain(post, sentences=sentences),
    )


def _as_post(found: FoundPost, now: datetime) -> Post:
    """Return what a page holds as the post it would be, had it come by a feed."""
    return Post(
        id=0,
        number=None,
        state=PostState.BASELINE,
        feed_id=0,
        link=found.link,
        title=found.title,
        author=found.author,
        published_at=found.published_at,
        first_seen_at=now,
        language=found.language,
        direction=found.direction,
        html=found.html,
        excerpt=found.excerpt,
        categories=found.categories,
        image=found.image,
        content_hash=identity.content_hash(found),
    )
