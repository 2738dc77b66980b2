from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.errors import EngineError
from segrun.pipeline import ScoredBatch, run_pipeline
from segrun.sessions import Session
from segrun.tiles import Slot, TileBatch


class Engine:
    """Gives back the first pixel as the score; every other call is slow, so that calls overtake each other."""

    engine, reason, batch, threads, notes = "cpu", "as asked for", 1, 2, ()

    def __init__(self, failing: int | None = None) -> None:
        self.failing = failing
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        number = int(pixels[0, 0, 0, 0])
        time.sleep(0.02 if number % 2 == 0 else 0.001)
        with self._lock:
            self.at_once -= 1
        if number == self.failing:
            raise EngineError("engine cpu failed while running (a test).")
        return pixels[..., :1].astype(np.float32)


def produce(count: int, skipped: tuple[int, ...] = ()) -> Callable[[Callable[[TileBatch[int]], None]], None]:
    def put(emit: Callable[[TileBatch[int]], None]) -> None:
        for number in range(count):
            filled = int(number not in skipped)
            slots = [Slot(number, 0 if filled else None, None)]
            emit(TileBatch(np.full((1, 2, 2, 3), number, np.uint8), filled, slots))

    return put


def run(engine: Engine, callers: int, found: list[float | None], skipped: tuple[int, ...] = ()) -> None:
    def consume(scored: Iterator[ScoredBatch[int]]) -> None:
        found.extend(None if item.scores is None else float(item.scores[0, 0, 0, 0]) for item in scored)

    run_pipeline(produce(20, skipped), cast(Session, engine), consume, lambda _batch: None, callers=callers)


@pytest.mark.parametrize("callers", [1, 2, 3])
def test_results_come_in_order_whoever_is_done_first(callers: int) -> None:
    engine = Engine()
    found: list[float | None] = []
    run(engine, callers, found, skipped=(0, 7, 8))
    assert found == [None if number in (0, 7, 8) else number for number in range(20)]
    assert engine.most_at_once == callers


@pytest.mark.parametrize("callers", [1, 2, 3])
def test_nothing_behind_a_failure_is_handed_on_and_no_call_outlives_it(callers: int) -> None:
    engine = Engine(failing=9)
    found: list[float | None] = []
    with pytest.raises(EngineError, match="a test"):
        run(engine, callers, found)
    assert found == list(range(9))[: len(found)]
    assert engine.at_once == 0


@pytest.mark.parametrize("callers", [1, 2])
def test_an_error_of_the_writer_ends_the_run(callers: int) -> None:
    def consume(scored: Iterator[ScoredBatch[int]]) -> None:
        next(scored)
        raise OSError("no space")

    engine = Engine()
    with pytest.raises(OSError, match="no space"):
        run_pipeline(produce(50), cast(Session, engine), consume, lambda _batch: None, callers=callers)
    assert engine.at_once == 0


@pytest.mark.parametrize("callers", [1, 2])
def test_an_error_of_the_reader_ends_the_run(callers: int) -> None:
    def fail(emit: Callable[[TileBatch[int]], None]) -> None:
        produce(3)(emit)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        run_pipeline(
            fail,
            cast(Session, Engine()),
            lambda scored: [*scored].clear(),
            lambda _batch: None,
            callers=callers,
        )
