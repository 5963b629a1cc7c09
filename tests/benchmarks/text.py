"""Measures summaries, sentences and speed beside the other ways of doing it, in one run (`make bench-text`).

    python -m tests.benchmarks.text EVAL [--limit POSTS] [--treebanks FOLDER]

EVAL holds ``data/summaries/*.jsonl`` (posts with the summary their author wrote) and the scripts that score
them: leads, sumy, ROUGE and the list of defects. FOLDER holds clones of Universal Dependencies, each as
``UniversalDependencies+NAME/repo``; without it the treebanks are left out, and that is printed. Every ratio
is to a baseline of the same run; what misses its target is marked MISS and listed at the end.
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
from tests.benchmarks import theme_methods

LEADS = ("lead1", "lead2", "lead3", "lead_par")
SUMY = ("lexrank1", "lexrank2", "textrank2", "luhn2", "lsa2")
METRICS = ("R1", "R2", "RL", "r40_1")
ROUGE = METRICS[:3]
# Ours must be this many times the best lead, and the best of sumy.
TARGETS = {
    "blog-en": {"R1": (1.15, 1.25), "R2": (1.15, 1.7), "RL": (1.12, 1.25), "r40_1": (1.03, 1.12)},
    "blog-other": {"R1": (1.10, 1.30), "R2": (1.10, 1.8), "RL": (1.10, 1.35), "r40_1": (1.00, 1.15)},
    "news": {"R1": (0.97, 1.05)},
}
MOST_DEFECTS = 5.0  # per cent, in each group
FEWEST_CASES = 52  # of the hand-written sentences
MOST_SECONDS = 3.0  # for a hundred posts, grouping included, on one processor with nothing else to do
MOST_MEGABYTES = 300.0


def main(argv: Sequence[str]) -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description="Summaries, sentences and speed.")
    parser.add_argument("eval", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="posts a source; 0: all")
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
    missed = [*_speed(chosen.eval), *_sentences(chosen.treebanks), *_summaries(chosen.eval, chosen.limit)]
    print("\n" + ("Missed: " + "; ".join(missed) if missed else "Every target is met."))


# --- Summaries ---------------------------------------------------------------------------------------


def ours(title: str, html: str, language: str, count: int = 2) -> str:
    """Our summary of a post that has no standfirst."""
    return Extractive().summarise(_post(title, html, language), sentences=count).text


def _summaries(folder: Path, limit: int) -> list[str]:
    """Print how our summaries stand to the others'; return which targets are missed."""
    scoring = importlib.import_module("score_summaries")
    baselines = importlib.import_module("baselines")
    data = scoring.load(str(folder / "data"), "all", "novel", None, limit)
    methods: dict[str, Callable[..., str]] = {name: getattr(baselines, name) for name in (*LEADS, *SUMY)}
    methods["ours"] = ours
    results = {
        method: {source: scoring.score(function, rows) for source, rows in data.items()}
        for method, function in methods.items()
    }
    missed = []
    for group in TARGETS:
        sources = [source for source, rows in data.items() if scoring.group_of(source, rows) == group]
        if sources:
            missed += _group(group, sources, results, sum(len(data[source]) for source in sources))
    _per_source(data, results)
    _per_language(data, methods, scoring)
    return missed


def _group(group: str, sources: Sequence[str], results: Mapping[str, Any], posts: int) -> list[str]:
    def mean(method: str, metric: str) -> float:
        return sum(float(results[method][source][metric]) for source in sources) / len(sources)

    missed = []
    print(f"\n{group}: {len(sources)} sources, {posts} posts")
    print(
        f"{'metric':8}{'ours':>7}{'x lead':>8}{'target':>8}{'x sumy':>8}{'target':>8}  best lead, best sumy"
    )
    for metric in METRICS:
        best = [max(kind, key=lambda method: mean(method, metric)) for kind in (LEADS, SUMY)]
        ratios = [mean("ours", metric) / mean(method, metric) for method in best]
        targets = TARGETS[group].get(metric, (0.0, 0.0))
        below = [
            f"{group} {metric} to {method} {ratio:.2f} of {target:.2f}"
            for method, ratio, target in zip(best, ratios, targets, strict=True)
            if round(ratio, 2) < target
        ]
        cells = "".join(
            f"{ratio:8.2f}{f'{target:.2f}' if target else '':>8}"
            for ratio, target in zip(ratios, targets, strict=True)
        )
        marked = "  MISS" if below else ""
        print(f"{metric:8}{mean('ours', metric):7.1f}{cells}  {', '.join(best)}{marked}")
        missed += below
    bad = mean("ours", "bad")
    others = ", ".join(f"{method} {mean(method, 'bad'):.1f}" for method in (*LEADS, *SUMY))
    print(f"defects: ours {bad:.1f} % (target at most {MOST_DEFECTS:.0f}); {others}")
    print(f"milliseconds a post: ours {mean('ours', 'ms'):.0f}")
    return missed + ([f"{group} defects {bad:.1f} %"] if bad > MOST_DEFECTS else [])


