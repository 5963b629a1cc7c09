"""Which older posts a mail of one post points to: on the same subject, and never mailed to anybody.

Pure. Every reader of a mail has had the posts that were mailed before, or chose not to; what nobody has had
are the posts that were there when the feed was first read. So none is shown that a reader had, and all
readers of a segment see the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from digest.model import Post
from digest.text.words import folded

AT_MOST = 3
_LEAST_WORD = 5  # letters of a title's word that says something about its subject


def related(post: Post, never_mailed: Sequence[Post], *, dull: Collection[str] = ()) -> list[Post]:
    """The posts nearest to this one: first by categories they share, then by words of the title, then newest.

    One without a category in common is not related. ``dull`` names say nothing: the publication's own.
    """
    own, words = _categories(post, dull), _words(post)
    ranked = [
        (len(own & _categories(other, dull)), len(words & _words(other)), -place, other)
        for place, other in enumerate(never_mailed)
        if other.id != post.id and other.link and other.link != post.link
    ]
    near = sorted((found for found in ranked if found[0]), key=lambda found: found[:3], reverse=True)
    return [other for *_, other in near[:AT_MOST]]


def _categories(post: Post, dull: Collection[str]) -> set[str]:
    return {folded(name) for name in post.categories} - {folded(name) for name in dull}


def _words(post: Post) -> set[str]:
    return {word for word in folded(post.title).split() if len(word) >= _LEAST_WORD}
