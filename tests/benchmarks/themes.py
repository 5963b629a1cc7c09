"""Measures how themes are made and named, beside other ways, on the same posts: `make bench-themes`.

    python -m tests.benchmarks.themes EVAL [WINDOWS]

``EVAL`` holds ``data/groups/*.jsonl``, posts with the labels their authors gave; the scorers ``score_groups``
and ``score_names``; and the other ways, ``group_baselines`` and ``name_baselines`` (they need
requirements/bench.txt). ``WINDOWS`` is the number of windows per source and size (8 by default). The score is
the adjusted Rand index with the labels: 0 is chance, 1 the same groups. Each source counts once. Exit
code 1 when a target is missed. Neighbour: ``theme_methods`` is our side.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from tests.benchmarks import theme_methods as ours

Post = dict[str, Any]
Method = Callable[[Sequence[Post]], Sequence[Any]]
SIZES = (8, 15, 30, 60)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One window, grouped by one method."""

    source: str
    size: int
    ari: float
    groups: int
    single: float  # share of posts alone in a group
    other: float  # share of posts in no group
    largest: float  # share of posts in the largest group
    ms: float


def main(argv: Sequence[str]) -> int:
    """Print every table and target; return 1 when one is missed."""
    folder = Path(argv[0])
    if not (folder / "score_groups.py").is_file():
        print(f"{folder} holds no score_groups.py: make bench-themes EVAL=FOLDER", file=sys.stderr)
        return 2
    count = int(argv[1]) if len(argv) > 1 else 8
    sys.path.insert(0, str(folder))
    bench = _Bench(folder=folder, count=count)
    met = [*bench.text_only(), *bench.with_labels(), *bench.names(), bench.speed()]
    print(f"\n{sum(met)} of {len(met)} targets met")
    return 0 if all(met) else 1


