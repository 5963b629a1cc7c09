"""``digest serve``: the pages and the scheduled job, two children that live and die together.

Each has a session of its own, so that the Ctrl-C of a terminal reaches this process alone, and it is this
process that asks them to finish.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from digest.cli.signals import stop_on_signals

POLL_S = 0.5  # seconds between looks at the children
PATIENCE_S = 80.0  # seconds the children may take to finish what is in flight; systemd allows 90
START_S = 30.0  # seconds the pages may take to answer


def run_together(config: Path, health: str) -> int:
    """Start both, wait until one ends or a signal comes, stop the other; return the exit code.

    The pages come first: no issue goes out while a reader could not unsubscribe.
    """
    stop = threading.Event()
    children: list[subprocess.Popen[bytes]] = []
    stop_on_signals(stop, before_the_end=lambda: _kill(children))
    try:
        children.append(_start(config, "web"))
        if not _answers(health, children[0], stop):
            if stop.is_set():
                return 0
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
        _end(children)


def _start(config: Path, *command: str) -> subprocess.Popen[bytes]:
    # Our own interpreter and our own words: nothing here comes from outside.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "digest", f"--config={config}", *command],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _answers(health: str, child: subprocess.Popen[bytes], stop: threading.Event) -> bool:
    from digest.net.probe import silence

    for _ in range(int(START_S / POLL_S)):
        if child.poll() is not None or stop.is_set():
            return False
        if not silence(health, "Everypost"):
            return True
        stop.wait(POLL_S)
    return False


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask all children to finish, at the same moment; after PATIENCE_S end them, which is safe."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + PATIENCE_S
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, until - time.monotonic()))
    _kill(children)


def _kill(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.kill()
