"""Values made once and shared by threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from digest.pipeline.kept import Kept


def test_a_value_is_made_once():
    kept, made = Kept[int](2), []
    assert [kept.get(1, lambda: made.append(1) or 7) for _ in range(3)] == [7, 7, 7]
    assert made == [1]


def test_only_the_last_few_are_kept():
    kept, made = Kept[int](2), []
    for key in (1, 2, 1, 3, 1, 2):
        kept.get(key, lambda key=key: made.append(key) or key)
    assert made == [1, 2, 3, 2], "2 was asked for longest ago when 3 came"


def test_a_failure_is_told_and_not_kept():
    kept = Kept[int](2)
    with pytest.raises(ZeroDivisionError):
        kept.get(1, lambda: 1 // 0)
    assert kept.get(1, lambda: 7) == 7


def test_threads_that_want_the_same_get_the_same():
    kept, made, together = Kept[object](2), [], Barrier(4)

    def ask(_):
        together.wait(10)
        return kept.get(1, lambda: made.append(1) or object())

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert made == [1]


def test_threads_that_want_different_values_do_not_wait_for_each_other():
    kept, begun, go_on = Kept[int](2), Event(), Event()

    def slowly():
        begun.set()
        assert go_on.wait(10)
        return 1

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(kept.get, 1, slowly)
        assert begun.wait(10)
        assert kept.get(2, lambda: 2) == 2
        go_on.set()
        assert slow.result(10) == 1