class _Bench:
    """The data, the scorers and the other ways."""

    def __init__(self, *, folder: Path, count: int) -> None:
        self.count = count
        self.scorer = importlib.import_module("score_groups")
        self.others = importlib.import_module("group_baselines")
        self.rand: Callable[..., float] = importlib.import_module("sklearn.metrics").adjusted_rand_score
        self.sources: dict[str, list[Post]] = {
            path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            for path in sorted((folder / "data" / "groups").glob("*.jsonl"))
        }

    # --- Grouping ---

    def text_only(self) -> Iterator[bool]:
        """Labels hidden from the methods."""
        other = {
            "k-means, sqrt(n)": self.others.tfidf_kmeans_sqrt,
            "k-means, silhouette": self.others.tfidf_kmeans_sil,
            "spectral, sqrt(n)": self.others.tfidf_spectral_sqrt,
            "average linkage, sqrt(n)": self.others.tfidf_agglo_sqrt,
            "average linkage, silhouette": self.others.tfidf_agglo_sil,
        }
        skipped = self.scorer.SKIP_TEXT | self.scorer.CORPORA
        found = self._scored(other | {"ours": ours.grouped}, hide="text", skipped=skipped)
        _show("Text only, labels hidden (single blogs)", found)
        mine = found["ours"]
        yield _target("ARI / best other way", _ratio(found, "ours", other), 1.05)
        yield _target("singletons", _macro(mine, "single"), 0.0, at_most=True)
        yield _target("largest group", _macro(mine, "largest"), 0.40, at_most=True)
        yield _target("groups, at most", max(one.groups for one in mine), 7, at_most=True)
        yield _target("other", _macro(mine, "other"), 0.15, at_most=True)
        news = set(self.sources) - self.scorer.CORPORA
        _show("The same, mixed news", self._scored(other | {"ours": ours.grouped}, hide="text", skipped=news))

    def with_labels(self) -> Iterator[bool]:
        """Everything shown; then tags only, scored against the categories that were hidden."""
        methods: dict[str, Method] = {
            "first label": ours.first_label,
            "ours": ours.grouped,
            "ours, text only": lambda posts: ours.grouped(
                [post | {"cats": [], "tags": []} for post in posts]
            ),
        }
        found = self._scored(methods, hide="none", skipped=self.scorer.CORPORA)
        lasting = {name: ours.as_they_came(posts) for name, posts in self.sources.items()}
        found |= self._scored(
            {"ours, themes as posts came": lambda posts: ours.in_issue(posts, lasting)},
            hide="none",
            skipped=self.scorer.CORPORA,
        )
        _show("With the site's labels", found)
        yield _target("ARI / first label", _ratio(found, "ours", ["first label"]), 1.10)
        yield _target("groups, at most", max(one.groups for one in found["ours"]), 7, at_most=True)
        yield _target("singletons", _macro(found["ours"], "single"), 0.0, at_most=True)
        both = {
            name
            for name, posts in self.sources.items()
            if sum(bool(post["cats"]) and bool(post["tags"]) for post in posts) > 40
        }
        without = set(self.sources) - both
        _show("Tags only, against hidden categories", self._scored(methods, hide="cats", skipped=without))

    def _scored(self, methods: dict[str, Method], *, hide: str, skipped: set[str]) -> dict[str, list[Scored]]:
        found: dict[str, list[Scored]] = defaultdict(list)
        for source, posts in self.sources.items():
            if source in skipped:
                continue
            for window, truth in self._windows(source, posts, categories_only=hide == "cats"):
                seen = [
                    post
                    | {
                        "source": source,
                        "cats": post["cats"] if hide == "none" else [],
                        "tags": [] if hide == "text" else post["tags"],
                    }
                    for post in window
                ]
                for name, method in methods.items():
                    began = time.perf_counter()
                    groups = list(method(seen))
                    spent_ms = 1000 * (time.perf_counter() - began)
                    found[name].append(self._score(source, groups, truth, spent_ms))
        return found

    def _windows(
        self, source: str, posts: list[Post], *, categories_only: bool
    ) -> Iterator[tuple[list[Post], list[str | None]]]:
        whole = source in self.scorer.CORPORA or source in self.scorer.ONLY_CATS
        which = "cats" if categories_only or whole else "both" if any(p["cats"] for p in posts) else "tags"
        for size in SIZES:
            for window in self.scorer.windows(source, posts, size, self.count):
                truth = self.scorer.truth(window, which)
                told = [label for label in truth if label is not None]
                if len(told) >= 0.5 * len(window) and len(set(told)) > 1:
                    yield window, truth

    def _score(self, source: str, groups: list[Any], truth: list[str | None], ms: float) -> Scored:
        told = [place for place, label in enumerate(truth) if label is not None]
        sizes = Counter(group for group in groups if group is not None)
        posts = len(groups)
        return Scored(
            source=source,
            size=posts,
            ari=self.rand([truth[place] for place in told], [str(groups[place]) for place in told]),
            groups=len(sizes),
            single=sum(size == 1 for size in sizes.values()) / posts,
            other=sum(group is None for group in groups) / posts,
            largest=max(sizes.values(), default=0) / posts,
            ms=ms,
        )

    # --- Names and speed ---

    def names(self) -> Iterator[bool]:
        """Groups are the authors', so that only the naming is measured."""
        scorer = importlib.import_module("score_names")
        other = importlib.import_module("name_baselines")
        methods = {
            "YAKE": other.yake_names,
            "most frequent title word": other.title_words,
            "c-TF-IDF": other.ctfidf,
            "ours": ours.named,
        }
        print("\nNames of the authors' groups (30-post windows)")
        print(f"  {'method':28}{'hit@1':>8}{'hit@3':>8}{'groups':>8}{'ms/group':>10}")
        hits: dict[str, float] = {}
        for method, name_groups in methods.items():
            first, third, groups, ms = self._named(scorer, name_groups)
            hits[method] = first
            print(f"  {method:28}{first:8.3f}{third:8.3f}{groups:8d}{ms:10.1f}")
        yield _target("hit@1 / YAKE", hits["ours"] / hits["YAKE"], 1.10)

    def _named(self, scorer: Any, name_groups: Callable[..., Any]) -> tuple[float, float, int, float]:
        """Return hit@1, hit@3, the number of groups and the time for each."""
        scores: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
        spent = 0.0
        for source, posts in self.sources.items():
            if source in self.scorer.SKIP_TEXT:
                continue
            whole = source in self.scorer.CORPORA or source in self.scorer.ONLY_CATS
            which = "cats" if whole else "both" if any(p["cats"] for p in posts) else "tags"
            for window in self.scorer.windows(source, posts, 30, 4, seed=3):
                truth = self.scorer.truth(window, which)
                counts = Counter(label for label in truth if label)
                truth = [label if label and counts[label] > 2 else None for label in truth]
                began = time.perf_counter()
                named = name_groups([post | {"cats": [], "tags": []} for post in window], truth, 3)
                spent += time.perf_counter() - began
                for label in sorted({label for label in truth if label}):
                    own = [post for post, its in zip(window, truth, strict=True) if its == label]
                    human = self._human(scorer, own, which)
                    hit = [bool(scorer.stems(name, own[0]["lang"]) & human) for name in named.get(label, [])]
                    scores[source].append((any(hit[:1]), any(hit[:3])))
        groups = sum(map(len, scores.values()))
        first = mean(mean(hit for hit, _ in hits) for hits in scores.values())
        third = mean(mean(hit for _, hit in hits) for hits in scores.values())
        return first, third, groups, 1000 * spent / groups

    def _human(self, scorer: Any, own: list[Post], which: str) -> set[str]:
        """Return the word stems of the labels that at least half of a group's posts have."""
        counts = Counter(label for post in own for label in set(self.scorer.labels_of(post, which)))
        labels = [label for label, count in counts.items() if 2 * count >= len(own)]
        return {stem for label in labels for stem in scorer.stems(label, own[0]["lang"])}

    def speed(self) -> bool:
        """100 posts of one blog, read, grouped and named."""
        posts = max(self.sources.items(), key=lambda item: len(item[1]))[1][:100]
        hidden = [post | {"cats": [], "tags": []} for post in posts]
        spent = []
        for _ in range(3):
            began = time.process_time()  # others on the machine must not count
            ours.grouped(hidden)
            spent.append(time.process_time() - began)
        print(f"\n{len(posts)} posts, grouped and named")
        return _target("seconds of processor time", min(spent), 0.5, at_most=True)


