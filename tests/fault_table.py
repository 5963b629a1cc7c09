"""What can go wrong, what must happen then, and which test shows it: writes docs/faults.md.

python -m tests.fault_table            (``make faults``)

A test belongs to a row by its name, ``test_row_07_…`` or ``test_rows_68_to_70_…``; a row without one needs a
reason here. ``tests/test_fault_table.py`` fails where the page is out of date or a row has neither.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
_NAME = re.compile(r"test_rows?_(\d\d)(?:_to_(\d\d))?_")


class Row(NamedTuple):
    """One fault."""

    fault: str
    must: str  # what must happen then
    untested: str = ""  # why no test shows it


SECTIONS: dict[str, tuple[int, list[Row]]] = {
    "Process and machine": (
        1,
        [
            Row("killed while a feed is asked", "tried again; no half-stored post"),
            Row("killed between taking posts and making their issue", "both or neither"),
            Row(
                "killed half-way through writing down the audience",
                "goes on; nobody is mailed before it is whole",
            ),
            Row("killed with claims in hand", "queued again, no second copy"),
            Row("killed after the body, before the commit point", "the server forgets it; no second copy"),
            Row(
                "killed after the commit point, before the dot", "in doubt: flagged although it was not sent"
            ),
            Row("killed after the dot, before its reply", "in doubt: sent once more, flagged"),
            Row("killed after the reply, before it is written down", "in doubt: sent once more, flagged"),
            Row("killed again and again", "it finishes; a death costs at most one second copy a connection"),
            Row("one mail that kills every sender", "held after the third; the others go out"),
            Row(
                "SIGTERM in the middle of an issue", "mails in hand are finished, nothing is in doubt, exit 0"
            ),
            Row("a second signal meanwhile", "ends at once, as safe as being killed"),
            Row("frozen while it holds claims, and another takes over", "its fence is worthless: no dot"),
            Row("frozen between commit point and dot", "noticed after 5 s: no dot"),
            Row(
                "frozen while it waits for a reply", "left alone until it is proved dead or 660 s have passed"
            ),
            Row("no memory left, or killed for it", "told in a sentence, or as killed; the next run goes on"),
            Row("too few file descriptors", "told in a sentence; the next run goes on"),
            Row("two senders on one SQLite database", "the second exits 3 and touches nothing"),
            Row("power lost after a commit", "what was committed stays: SQLite with synchronous=FULL"),
            Row("a process number used again after a restart", "senders are named at random"),
            Row("a read-only file system, wrong permissions", "nothing begins; told in a sentence"),
            Row("an upgrade while an issue is half sent", "an older program refuses a newer schema"),
            Row(
                "an older backup is put back",
                "nothing is sent until `digest recover --restored` held what is in doubt",
            ),
        ],
    ),
    "SMTP": (
        24,
        [
            Row("connection refused", "all mail waits, nobody is blamed"),
            Row("a connection nobody answers", "given up after 30 s, tried later"),
            Row("a banner that takes minutes", "waited for (RFC 5321 §4.5.3.2.1)"),
            Row("a banner of 421 or 554", "421 waits; 554 asks for the operator"),
            Row("STARTTLS missing or stripped", "no password and no mail in plain text"),
            Row("a certificate that does not verify", "asks for the operator"),
            Row("AUTH refused", "535 asks for the operator, 454 waits; the secret is never shown"),
            Row("4xx to MAIL, RCPT, DATA or the dot", "tried again, later and later, until the deadline"),
            Row("5.1.1 to RCPT", "rejected, its reader mailed no more; the others go out"),
            Row("a full mailbox told as 552", "temporary"),
            Row("a refusal of us as a sender", "all mail waits, no reader is blamed"),
            Row("too big for the server", "held, told once"),
            Row("the line is cut before the dot", "tried again, no second copy"),
            Row(
                "the line is cut after the dot",
                "in doubt; once more, flagged; after three in a row all mail waits",
            ),
            Row("421 to the dot", "a clear no: tried again"),
            Row("250 after minutes", "accepted"),
            Row("250 after the final time-out", "in doubt; the late reply changes nothing"),
            Row("replies that are long, odd or endless", "understood, or in doubt; never a crash"),
            Row("a server that ends sessions, or refuses RSET", "a new connection; no loss"),
            Row(
                "a server without extensions",
                "the same mail in plain commands; rejected where an address needs SMTPUTF8",
            ),
            Row("an international domain", "its A-label goes out"),
            Row("long lines, bare CR, dots, NUL", "the bytes that arrive are those that were built"),
            Row(
                "the network fails in the middle of an issue", "tried again or in doubt; it goes on by itself"
            ),
            Row("one address in two spellings", "one reader, one mail"),
            Row(
                "a bounce for an unknown or forged return address",
                "counted, no effect",
            ),
            Row(
                "bounces of every shape, vacation replies",
                "only bounces count as bounces",
            ),
            Row(
                "a bounce that is huge or nested without end",
                "refused within bounds",
            ),
        ],
    ),
    "Providers": (
        51,
        [
            Row("429, with or without a time to come back", "waits as asked, up to a cap"),
            Row("500, 502, 504", "in doubt, unless a key makes trying again safe"),
            Row("503 with a time to come back", "tried again then"),
            Row("no answer, half an answer", "in doubt"),
            Row("another mail under the same key", "held, and told as a defect of ours"),
            Row("the key is at work", "waited for, asked again"),
            Row("the key is past its life", "records are asked, then policy decides"),
            Row("some of a batch are refused", "each mail has its own end"),
            Row("an answer with too few or too many words", "the batch is in doubt"),
            Row("401, 402, 403, suspended, quota", "all mail waits, nobody is blamed"),
            Row("the provider will not mail an address any more", "suppressed here too"),
            Row("a login page instead of the provider", "in doubt, and all mail waits"),
            Row("records that are down or late", "waited for; never taken for a no too early"),
            Row("a redirect", "not followed"),
            Row("the provider changes the Message-ID", "known by its id and by our name"),
            Row("a second provider, and the first died in doubt", "what is in doubt never goes by the other"),
        ],
    ),
    "Database and disk": (
        67,
        [
            Row("the database is locked for long", "waited for, then told; pages answer 503"),
            Row("the disk is full at the commit point", "no dot; goes on when there is room"),
            Row("the disk is full when a reply is written down", "in doubt, flagged; the run stops"),
            Row("the disk is full at the freeze", "whole or not at all"),
            Row("a broken page", "told in a sentence with what to do; nothing is sent"),
            Row("an SQLite with the WAL-reset race", "writers and checkpoints take turns"),
            Row("a database on a network file system", "refused unless its operator insists"),
            Row("the database server restarts or is away", "told; the next run goes on; doubt is flagged"),
            Row("a connection is dropped at the commit point", "no dot before the commit is known"),
            Row("deadlocks and writers at once", "no number, delivery or update is lost or doubled"),
            Row(
                "PgBouncer in transaction mode",
                "still one leader",
                "needs PgBouncer; the run lock is a session lock and wants a direct connection",
            ),
            Row("fail-over to a copy that lags behind", "noticed as in row 23"),
            Row("an upgrade that is interrupted", "made again, whole"),
            Row("a million readers", "a claim reads an index, however many wait (its time is no test's)"),
            Row("a backup while mail goes", "whole and consistent; no mail is lost"),
        ],
    ),
    "Time": (
        82,
        [
            Row(
                "the clock jumps by hours",
                "no second issue, no mass expiry",
            ),
            Row("the hour that is missing, and the one that comes twice", "due once on both days"),
            Row("down over the due time", "one issue afterwards, if it is not too late"),
            Row("a tick comes late", "it is not dropped"),
            Row("two schedulers", "one leads; one issue of a name"),
            Row("a run longer than the time between ticks", "the next waits, none overlap"),
            Row("a zone that does not exist", "told when the settings are read"),
            Row("29 February, the end of the year, 2038", "due times follow each other without a gap"),
        ],
    ),
}


def by_row() -> dict[int, list[str]]:
    """Return the tests of each row, as pytest names them, in the order of their files."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match = _NAME.match(node.name) if isinstance(node, ast.FunctionDef) else None
            if match is None or not isinstance(node, ast.FunctionDef):
                continue
            first, last = int(match[1]), int(match[2] or match[1])
            for number in range(first, last + 1):
                found[number].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def page() -> str:
    """Return docs/faults.md."""
    tests, parts = by_row(), [_HEAD]
    for title, (first, rows) in SECTIONS.items():
        parts.append(f"## {title}\n\n| row | fault | what must happen | shown by |\n|---|---|---|---|")
        for number, row in enumerate(rows, first):
            shown = "<br>".join(f"`{name}`" for name in tests.get(number, []))
            parts.append(f"| {number} | {row.fault} | {row.must} | {shown or f'no test: {row.untested}'} |")
        parts.append("")
    return "\n".join(parts)


_HEAD = """\
# Faults, and what happens then

Written by `make faults` from the names of the tests; a test fails where this page is out of date. “In doubt”
means: sent once more with a flag, or held, as `delivery.on_uncertain` says. `digest chaos --every-failpoint`
kills a run at each of its moments. What to do about it: [trouble.md](trouble.md).
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
