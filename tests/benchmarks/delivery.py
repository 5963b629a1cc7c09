"""How fast mail goes out, beside other senders. Run by hand: `make bench-delivery`.

    python -m tests.benchmarks.delivery [--mails N] [--rounds N] [--million] [--readers N]

Personal mails of 30 kB go into Postfix's ``smtp-sink`` over eight connections. Ours are claimed, committed
durably before the dot and their outcomes recorded, in SQLite; nobody else records anything. Everybody sends
in every round, one after the other, so that whatever else the machine does hits all alike; a figure is the
median of the rounds, and what the sink counted is what was sent.

``--million`` adds the long part: an issue frozen for a million readers, and mail sent from that queue.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import interrupted
from tests.benchmarks.delivery_load import MAIL_BYTES
from tests.benchmarks.sink import Sink, counting_sink, program

CONNECTIONS = 8


@dataclass(frozen=True, kw_only=True)
class Sender:
    """One way to send, and how many mails of it are enough."""

    name: str
    mails: int
    send: Callable[[Sink, int], float]  # sends so many into the sink; returns seconds
    wanted: float | None = None  # our rate divided by its, at least; None: shown only


def main() -> int:
    """Print the table; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description="How fast mail goes out, beside other senders.")
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--million", action="store_true", help="also freeze for, and send from, a big ledger")
    parser.add_argument("--readers", type=int, default=1_000_000, help="how big that is")
    chosen = parser.parse_args()
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    with ExitStack() as stack:
        senders = _senders(chosen.mails, stack)
        rates = _rates(senders, chosen.rounds)
    met = _compare(senders, rates)
    interrupted.restart(chosen.mails)
    interrupted.leaving(chosen.mails)
    if chosen.million:
        met = _from_a_million(chosen.readers) and met
    print(f"\nload of this machine: {os.getloadavg()[0]:.1f}")
    return 0 if met else 1


def _senders(mails: int, stack: ExitStack) -> list[Sender]:
    ways = [
        Sender(name="everypost", mails=mails, send=_ours),
        Sender(name="smtp-source (default)", mails=mails, send=_source(), wanted=0.5),
        Sender(name="smtp-source -d (keeps connections)", mails=mails, send=_source("-d")),
        Sender(name="jinja2 + premailer + smtplib", mails=30, send=_usual, wanted=10),
    ]
    pool = _nodemailer(stack)
    if pool is not None:
        ways.append(Sender(name="nodemailer, pool of 8", mails=mails // 4, send=pool, wanted=3))
    return ways


def _rates(senders: list[Sender], rounds: int) -> dict[str, list[float]]:
    """Return every sender's mails a second, round by round, by what the sink counted."""
    rates: dict[str, list[float]] = {sender.name: [] for sender in senders}
    for number in range(1, rounds + 1):
        for sender in senders:
            with counting_sink() as sink:
                seconds = sender.send(sink, sender.mails)
                taken = sink.taken()
            if taken != sender.mails:
                raise SystemExit(f"{sender.name}: the sink took {taken} of {sender.mails} mails.")
            rates[sender.name].append(taken / seconds)
        told = "  ".join(f"{rates[sender.name][-1]:.0f}" for sender in senders)
        print(f"round {number}: {told}", flush=True)
    return rates


def _compare(senders: list[Sender], rates: dict[str, list[float]]) -> bool:
    """Print medians and ratios; return whether every target is met."""
    ours, met = median(rates[senders[0].name]), True
    print(f"\n{'mails a second':36}{'median':>8}{'lowest':>8}{'highest':>8}   ours / theirs")
    for sender in senders:
        found = rates[sender.name]
        ratio = median(mine / other for mine, other in zip(rates[senders[0].name], found, strict=True))
        verdict = ""
        if sender.wanted is not None:
            verdict = f"(at least {sender.wanted:g}: {'met' if ratio >= sender.wanted else 'MISSED'})"
            met = met and ratio >= sender.wanted
        shown = "" if sender is senders[0] else f"   {ratio:.2f} {verdict}"
        print(f"{sender.name:36}{median(found):8.0f}{min(found):8.0f}{max(found):8.0f}{shown}")
    print(f"\n{MAIL_BYTES} octets a mail, {CONNECTIONS} connections; ours: {ours:.0f} a second, all durable.")
    return met


# --- Ways to send ----------------------------------------------------------------------------------


def said(*command: str | Path, cwd: Path | None = None) -> dict[str, Any]:
    """Return the line of JSON that a command prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=cwd)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _ours(sink: Sink, mails: int) -> float:
    told = said(
        sys.executable, "-m", "tests.benchmarks.delivery_load", str(sink.port), str(mails), str(CONNECTIONS)
    )
    return float(told["seconds"])


def _source(*options: str) -> Callable[[Sink, int], float]:
    """Postfix's own generator: ``smtp-source [-d] -s 8 -m MAILS -l 30000``."""

    def send(sink: Sink, mails: int) -> float:
        sized = ["-s", str(CONNECTIONS), "-m", str(mails), "-l", str(MAIL_BYTES)]
        began = time.perf_counter()
        subprocess.run([program("smtp-source"), *options, *sized, f"127.0.0.1:{sink.port}"], check=True)
        return time.perf_counter() - began

    return send


def _usual(sink: Sink, mails: int) -> float:
    told = said(sys.executable, "-m", "tests.benchmarks.usual_way", str(sink.port), str(mails))
    return float(told["seconds"])


def _nodemailer(stack: ExitStack) -> Callable[[Sink, int], float] | None:
    """Return a way to send by nodemailer, installed into a folder that goes away; None where it cannot be."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        print("nodemailer was not run: there is no npm here.\n")
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="everypost-nodemailer-")))
    installing = [
        npm,
        "install",
        "--prefix",
        str(folder),
        "--no-audit",
        "--no-fund",
        "--silent",
        "nodemailer",
    ]
    if subprocess.run(installing, capture_output=True, check=False).returncode:
        print("nodemailer was not run: npm could not install it.\n")
        return None
    script = Path(__file__).with_name("pooled.mjs")

    def send(sink: Sink, mails: int) -> float:
        numbers = map(str, (sink.port, mails, CONNECTIONS, MAIL_BYTES))
        return float(said(node, script, *numbers, cwd=folder)["seconds"])

    return send


# --- A big ledger ----------------------------------------------------------------------------------


def _from_a_million(readers: int) -> bool:
    """Print what a freeze for so many readers costs, and sending from it; return whether it is met."""
    with counting_sink() as sink:
        told = said(sys.executable, "-m", "tests.benchmarks.freezing", str(readers), str(sink.port))
        told["taken"] = sink.taken()
    print(f"\n{told['readers']:,} readers loaded in {told['load_s']:.0f} s")
    print(
        f"frozen in {told['seconds']:.0f} s: {told['transactions']} transactions, median "
        f"{told['median_ms']:.0f} ms, longest {told['longest_ms']:.0f} ms (of its own work at most "
        f"{told['longest_worked_ms']:.0f} ms), {told['too_long']} over 200 ms"
    )
    for row in told["sent"]:
        rate, peak = f"{row['a_second']:.0f} a second", f"peak {row['peak_mb']:.0f} MB"
        print(f"{row['mails']:,} sent from that queue: {rate}, {peak}")
    print(f"the sink took {told['taken']:,}")
    return bool(told["too_long"] == 0 and all(row["peak_mb"] <= 200 for row in told["sent"]))


if __name__ == "__main__":
    sys.exit(main())
