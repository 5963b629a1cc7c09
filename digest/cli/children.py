"""``digest serve``: the pages and the scheduled job, two children that live and die together."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from digest.cli.signals import stop_on_signals

POLL_S = 0.5  # seconds between looks at the children
PATIENCE_S = 30.0  # seconds a child may take to finish what is in flight
START_S = 30.0  # seconds the pages may take to answer


def run_together(config: Path, health: str) -> int:
    """Start both, wait until one ends or a signal comes, stop the other; return the exit code.

    The pages come first: no issue goes out while a reader could not unsubscribe.
    """
    stop = threading.Event()
    stop_on_signals(stop)
    children = [_start(config, "web")]
    try:
        if not _answers(health, children[0], stop):
            print("digest: the public pages did not start", file=sys.stderr)
            return 1
        children.append(_start(config, "run", "--forever"))
        while not stop.wait(POLL_S):
            for child in children:
                if child.poll() is not None:
                    print(f"digest: `{' '.join(map(str, child.args[4:]))}` ended; stopping", file=sys.stderr)  # type: ignore[index]
                    return child.returncode or 1
        return 0
    finally:
        for child in children:
            _end(child)


def _start(config: Path, *command: str) -> subprocess.Popen[bytes]:
    # Our own interpreter and our own words: nothing here comes from outside.
    return subprocess.Popen([sys.executable, "-m", "digest", f"--config={config}", *command])  # noqa: S603


def _answers(health: str, child: subprocess.Popen[bytes], stop: threading.Event) -> bool:
    from digest.net.probe import silence

    for _ in range(int(START_S / POLL_S)):
        if child.poll() is not None or stop.is_set():
            return False
        if not silence(health, "Everypost"):
            return True
        stop.wait(POLL_S)
    return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to finish; after PATIENCE_S end it, which is safe."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
