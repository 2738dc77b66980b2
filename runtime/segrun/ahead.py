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
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # Whatever happened: a thread that is still in the hands of a native library must not outlive the interpreter.
        self._thread.join()

    def result(self) -> Result:
        """Wait for the work to end, and return what it returned.

        Raises:
            BaseException: what the work raised.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._results[0]
