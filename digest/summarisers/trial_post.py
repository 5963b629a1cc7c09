"""A post of our own to try a language model out with. Neighbour: ``llm``."""

from __future__ import annotations

from datetime import UTC, datetime

from digest.model import Post, PostState

TRIAL_POST = Post(
    id=0,
    number=None,
    state=PostState.BASELINE,
    feed_id=0,
    link="https://example.org/the-night-library",
    title="The library that opens at night",
    author="",
    published_at=None,
    first_seen_at=datetime(2026, 1, 1, tzinfo=UTC),
    language="en",
    direction="ltr",
    html=(
        "<p>Since March the town library of Oakwater has been open until two in the morning on Thursdays. "
        "The council had expected students; most of those who come are nurses and bus drivers on their way "
        "home.</p><p>In the first twelve weeks 1,340 people came, a third of whom had never held a library "
        "card. “I did not know that a place could be quiet and open,” said one of them. The nights cost £410 "
        "each, nearly all of it wages.</p><p>The trial ends in October. Nobody has asked yet what the "
        "neighbours think, and the councillor who paid for it, Ruth Adeyemi, says that she would rather not "
        "know.</p>"
    ),
    excerpt="",
    categories=(),
    image=None,
    content_hash="0" * 64,
)
