"""A few values that are dear to make, shared by threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """The last ``at_most`` values asked for, each made once however many threads ask at the same time.

    Threads that ask for different values never wait for each other.
    """

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._values: OrderedDict[int, Future[V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: int, make: Callable[[], V]) -> V:
        """Return the value kept under the key, made if there is none; what ``make`` raises is not kept."""
        with self._lock:
            value = self._values.get(key)
            is_new = value is None
            if value is None:
                value = self._values[key] = Future()
            self._values.move_to_end(key)
            if len(self._values) > self._at_most:
                self._values.popitem(last=False)
        if is_new:
            self._fill(key, value, make)
        return value.result()

    def _fill(self, key: int, value: Future[V], make: Callable[[], V]) -> None:
        try:
            value.set_result(make())
        except BaseException as fault:  # noqa: BLE001 - kept for the threads that wait for this value
            with self._lock:
                if self._values.get(key) is value:
                    del self._values[key]
            value.set_exception(fault)
