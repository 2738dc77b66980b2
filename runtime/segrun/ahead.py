"""One piece of work begun ahead of its time, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Self, TypeVar

Result = TypeVar("Result")


class Ahead(Generic[Result]):
    """Work that starts at once; ``concurrent.futures`` does the same and takes longer to load than most of this work.

    Args:
        work: runs in another thread.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error
        finally:
            self._ended.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._wait()

    def _wait(self) -> None:
        """Wait for the thread, through interrupts too: one in the hands of a native library must not outlive Python."""
        interrupt: KeyboardInterrupt | None = None
        # Not by joining it: Python 3.11 takes a thread for ended once a join is interrupted.
        while not self._ended.is_set():
            try:
                self._ended.wait()
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt

    def result(self) -> Result:
        """Wait for the work to end, and return what it returned.

        Raises:
            BaseException: what the work raised.
        """
        self._wait()
        if self._error is not None:
            raise self._error
        return self._results[0]
