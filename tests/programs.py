"""Programs of this machine that some tests need: without one they say what was not run; in CI they fail."""

from __future__ import annotations

import os
import shutil

import pytest


def path_of(name: str, why: str) -> str:
    """Return where a program is. Skips the test with the reason, or fails it in CI, where there is none."""
    found = shutil.which(name)
    if found is None:
        lacking = f"needs {name}, which is not installed: {why} was not checked"
        if os.environ.get("CI") == "true":
            pytest.fail(lacking)
        pytest.skip(lacking)
    return found
