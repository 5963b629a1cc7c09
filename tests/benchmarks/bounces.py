"""Measures what we make of real bounces. Run by hand: `make bench-bounces`.

    python -m tests.benchmarks.bounces [SAMPLES]

``SAMPLES/bounces`` holds real mails of that kind, and ``expected.json`` the verdict for those where it is
known: whether the mailbox is gone. Prints a line for each mail, then how many have the verdict that is
expected, how many automatic answers were taken for bounces, and how long a mail takes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from digest.delivery.events import EventKind
from digest.providers.mail_events import MailKind, ReadMail, read

_DEFAULT = Path("../shared/samples")
_NO_BOUNCE = {MailKind.AUTOMATIC, MailKind.UNKNOWN, MailKind.LEAVE}


def main(samples: Path) -> int:
    """Print the table; return 1 where fewer than 99 in 100 are right, or an answer counts as a bounce."""
    folder = samples / "bounces"
    expected = json.loads((folder / "expected.json").read_text())
    mails = [path for path in sorted(folder.iterdir()) if path.suffix != ".json"]
    began = time.perf_counter()
    found = {path.name: read(path.read_bytes()) for path in mails}
    spent_ms = (time.perf_counter() - began) * 1000 / len(found)
    right = 0
    for name, one in found.items():
        known = expected.get(name)
        verdict = "" if known is None else ("as expected" if _is_right(one, known) else "WRONG")
        right += verdict == "as expected"
        print(f"{name[:36]:36}  {_told(one):32}  {verdict}")
    judged = sum(name in expected for name in found)
    counted = [name for name, one in found.items() if one.kind not in _NO_BOUNCE]
    answers = [name for name in counted if _is_answer(folder / name)]
    print(f"\n{right} of {judged} with a known verdict as expected ({100 * right / judged:.1f} %)")
    print(f"{len(answers)} automatic answers counted as bounces")
    print(f"{spent_ms:.1f} ms a mail")
    return int(right < 0.99 * judged or bool(answers))


def _is_right(one: ReadMail, known: list[dict[str, object]]) -> bool:
    """Return whether a mail with a known verdict is taken for a report, and hard where that is known."""
    hard = any(event.kind is EventKind.BOUNCED_HARD for event in one.events)
    return bool(one.events) and hard == any(report["hard"] for report in known)


def _told(one: ReadMail) -> str:
    return " ".join(filter(None, [one.kind.value, *(f"{e.kind.value} {e.code}" for e in one.events[:1])]))


def _is_answer(path: Path) -> bool:
    """Return whether a person's program wrote a mail: known by hand, since no file says so."""
    return "out of office" in path.read_text(encoding="latin-1").lower()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT))
