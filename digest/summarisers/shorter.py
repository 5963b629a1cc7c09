"""A shorter summary made of the longest: a language model is asked about a post once for all cadences.

Pure. Neighbours: ``pipeline.summaries`` keeps what comes of it; ``prompt`` asks for a first sentence that
stands alone.
"""

from __future__ import annotations

from dataclasses import replace

from digest.model import Post, Summary
from digest.summarisers.extractive import Extractive, joined
from digest.text.sentences import sentences as sentences_of
from digest.text.words import length, tokens

_FEWEST_WORDS = 4  # of a model's first sentences alone; the same as of a whole summary


def shorter(longest: Summary, post: Post, *, sentences: int) -> Summary:
    """The beginning of what a model wrote; else the extract of that length, with why it is no model's."""
    reason = longest.reason
    if longest.method == "model":
        text = joined(sentences_of(longest.text, post.language)[:sentences])
        if length(tokens(text)) >= _FEWEST_WORDS:
            return replace(longest, text=text)
        reason = "what the model says first is too short to stand alone"
    extract = Extractive().summarise(post, sentences=sentences)
    return replace(extract, reason=reason, again=longest.again)
