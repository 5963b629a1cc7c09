"""Measures the summariser against the first sentences of a post. Run by hand, with a folder of samples.

    python tests/benchmarks/text.py FOLDER [POSTS_PER_FILE]

Each ``*.jsonl`` in the folder holds posts as ``{"title", "html", "lang", "summary", "copied"}``, the summary
written by the author. Posts whose summary stands in them word for word (``copied`` of 0.4 and more) are
left out: there is nothing to measure. Prints ROUGE F1 in per cent, the share with a visible defect, and
milliseconds a post.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from digest.model import Post, PostState
from digest.summarisers import signals
from digest.summarisers.extractive import Extractive
from digest.text.blocks import BlockKind, blocks
from digest.text.sentences import is_finished, sentences
from digest.text.words import length, tokens


def main(folder: Path, limit: int) -> None:
    methods: dict[str, Callable[[Post], str]] = {f"lead-{n}": _lead(n) for n in (1, 2, 3)}
    methods["ours, 2"] = lambda post: Extractive().summarise(post, sentences=2).text
    print(f"{'source':16}{'method':10}{'R1':>7}{'R2':>7}{'RL':>7}{'bad %':>8}{'ms':>7}")
    totals: dict[str, list[tuple[float, ...]]] = {method: [] for method in methods}
    for path in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        rows = [row for row in rows if row.get("copied", 0.0) < 0.4][:limit]
        for method, summarise in methods.items():
            measured = _measured(rows, summarise)
            totals[method].append(measured)
            _show(path.stem, method, measured)
    for method, measured_all in totals.items():
        _show("mean", method, [sum(column) / len(column) for column in zip(*measured_all, strict=True)])


def _measured(rows: Sequence[dict[str, str]], summarise: Callable[[Post], str]) -> tuple[float, ...]:
    posts = [_post(row) for row in rows]
    started = time.perf_counter()
    texts = [summarise(post) for post in posts]
    spent_ms = 1000 * (time.perf_counter() - started) / len(posts)
    scores = [_rouge(tokens(row["summary"]), tokens(text)) for row, text in zip(rows, texts, strict=True)]
    means = [100 * sum(column) / len(column) for column in zip(*scores, strict=True)]
    bad = sum(_is_defective(text, post.language) for text, post in zip(texts, posts, strict=True))
    return (*means, 100 * bad / len(posts), spent_ms)


def _show(source: str, method: str, measured: Sequence[float]) -> None:
    columns = zip(measured, (7, 7, 7, 8, 7), strict=True)
    print(f"{source:16}{method:10}" + "".join(f"{value:{width}.1f}" for value, width in columns))


def _post(row: dict[str, str]) -> Post:
    return Post(
        id=1,
        number=1,
        state=PostState.MAILABLE,
        feed_id=1,
        link="https://example.org/",
        title=row["title"],
        author="",
        published_at=None,
        first_seen_at=datetime(2026, 1, 1, tzinfo=UTC),
        language=row["lang"],
        direction="ltr",
        html=row["html"],
        excerpt="",
        categories=(),
        image=None,
        content_hash="",
    )


def _lead(number: int) -> Callable[[Post], str]:
    def first(post: Post) -> str:
        running = [block.text for block in blocks(post.html) if block.kind is BlockKind.PARAGRAPH]
        found = [sentence for text in running for sentence in sentences(text, post.language)]
        return " ".join(found[:number])

    return first


def _is_defective(text: str, language: str) -> bool:
    words = length(tokens(text))
    return (
        not 5 <= words <= 75
        or not is_finished(text)
        or signals.leans(text, language)
        or signals.greets(text)
        or any(signals.is_boilerplate(sentence) for sentence in sentences(text, language))
    )


def _rouge(wanted: Sequence[str], got: Sequence[str]) -> tuple[float, float, float]:
    pairs_wanted, pairs_got = (list(pairwise(words)) for words in (wanted, got))
    common_1 = sum((Counter(wanted) & Counter(got)).values())
    common_2 = sum((Counter(pairs_wanted) & Counter(pairs_got)).values())
    return (
        _f1(common_1, len(wanted), len(got)),
        _f1(common_2, len(pairs_wanted), len(pairs_got)),
        _f1(_longest_common(wanted, got), len(wanted), len(got)),
    )


def _f1(common: int, wanted: int, got: int) -> float:
    return 2 * common / (wanted + got) if wanted + got else 0.0


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, candidate in enumerate(other, start=1):
            kept = row[place]
            row[place] = diagonal + 1 if word == candidate else max(row[place], row[place - 1])
            diagonal = kept
    return row[-1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50)
