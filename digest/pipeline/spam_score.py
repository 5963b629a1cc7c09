"""What SpamAssassin makes of a mail, where it is installed: run here, without its network tests."""

from __future__ import annotations

import re
import shutil
import subprocess

TIMEOUT_S = 60.0
_SCORE = re.compile(rb"^X-Spam-Status:.*?\bscore=(-?\d+(?:\.\d+)?)", re.MULTILINE | re.DOTALL)


def spam_score(data: bytes) -> float | None:
    """Return the mail's score; None where SpamAssassin is not installed or gives none."""
    program = shutil.which("spamassassin")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 -- a program found on PATH, fixed arguments, the mail on stdin
            [program, "--local", "--test-mode"],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _SCORE.search(done.stdout)
    return float(found[1]) if found else None
