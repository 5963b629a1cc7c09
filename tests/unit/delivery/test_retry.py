"""How long a refused delivery waits."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.delivery.retry import next_try

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "wait_s"),
    [(0, 0), (1, 300), (2, 600), (3, 1200), (4, 2400), (5, 4000), (6, 4000), (100_000, 4000)],
)
def test_waits_double_up_to_a_limit(attempts, wait_s):
    assert next_try(attempts, NOW) == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize(("asked_s", "wait_s"), [(1, 1), (90, 90), (86_400, 4000)])
def test_a_time_that_was_named_is_kept_to_within_our_longest_wait(asked_s, wait_s):
    assert next_try(1, NOW, asked_s=asked_s) == NOW + timedelta(seconds=wait_s)
