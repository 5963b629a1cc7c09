"""Postfix's ``smtp-sink``, which takes mail and counts it: what it counted is the truth of every figure."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postfix import listens, until
from tests.smtp_servers import closed_port


@dataclass(frozen=True, kw_only=True)
class Sink:
    """A running smtp-sink."""

    port: int
    counts: Path  # its running counters, the newest last: "sess=3 quit=2 mesg=2000"

    def taken(self) -> int:
        """Return how many mails it has taken whole."""
        with self.counts.open("rb") as file:
            file.seek(max(0, self.counts.stat().st_size - 200))
            whole = file.read().split(b"\r")[:-1]
        return int(whole[-1].rpartition(b"=")[2]) if whole else 0


def program(name: str) -> str:
    """Return the path of one of Postfix's programs; its folder is not always searched."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise SystemExit(f"{name} is needed: install Postfix, which brings it (it need not run).")
    return found


@contextmanager
def counting_sink() -> Iterator[Sink]:
    """Run one for a single figure."""
    with tempfile.TemporaryDirectory(prefix="everypost-bench-") as folder:
        counts, port = Path(folder) / "counts", closed_port()
        privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
        with counts.open("wb") as out:
            command = [program("smtp-sink"), *privileges, "-c", f"127.0.0.1:{port}", "256"]
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        try:
            until(lambda: listens(port) or process.poll() is not None, "smtp-sink")
            yield Sink(port=port, counts=counts)
        finally:
            process.terminate()
            process.wait()
