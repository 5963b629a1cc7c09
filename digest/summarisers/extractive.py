"""Summaries taken from the post itself: the publisher's standfirst, else its best whole sentences.

Pure, offline and the same for the same post. Nothing is rewritten: every sentence of a summary stands in
the post word for word. The chain: is there a real standfirst? → candidates (``candidates``) → a score each
(``scoring``) → the best few in reading order (``_choose``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from digest.model import Post, Summary
from digest.summarisers import signals
from digest.summarisers.candidates import MAX_WORDS_ALONE, Candidate, is_cut_off, read
from digest.summarisers.scoring import likeness, score, vectors_of
from digest.text.blocks import blocks
from digest.text.sentences import is_finished
from digest.text.words import folded, length, normalised, tokens

MAX_WORDS = 50  # of a summary of several sentences; 1 word = 2.2 Chinese or Japanese characters
_STANDFIRST_WORDS = (4, 60)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One sentence of a post, and why it is in the summary or not."""

    text: str
    block: str  # the kind of block it stands in, or "standfirst"
    score: float  # 0 when it was never in question
    chosen: bool
    reason: str = ""  # why it was never in question; empty for a candidate


class Extractive:
    """The default summariser."""

    name = "extractive"

    def summarise_all(self, posts: Sequence[Post], *, sentences: int) -> list[Summary]:
        """A summary of each post, as ``summarise`` makes it."""
        return [self.summarise(post, sentences=sentences) for post in posts]

    def summarise(self, post: Post, *, sentences: int) -> Summary:
        """The publisher's standfirst where it is a real one, else the best ``sentences`` of the post."""
        if _is_standfirst(post):
            return Summary(text=normalised(post.excerpt), method="standfirst", source_hash=post.content_hash)
        chosen = [scored.text for scored in _scored(post, sentences) if scored.chosen]
        return Summary(
            text=_joined(chosen), method="extract" if chosen else "none", source_hash=post.content_hash
        )

    def explain(self, post: Post, *, sentences: int) -> tuple[Scored, ...]:
        """Every sentence of the post in reading order with its score, the standfirst first where it won."""
        if not _is_standfirst(post):
            return _scored(post, sentences)
        first = Scored(text=normalised(post.excerpt), block="standfirst", score=0.0, chosen=True)
        return first, *_scored(post, 0)


def _is_standfirst(post: Post) -> bool:
    """Whether the publisher's short text was written for the post rather than cut from its start."""
    excerpt = normalised(post.excerpt)
    shortest, longest = _STANDFIRST_WORDS
    if not shortest <= length(tokens(excerpt)) <= longest:
        return False
    if is_cut_off(excerpt) or excerpt.endswith((":", "：")) or signals.is_boilerplate(excerpt):
        return False
    if folded(excerpt).rstrip(".!?") == folded(post.title).rstrip(".!?"):
        return False
    if is_finished(excerpt):
        return True
    return not any(_is_beginning(excerpt, block.text) for block in blocks(post.html))


def _is_beginning(short: str, text: str) -> bool:
    """Whether ``text`` begins with ``short`` and goes on."""
    return len(text) > len(short) and text.startswith(short)


def _joined(chosen: Sequence[str]) -> str:
    """The sentences as one text; no space after a full-width mark."""
    text = ""
    for sentence in chosen:
        text += sentence if not text or text[-1] in "。！？｡”」』）" else f" {sentence}"
    return text


def _scored(post: Post, sentences: int) -> tuple[Scored, ...]:
    candidates, headings = read(post)
    scores = score(candidates, headings=headings, title=post.title)
    chosen = _choose(candidates, scores, sentences)
    return tuple(
        Scored(
            text=candidate.text,
            block=candidate.block.kind.value,
            score=round(scores[candidate.index], 4),
            chosen=candidate.index in chosen,
            reason=candidate.reason,
        )
        for candidate in candidates
    )


_WORTH_ADDING = 0.65  # of the best score, after taking off what it repeats
_REPEATS = 0.9  # how much likeness to a chosen sentence takes off


def _choose(candidates: Sequence[Candidate], scores: Mapping[int, float], limit: int) -> frozenset[int]:
    """The best sentence, then more while they are good, new and within the words; ties go to the earlier.

    A sentence that leans on the one before is chosen only together with it.
    """
    fit = [candidate for candidate in candidates if not candidate.reason]
    vectors = vectors_of(candidates)
    chosen: list[Candidate] = []
    while len(chosen) < limit:
        indices = {candidate.index for candidate in chosen}
        room = MAX_WORDS - sum(candidate.length for candidate in chosen) if chosen else MAX_WORDS_ALONE
        worth = {
            candidate.index: scores[candidate.index]
            - _REPEATS * max((likeness(vectors[candidate.index], vectors[i]) for i in indices), default=0.0)
            for candidate in fit
            if candidate.index not in indices and candidate.length <= room and _stands(candidate, indices)
        }
        if not worth:
            break
        best = max(worth, key=lambda index: (worth[index], -index))
        if chosen and worth[best] < _WORTH_ADDING * scores[chosen[0].index]:
            break
        chosen.append(candidates[best])
    return frozenset(candidate.index for candidate in chosen)


def _stands(candidate: Candidate, chosen: Iterable[int]) -> bool:
    """Whether the reader will have what the sentence leans on."""
    return not candidate.leans or (candidate.follows and candidate.index - 1 in chosen)