def _per_source(data: Mapping[str, Sequence[Any]], results: Mapping[str, Any]) -> None:
    print("\nby source, R1/R2/RL: ours, and as a multiple of the best lead and of the best of sumy")
    for source, rows in data.items():
        mine = results["ours"][source]
        best = {
            kind: {metric: max(results[method][source][metric] for method in kind) for metric in ROUGE}
            for kind in (LEADS, SUMY)
        }
        print(_line(source, len(rows), mine, best[LEADS], best[SUMY], f"  bad {mine['bad']:.1f} %"))


def _per_language(
    data: Mapping[str, Sequence[Any]], methods: Mapping[str, Callable[..., str]], scoring: Any
) -> None:
    """Print the same for each language of the posts, where a source has several."""
    mixed = [row for rows in data.values() if len({row["lang"] for row in rows}) > 1 for row in rows]
    if not mixed:
        return
    print("\nby language, in the sources that have several")
    for language in sorted({row["lang"] for row in mixed}):
        rows = [row for row in mixed if row["lang"] == language]
        scores = {name: scoring.score(function, rows) for name, function in methods.items()}
        best = {
            kind: {metric: max(scores[method][metric] for method in kind) for metric in ROUGE}
            for kind in (LEADS, SUMY)
        }
        print(_line(language, len(rows), scores["ours"], best[LEADS], best[SUMY], ""))


def _line(
    name: str,
    posts: int,
    mine: Mapping[str, float],
    lead: Mapping[str, float],
    sumy: Mapping[str, float],
    more: str,
) -> str:
    """One line of a table; marked where the best lead is better."""
    own = "/".join(f"{mine[metric]:.1f}" for metric in ROUGE)
    ratios = [
        "/".join(f"{mine[metric] / (other[metric] or 1):.2f}" for metric in ROUGE) for other in (lead, sumy)
    ]
    worse = [metric for metric in ROUGE if mine[metric] < lead[metric]]
    return f"{name:14}{posts:4}  {own:15} {ratios[0]:15} {ratios[1]:15}{more}" + (
        f"  MISS: the best lead has more {', '.join(worse)}" if worse else ""
    )


# --- Sentences ---------------------------------------------------------------------------------------


def _sentences(treebanks: Path | None) -> list[str]:
    """Print how the splitters do; return which targets ours misses."""
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
    passed = {name: _splitter(name, split, data, cases, scoring.offsets) for name, split in splitters.items()}
    return [] if passed["ours"] >= FEWEST_CASES else [f"sentences {passed['ours']} of {FEWEST_CASES} cases"]


def _splitter(
    name: str,
    split: Callable[[str, str], list[str]],
    data: Mapping[str, Sequence[tuple[list[str], str]]],
    cases: Sequence[tuple[str, list[str]]],
    offsets: Callable[[Sequence[str], str], set[int]],
) -> int:
    """Print how one splitter does; return how many of the hand-written cases it gets right."""
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
    return passed


# --- Speed -------------------------------------------------------------------------------------------


def _speed(folder: Path) -> list[str]:
    """Print what a hundred posts take in a fresh process; return which targets are missed.

    The target counts processor time: on a machine that is busy with other things, the clock says nothing.
    """
    started = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.text", str(folder), "--child"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = time.perf_counter() - started
    measured = json.loads(told)
    print(
        f"{measured['posts']} posts, cold start included: {measured['cpu_s']:.2f} s of one processor "
        f"(target {MOST_SECONDS:.0f}), {measured['grouped_s']:.2f} s of it grouping, {spent:.2f} s by "
        f"the clock, peak {measured['megabytes']:.0f} MB (target {MOST_MEGABYTES:.0f}); "
        f"{measured['summarised']} summarised, {measured['groups']} groups"
    )
    slow = [f"speed {measured['cpu_s']:.2f} s"] if measured["cpu_s"] > MOST_SECONDS else []
    return slow + (
        [f"memory {measured['megabytes']:.0f} MB"] if measured["megabytes"] > MOST_MEGABYTES else []
    )


def _hundred_posts(folder: Path) -> dict[str, float]:
    """Summarise a hundred posts in this process, and group them by their text alone; return what it took."""
    rows: list[dict[str, Any]] = []
    for path in sorted((folder / "data" / "summaries").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            rows += [
                json.loads(line) | {"cats": [], "tags": []} for _, line in zip(range(8), lines, strict=False)
            ]
    rows = rows[:100]
    posts = [_post(row["title"], row["html"], row["lang"]) for row in rows]
    made = [Extractive().summarise(post, sentences=3) for post in posts]
    began = time.process_time()
    groups = theme_methods.grouped(rows)
    grouped_s = time.process_time() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "posts": len(posts),
        "summarised": sum(bool(each.text) for each in made),
        "groups": len(set(groups) - {None}),
        "grouped_s": grouped_s,
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
