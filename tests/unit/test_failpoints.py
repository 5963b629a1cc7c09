"""Failpoints: off they do nothing, on they end this very process at one passing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from digest.errors import ConfigurationError
from digest.failpoints import from_variable, nothing_fails


def died_at(variable: str, *passed: str) -> tuple[int, str]:
    """Return how a process ended that passes these points, and what it said before each."""
    script = (
        "from digest.failpoints import from_variable\n"
        f"passing = from_variable({variable!r})\n"
        f"for number, name in enumerate({passed!r}, 1):\n"
        "    print(number, end=' ', flush=True)\n"
        "    passing(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_off_it_is_a_function_that_does_nothing() -> None:
    assert from_variable("") is nothing_fails
    nothing_fails("db.commit")


def test_the_process_is_killed_at_that_passing_of_that_point_and_no_other() -> None:
    passed = ("db.commit", "smtp.write", "db.commit", "db.commit")
    assert died_at("db.commit:2", *passed) == (-signal.SIGKILL, "1 2 3 ")
    assert died_at("db.commit:4", *passed) == (0, "1 2 3 4 ")


def test_any_counts_the_points_of_a_sweep_and_not_the_moments_beside_them() -> None:
    assert died_at("any:2", "smtp.written", "smtp.body", "db.commit") == (-signal.SIGKILL, "1 2 3 ")


def test_the_action_may_be_another_signal() -> None:
    assert died_at("smtp.dot:1:term", "smtp.dot") == (-signal.SIGTERM, "1 ")


@pytest.mark.parametrize(
    "value", ["db.commit", "db.commit:", "nowhere:1", "db.commit:1:sing", "db.commit:-1"]
)
def test_what_names_no_failpoint_is_told_with_the_names_there_are(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"names no failpoint.*smtp\.allowed"):
        from_variable(value)
