"""The summaries of an issue's posts: those that are kept, and the missing ones, made and kept.

    kept ones → the missing ones, without a transaction open: a model may take its time → kept

A language model is asked about a post once, for the longest summary; those of the other cadences are made of
it. Whatever is kept is what is mailed, also where another process was quicker. Neighbours: ``compose`` and
``resend`` ask; ``summarisers`` make.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog

from digest.model import Post, Summary
from digest.pipeline.tools import Tools
from digest.store import posts
from digest.summarisers.shorter import shorter

log = structlog.get_logger()

LONGEST = 3
"""The most sentences a summary has in any issue (``drafting.SENTENCES``)."""

AGAIN_AFTER = timedelta(hours=1)
"""A language model that could not be asked is asked again for the issues after that, not for each retry."""


def summarised(tools: Tools, chosen: Sequence[Post], sentences: int) -> dict[str, Summary]:
    """Return a summary of each post by its content hash, making and keeping those that are missing."""
    name, now = tools.summariser.name, tools.clock()
    wanted = {post.content_hash: post for post in chosen}
    with tools.db.read() as conn:
        found = dict(posts.summaries(conn, list(wanted), sentences=sentences, summariser=name, now=now))
    missing = [post for key, post in wanted.items() if key not in found]
    if not missing:
        return found
    made = _made(tools, missing, sentences)
    with tools.db.transaction() as conn:
        theirs = posts.summaries(
            conn, [post.content_hash for post in missing], sentences=sentences, summariser=name, now=now
        )
        ours = [summary for summary in made if summary.source_hash not in theirs]
        for summary in ours:
            again_at = now + AGAIN_AFTER if summary.again else None
            posts.keep_summary(conn, summary, sentences=sentences, summariser=name, again_at=again_at)
    return found | dict(theirs) | {summary.source_hash: summary for summary in ours}


def _made(tools: Tools, missing: Sequence[Post], sentences: int) -> list[Summary]:
    """Return a summary of each post that has none of this length yet."""
    if tools.summariser.asked_once and sentences < LONGEST:
        longest = summarised(tools, missing, LONGEST)
        return [shorter(longest[post.content_hash], post, sentences=sentences) for post in missing]
    made = tools.summariser.summarise_all(missing, sentences=sentences)
    for post, summary in zip(missing, made, strict=True):
        if summary.reason:
            log.info("summary.not_by_model", post=post.id, reason=summary.reason)
    return made
