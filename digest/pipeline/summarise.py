"""The summary of one post for whoever asks about it, with its working: from the store, or from its page.

Stores nothing and asks no language model: what one wrote is shown where it is kept. Neighbours:
``summaries`` makes and keeps those that are mailed,
``summarisers.explanation`` shows how.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from digest.errors import FetchFailed, UnknownName
from digest.feeds import identity, web_page
from digest.feeds.fulltext import FullText, NoFullText, Pages
from digest.model import FoundPost, Post, PostState, Summary
from digest.net.client import Client
from digest.pipeline.summaries import LONGEST
from digest.pipeline.tools import Tools
from digest.store import posts
from digest.summarisers.explanation import Explanation, explain
from digest.summarisers.shorter import shorter


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One post's summary, with its working."""

    title: str
    link: str
    language: str
    readers_get: Summary
    model: str  # the language model that is set up, by the name its summaries are kept under; empty: none
    asked: bool  # whether it was asked about this post, or no model ever is
    summary: Explanation  # the extract, or the standfirst


def stored(tools: Tools, post_id: int, sentences: int) -> Explained:
    """Return the summary of a post we keep. Raises UnknownName."""
    summariser = tools.summariser
    with tools.db.read() as conn:
        found = posts.by_id(conn, post_id)
        if found is None:
            raise UnknownName(f"There is no post {post_id}; `digest post list` shows them.")
        kept = posts.summaries(
            conn, [found.content_hash], sentences=LONGEST, summariser=summariser.name, now=tools.clock()
        ).get(found.content_hash)
    explained = _explained(found, sentences)
    if not summariser.asked_once or explained.summary.method != "extract":
        return explained
    if kept is None:
        return replace(explained, model=summariser.name, asked=False)
    given = shorter(kept, found, sentences=sentences)
    return replace(explained, model=summariser.name, readers_get=given)


def page(client: Client, how: FullText, url: str, sentences: int, now: datetime) -> Explained:
    """Return the summary of the post on a page. Raises FetchFailed for a page that gives nothing."""
    try:
        text = Pages(client, how).page(url)
    except NoFullText as reason:
        raise FetchFailed(str(reason), cause="no_page") from reason
    return _explained(_as_post(web_page.post_of(text, url, how.extract(text, url)), now), sentences)


def _explained(post: Post, sentences: int) -> Explained:
    working = explain(post, sentences=sentences)
    return Explained(
        title=post.title,
        link=post.link,
        language=post.language,
        readers_get=Summary(text=working.text, method=working.method, source_hash=post.content_hash),
        model="",
        asked=True,
        summary=working,
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
