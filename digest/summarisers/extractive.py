"""Summaries taken from the post itself: the publisher's standfirst, else its best whole sentences.

Pure, offline and the same for the same post. Nothing is rewritten: every sentence of a summary stands in
the post word for word. The chain: is there a real standfirst? → candidates (``candidates``) → a score each
(``scoring``) → the best few in reading order (``_choose``). Neighbour: ``explanation`` shows the working.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from digest.model import Post, Summary
from digest.summarisers import signals
from digest.summarisers.candidates import MAX_CHARACTERS, MAX_WORDS_ALONE, Candidate, is_cut_off, read
from digest.summarisers.scoring import Parts, likeness, parts_of, vectors_of
from digest.text.blocks import blocks
from digest.text.sentences import is_finished
from digest.text.words import folded, length, normalised, tokens

MAX_WORDS = 50  # of a summary of several sentences; 1 word = 2.2 Chinese or Japanese characters
_STANDFIRST_WORDS = (6, 60)


class Extractive:
    """The default summariser."""

    name = "extractive"
    asked_once = False

    def summarise_all(self, posts: Sequence[Post], *, sentences: int) -> list[Summary]:
        """A summary of each post, as ``summarise`` makes it."""
        return [self.summarise(post, sentences=sentences) for post in posts]

    def summarise(self, post: Post, *, sentences: int) -> Summary:
        """The publisher's standfirst where it is a real one, else the best ``sentences`` of the post."""
        if not why_no_standfirst(post):
            return Summary(text=normalised(post.excerpt), method="standfirst", source_hash=post.content_hash)
        weighed = weigh(post, sentences)
        text = joined(c.text for c in weighed.candidates if c.index in weighed.chosen)
        return Summary(text=text, method="extract" if text else "none", source_hash=post.content_hash)


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """Every sentence of a post, what each is worth, and which were chosen."""

    candidates: tuple[Candidate, ...]
    parts: Mapping[int, Parts]  # by a candidate's index; the unfit have none
    chosen: frozenset[int]


def weigh(post: Post, sentences: int) -> Weighed:
    """Read a post, score its sentences and choose at most ``sentences`` of them."""
    candidates, headings = read(post)
    vectors = vectors_of(candidates)
    parts = parts_of(candidates, vectors, headings=headings, title=post.title)
    scores = {index: sum(those.values()) for index, those in parts.items()}
    return Weighed(candidates=candidates, parts=parts, chosen=_choose(candidates, vectors, scores, sentences))


def why_no_standfirst(post: Post) -> str:
    """Why the publisher's short text was not written for the post; empty where it was, and so wins."""
    excerpt = normalised(post.excerpt)
    shortest, longest = _STANDFIRST_WORDS
    if not excerpt:
        return "the publisher gives none"
    if len(excerpt) > MAX_CHARACTERS or not shortest <= length(tokens(excerpt)) <= longest:
        return f"not {shortest} to {longest} words"
    title = folded(post.title).rstrip(".!?")
    grounds = {
        "cut off": is_cut_off(excerpt) or excerpt.endswith((":", "：")),
        "boilerplate": signals.is_boilerplate(excerpt),
        "only the title again": folded(excerpt).rstrip(".!?") == title,
        "the beginning of the body, cut off": not is_finished(excerpt)
        and any(_is_beginning(excerpt, block.text) for block in blocks(post.html)),
    }
    return next((ground for ground, holds in grounds.items() if holds), "")


def _is_beginning(short: str, text: str) -> bool:
    """Whether ``text`` begins with ``short`` and goes on."""
    return len(text) > len(short) and text.startswith(short)


def joined(chosen: Iterable[str]) -> str:
    """The sentences as one text; no space after a full-width mark."""
    text = ""
    for sentence in chosen:
        text += sentence if not text or text[-1] in "。！？｡”」』）" else f" {sentence}"
    return text


_WORTH_ADDING = 0.77  # of the best score, after taking off what it repeats
_REPEATS = 0.9  # how much likeness to a chosen sentence takes off


def _choose(
    candidates: Sequence[Candidate],
    vectors: Sequence[Mapping[str, float]],
    scores: Mapping[int, float],
    limit: int,
) -> frozenset[int]:
    """The best sentence, then more while they are good, new and within the words; ties go to the earlier.

    A sentence that leans on the one before is chosen only together with it.
    """
    fit = [candidate for candidate in candidates if not candidate.reason]
    chosen: list[Candidate] = []
    while len(chosen) < limit:
        indices = {candidate.index for candidate in chosen}
        room = MAX_WORDS - sum(candidate.length for candidate in chosen) if chosen else MAX_WORDS_ALONE
        worth = {
            candidate.index: scores[candidate.index]
            - _REPEATS * max((likeness(vectors[candidate.index], vectors[i]) for i in indices), default=0.0)
            for candidate in fit
            if candidate.index not in indices
            and candidate.length <= room
            and _stands(candidate, indices)
            and _ends_before_the_next(candidate, chosen)
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


def _ends_before_the_next(candidate: Candidate, chosen: Iterable[Candidate]) -> bool:
    """Whether no chosen sentence would run on into the next: one without an end mark can only be the last."""
    for other in chosen:
        earlier = min(candidate, other, key=lambda each: each.index)
        if earlier.text[-1].isalnum():
            return False
    return True
