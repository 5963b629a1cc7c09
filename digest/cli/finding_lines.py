"""How what the gate found is told: in lines, the worst first, with the place and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from digest.text.words import shorten

if TYPE_CHECKING:
    from digest.quality.report import Finding, NotRun, Place, Report, Severity
    from digest.quality.weights import Weights


def finding_line(kept: Mapping[str, Any]) -> str:
    """Return a finding kept with an issue in two lines: what and where, then what to do."""
    detail = f" ({kept['detail']})" if kept["detail"] else ""
    place = kept["place"]
    where = place["part"] + (f", line {place['line']}" if place["line"] else "")
    snippet = f": {place['snippet']}" if place["snippet"] else ""
    return f"{kept['rule']}  {kept['says']}{detail}\n           {where}{snippet}\n           {kept['mend']}"


def counted(severity: Severity, count: int) -> str:
    """Return so many findings of a weight in words: "1 error"."""
    return f"{count} {severity.value}" if count == 1 else f"{count} {severity.value}s"


def found_told(report: Report) -> str:
    """Return how much the gate found, in words: "1 error, 2 warnings"; empty where it found nothing."""
    counts = Counter(one.severity for one in report.findings)
    return ", ".join(counted(severity, count) for severity, count in sorted(counts.items(), key=_by_weight))


def _by_weight(counts: tuple[Severity, int]) -> int:
    return counts[0].rank


def findings_told(found: Iterable[Finding]) -> Iterator[str]:
    """Yield three lines for each finding: what, where, and who mends it how."""
    for one in found:
        detail = f" ({one.detail})" if one.detail else ""
        yield f"{one.severity.value:<8} {one.rule:<8} {one.says}{detail}"
        yield f"{'':17} {_where(one.place)}"
        yield f"{'':17} {one.who.value}: {one.mend}"


def _where(place: Place) -> str:
    line = f", line {place.line}" if place.line else ""
    snippet = f": {place.snippet}" if place.snippet else ""
    return f"{place.part}{line}{snippet}"


def not_run_told(not_run: Iterable[NotRun]) -> Iterator[str]:
    """Yield a line for each reason, with the rules that it kept from being run."""
    by_reason: dict[str, list[str]] = {}
    for one in not_run:
        by_reason.setdefault(one.reason, []).append(one.rule)
    for reason, rules in by_reason.items():
        yield f"not run  {', '.join(rules)}: {reason}"


def weights_told(weights: Weights) -> Iterator[str]:
    """Yield what each part of a mail weighs, and how much room is left."""
    for part in weights.parts:
        inset = "  " if part.kind == "post" else ""
        yield f"{part.octets:>8,}  {inset}{shorten(part.name, 80)}"
    room = "" if weights.room_for is None else f"; about {weights.room_for} more posts like its own fit"
    yield f"{weights.octets:>8,}  octets of HTML as it travels, of at most 100,000{room}"
