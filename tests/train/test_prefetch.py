from __future__ import annotations

import threading

import pytest

from segrun_train.prefetch import Prefetcher


def test_things_are_made_ahead_but_not_beyond_the_end() -> None:
    made: list[int] = []
    lock = threading.Lock()

    def make(number: int) -> int:
        with lock:
            made.append(number)
        return number * 10

    ahead = Prefetcher(make, workers=2, ahead=3)
    assert [ahead.take(index, 5) for index in range(5)] == [0, 10, 20, 30, 40]
    ahead.close()
    assert sorted(made) == [0, 1, 2, 3, 4]


def test_the_makers_error_reaches_the_taker() -> None:
    def make(number: int) -> int:
        raise OSError(f"no {number}")

    ahead = Prefetcher(make, workers=1, ahead=2)
    with pytest.raises(OSError, match="no 0"):
        ahead.take(0, 3)
    ahead.close()


def test_what_was_skipped_is_still_made_when_asked_for() -> None:
    ahead = Prefetcher(lambda number: number, workers=1, ahead=1)
    assert ahead.take(7, 10) == 7
    assert ahead.take(2, 10) == 2
    ahead.close()
