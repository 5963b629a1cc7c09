"""Measures summaries, sentences and speed beside the other ways of doing it, in one run (`make bench-text`).

    python -m tests.benchmarks.text EVAL [--limit POSTS] [--treebanks FOLDER]

EVAL holds ``data/summaries/*.jsonl`` (posts with the summary their author wrote) and the scripts that score
them: leads, sumy, ROUGE and the list of defects. FOLDER holds clones of Universal Dependencies, each as
``UniversalDependencies+NAME/repo``; without it the treebanks are left out, and that is printed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.model import Post, PostState
from digest.summarisers.extractive import Extractive
from digest.text.sentences import sentences

LEADS = ("lead1", "lead2", "lead3", "lead_par")
SUMY = ("lexrank1", "lexrank2", "textrank2", "luhn2", "lsa2")
METRICS = ("R1", "R2", "RL", "r40_1")
# Ours must be this many times the best lead, and the best of sumy.
TARGETS = {
    "blog-en": {"R1": (1.15, 1.25), "R2": (1.15, 1.7), "RL": (1.12, 1.25), "r40_1": (1.03, 1.12)},
    "blog-other": {"R1": (1.10, 1.30), "R2": (1.10, 1.8), "RL": (1.10, 1.35), "r40_1": (1.00, 1.15)},
    "news": {"R1": (0.97, 1.05)},
}
MOST_DEFECTS = 5.0  # per cent, in each group


def main(argv: Sequence[str]) -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description="Summaries, sentences and speed.")
    parser.add_argument("eval", type=Path)
    parser.add_argument("--limit", type=int, default=25, help="posts a source")
    parser.add_argument("--treebanks", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    if not (chosen.eval / "data" / "summaries").is_dir():
        parser.error(f"{chosen.eval} holds no data/summaries; say EVAL=folder")
    if chosen.child:
        print(json.dumps(_hundred_posts(chosen.eval)))
        return
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(chosen.eval))
    _speed(chosen.eval)
    _sentences(chosen.treebanks)
    _summaries(chosen.eval, chosen.limit)


# --- Summaries ---------------------------------------------------------------------------------------


def ours(title: str, html: str, language: str, count: int = 2) -> str:
    """Our summary of a post that has no standfirst."""
    return Extractive().summarise(_post(title, html, language), sentences=count).text


def _summaries(folder: Path, limit: int) -> None:
    scoring = importlib.import_module("score_summaries")
    baselines = importlib.import_module("baselines")
    data = scoring.load(str(folder / "data"), "all", "novel", None, limit)
    methods: dict[str, Callable[..., str]] = {name: getattr(baselines, name) for name in (*LEADS, *SUMY)}
    methods["ours"] = ours
    results = {
        method: {source: scoring.score(function, rows) for source, rows in data.items()}
        for method, function in methods.items()
    }
    for group in TARGETS:
        sources = [source for source, rows in data.items() if scoring.group_of(source, rows) == group]
        if sources:
            _group(group, sources, results, sum(len(data[source]) for source in sources))
    _per_source(data, results)


def _group(group: str, sources: Sequence[str], results: Mapping[str, Any], posts: int) -> None:
    def mean(method: str, metric: str) -> float:
        return sum(float(results[method][source][metric]) for source in sources) / len(sources)

    print(f"\n{group}: {len(sources)} sources, {posts} posts")
    print(
        f"{'metric':8}{'ours':>7}{'x lead':>8}{'target':>8}{'x sumy':>8}{'target':>8}   best lead, best sumy"
    )
    for metric in METRICS:
        lead = max(LEADS, key=lambda method: mean(method, metric))
        graph = max(SUMY, key=lambda method: mean(method, metric))
        wanted = [f"{target:.2f}" for target in TARGETS[group].get(metric, ())] or ["", ""]
        got = mean("ours", metric)
        print(
            f"{metric:8}{got:7.1f}{got / mean(lead, metric):8.2f}{wanted[0]:>8}"
            f"{got / mean(graph, metric):8.2f}{wanted[1]:>8}   {lead}, {graph}"
        )
    defects = ", ".join(f"{method} {mean(method, 'bad'):.1f}" for method in ("ours", *LEADS, *SUMY))
    print(f"defects in per cent (at most {MOST_DEFECTS:.0f}): {defects}")
    print(f"milliseconds a post: ours {mean('ours', 'ms'):.0f}")


def _per_source(data: Mapping[str, Sequence[Any]], results: Mapping[str, Any]) -> None:
    print(f"\n{'source':16}{'posts':>6}{'R1 ours':>9}{'R1 lead':>9}{'R2 ours':>9}{'R2 lead':>9}{'bad %':>7}")
    for source, rows in data.items():
        mine = results["ours"][source]
        best = {metric: max(results[lead][source][metric] for lead in LEADS) for metric in ("R1", "R2")}
        worse = "  worse than the best lead" if mine["R1"] < best["R1"] else ""
        print(
            f"{source:16}{len(rows):6}{mine['R1']:9.1f}{best['R1']:9.1f}{mine['R2']:9.1f}{best['R2']:9.1f}"
            f"{mine['bad']:7.1f}{worse}"
        )


# --- Sentences ---------------------------------------------------------------------------------------


def _sentences(treebanks: Path | None) -> None:
    scoring = importlib.import_module("score_sentences")
    cases = importlib.import_module("sentence_cases").CASES
    pysbd = importlib.import_module("pysbd")
    made: dict[str, Any] = {}

    def by_pysbd(text: str, language: str) -> list[str]:
        known = language if language in pysbd.languages.LANGUAGE_CODES else "en"
        if known not in made:
            made[known] = pysbd.Segmenter(language=known, clean=False)
        return [piece.strip() for piece in made[known].segment(text)]

    splitters: dict[str, Callable[[str, str], list[str]]] = {
        "ours": lambda text, language: list(sentences(text, language)),
        "reference": importlib.import_module("sentences").split,
        "pysbd": by_pysbd,
    }
    wanted = scoring.TREEBANKS if treebanks else {}
    data = {language: scoring.treebank(str(treebanks), language) for language in wanted}
    data = {language: blocks for language, blocks in data.items() if blocks}
    print("\nsentences, boundary F1 (targets: mean 98, each 92, 52 of 56 cases, 60 ms per 1,000)")
    if not data:
        print("no treebanks were given (TREEBANKS=folder): cases only")
    for name, split in splitters.items():
        _splitter(name, split, data, cases, scoring.offsets)


def _splitter(
    name: str,
    split: Callable[[str, str], list[str]],
    data: Mapping[str, Sequence[tuple[list[str], str]]],
    cases: Sequence[tuple[str, list[str]]],
    offsets: Callable[[Sequence[str], str], set[int]],
) -> None:
    scores, count, started = {}, 0, time.perf_counter()
    for language, blocks in data.items():
        right = wrong = 0
        for expected, gap in blocks:
            text = gap.join(expected)
            count += len(expected)
            gold, got = offsets(expected, text), offsets(split(text, language[:2]), text)
            right += len(gold & got)
            wrong += len(gold ^ got)
        scores[language] = 200 * right / max(1, 2 * right + wrong)
    spent = time.perf_counter() - started
    passed = sum(
        split(("" if language in ("ja", "zh") else " ").join(expected), language) == expected
        for language, expected in cases
    )
    line = " ".join(f"{language} {value:.1f}" for language, value in scores.items())
    if scores:
        mean = sum(scores.values()) / len(scores)
        line += f" | mean {mean:.2f} | {1e6 * spent / count:.0f} ms per 1,000"
    print(f"{name:10} {line} | {passed} of {len(cases)} cases")


# --- Speed -------------------------------------------------------------------------------------------


def _speed(folder: Path) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.text", str(folder), "--child"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = time.perf_counter() - started
    measured = json.loads(told)
    print(
        f"{measured['posts']} posts, cold start included: {spent:.2f} s (target 3), "
        f"{measured['cpu_s']:.2f} s of one processor, "
        f"{measured['megabytes']:.0f} MB (target 300); summarised: {measured['summarised']}"
    )


def _hundred_posts(folder: Path) -> dict[str, float]:
    """Summarise a hundred posts in this process; return what it took."""
    posts: list[Post] = []
    for path in sorted((folder / "data" / "summaries").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for _, line in zip(range(8), lines, strict=False):
                row = json.loads(line)
                posts.append(_post(row["title"], row["html"], row["lang"]))
    posts = posts[:100]
    made = [Extractive().summarise(post, sentences=3) for post in posts]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "posts": len(posts),
        "summarised": sum(bool(each.text) for each in made),
        "megabytes": used.ru_maxrss / 1024,
        "cpu_s": used.ru_utime + used.ru_stime,
    }


def _post(title: str, html: str, language: str) -> Post:
    return Post(
        id=1,
        number=1,
        state=PostState.MAILABLE,
        feed_id=1,
        link="https://example.org/",
        title=title,
        author="",
        published_at=None,
        first_seen_at=datetime(2026, 1, 1, tzinfo=UTC),
        language=language,
        direction="ltr",
        html=html,
        excerpt="",
        categories=(),
        image=None,
        content_hash="",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
