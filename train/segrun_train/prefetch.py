"""Batches made ahead by threads, in an order that does not depend on how many there are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Prefetcher(Generic[Made]):
    """Make numbered things ahead of need.

    Keras's own workers keep what was made but not taken for the next epoch, so that batches depend on timing; here
    batch ``i`` of an epoch is the same whoever makes it and whenever.

    Args:
        make: makes thing number ``i``; called from several threads.
        workers: threads; 0 makes each thing when it is asked for.
        ahead: how many things to make ahead.
    """

    def __init__(self, make: Callable[[int], Made], workers: int, ahead: int) -> None:
        self._make = make
        self._ahead = ahead
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="crops") if workers else None
        self._pending: dict[int, Future[Made]] = {}
        self._lock = threading.Lock()

    def take(self, index: int, end: int) -> Made:
        """Return thing ``index``, and see to it that those after it, before ``end``, are under way."""
        if self._pool is None:
            return self._make(index)
        with self._lock:
            for number in range(index, min(index + self._ahead + 1, end)):
                if number not in self._pending:
                    self._pending[number] = self._pool.submit(self._make, number)
            future = self._pending.pop(index)
            # Indices before this one were asked for out of order, or never will be.
            for number in [n for n in self._pending if n < index]:
                self._pending.pop(number).cancel()
        return future.result()

    def clear(self) -> None:
        """Forget what was made ahead."""
        with self._lock:
            for future in self._pending.values():
                future.cancel()
            self._pending.clear()

    def close(self) -> None:
        """Stop the threads."""
        self.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
