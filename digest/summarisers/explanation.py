"""Why a summary says what it says: every sentence with its score, what that is made of, and where it stands.

Pure. Shows the working of ``extractive``; a summary and its explanation come from the same call of ``weigh``.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Post
from digest.summarisers.candidates import Candidate
from digest.summarisers.extractive import Extractive, Weighed, weigh, why_no_standfirst

_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a score."""

    name: str  # in words for an editor: "words of the title"
    points: float  # never 0; negative for a fault


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """One sentence of a post, and why it is in the summary or not."""

    text: str
    paragraph: int  # its block's place among those of running text, from 1; 0 in the publisher's short text
    heading: str  # the nearest one above; empty before the first
    block: str  # the kind of block it stands in
    chosen: bool
    score: float  # 0 when it was never in question
    parts: tuple[Part, ...]  # the greatest first; their sum is the score
    reason: str = ""  # why it was never in question; empty for a candidate


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A summary with its working."""

    text: str  # the summary; empty when there is nothing to say
    method: str  # "standfirst", "extract" or "none"
    sentences: int  # the most that were asked for
    standfirst: str  # why the publisher's own text was not taken; empty where it was
    weighings: tuple[Weighing, ...]  # every sentence of the post in reading order

    @property
    def chosen(self) -> tuple[Weighing, ...]:
        """The sentences of the summary, in reading order; none where it is the standfirst."""
        return tuple(weighing for weighing in self.weighings if weighing.chosen)


def explain(post: Post, *, sentences: int) -> Explanation:
    """The summary that ``Extractive`` makes of a post, with everything that led to it."""
    refused = why_no_standfirst(post)
    summary = Extractive().summarise(post, sentences=sentences)
    weighed = weigh(post, sentences if refused else 0)
    return Explanation(
        text=summary.text,
        method=summary.method,
        sentences=sentences,
        standfirst=refused,
        weighings=tuple(_weighing(candidate, weighed) for candidate in weighed.candidates),
    )


def _weighing(candidate: Candidate, weighed: Weighed) -> Weighing:
    points = {name: round(value, _DIGITS) for name, value in weighed.parts.get(candidate.index, {}).items()}
    ranked = sorted((-abs(value), name) for name, value in points.items() if value)
    return Weighing(
        text=candidate.text,
        paragraph=candidate.paragraph,
        heading=candidate.heading,
        block=candidate.block.kind.value,
        chosen=candidate.index in weighed.chosen,
        score=round(sum(points.values()), _DIGITS),
        parts=tuple(Part(name=name, points=points[name]) for _, name in ranked),
        reason=candidate.reason,
    )