def _macro(scored: Sequence[Scored], column: str, size: int = 0) -> float:
    """Return the mean over sources of the mean over their windows."""
    by_source: dict[str, list[float]] = defaultdict(list)
    for one in scored:
        if not size or one.size == size:
            by_source[one.source].append(getattr(one, column))
    return mean(map(mean, by_source.values())) if by_source else float("nan")


def _ratio(found: dict[str, list[Scored]], mine: str, others: Any) -> float:
    best = max(_macro(found[other], "ari") for other in others)
    return _macro(found[mine], "ari") / best


def _show(title: str, found: dict[str, list[Scored]]) -> None:
    print(f"\n{title}")
    columns = "".join(f"{f'ARI {size}':>8}" for size in SIZES)
    print(f"  {'method':28}{'ARI':>8}{columns}{'groups':>8}{'single':>8}{'other':>8}{'largest':>8}{'ms':>8}")
    for method, scored in found.items():
        sizes = "".join(f"{_macro(scored, 'ari', size):8.3f}" for size in SIZES)
        shape = "".join(f"{_macro(scored, column):8.2f}" for column in ("single", "other", "largest"))
        groups, ms = _macro(scored, "groups"), _macro(scored, "ms")
        print(f"  {method:28}{_macro(scored, 'ari'):8.3f}{sizes}{groups:8.1f}{shape}{ms:8.1f}")


def _target(what: str, value: float, bound: float, *, at_most: bool = False) -> bool:
    met = value <= bound if at_most else value >= bound
    sign = "<=" if at_most else ">="
    print(f"  {'ok    ' if met else 'MISSED'} {what}: {value:.3f} (target {sign} {bound:g})")
    return met


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
