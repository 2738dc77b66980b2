from __future__ import annotations

import threading
import time
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from segrun.errors import EngineError
from segrun.run_timing import ms_between_ends, timed_run
from segrun.sessions import Session
from segrun.timing import LEAST_CALLS
from tests.onnx_models import card

TILE = 64


class Engine:
    """Takes a while for each call, and counts the calls that are in its hands."""

    engine, reason, threads, notes = "cpu", "", 2, ()

    def __init__(self, batch: int = 1, took_s: float = 0.01, fails_at: int | None = None) -> None:
        self.batch, self.card = batch, card(TILE)
        self.seen: list[int] = []
        self.most_at_once = 0
        self._took_s, self._fails_at = took_s, fails_at
        self._now, self._lock = 0, threading.Lock()

    def run(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self.seen.append(int(pixels[0, 0, 0, 0]))
            if len(self.seen) == self._fails_at:
                raise EngineError("engine cpu failed. Restart it.")
        time.sleep(self._took_s)
        with self._lock:
            self._now -= 1
        return pixels

    def close(self) -> None:
        """Nothing to free."""


def tiles(count: int) -> Any:
    return np.arange(1, count + 1, dtype=np.uint8)[:, None, None, None] * np.ones(
        (1, TILE, TILE, 3), np.uint8
    )


@pytest.mark.parametrize("callers", [1, 2, 4])
def test_calls_side_by_side_share_the_time_between_them(callers: int) -> None:
    engine = Engine(batch=2)
    found = timed_run(cast(Session, engine), tiles(2), 0.2, callers)
    assert engine.most_at_once == callers == found.callers
    assert found.calls == len(engine.seen) - callers
    assert found.p50_ms >= 10
    # A caller ends at most every 10 ms, so a stretch of four calls of each lasts 30 ms; a busy machine adds to that.
    assert found.ms_per_tile >= 0.75 * 10 / callers / 2


def test_a_hiccup_and_callers_that_stand_idle_at_the_end_do_not_count() -> None:
    one = [0.010 * number for number in range(20)]
    one[12:] = [ended + 5.0 for ended in one[12:]]
    assert ms_between_ends(one, 1) == pytest.approx(10.0)
    # Two callers, the second half as fast; its last call runs alone.
    two = sorted(
        [0.010 * number for number in range(1, 21)] + [0.020 * number for number in range(1, 11)] + [9.0]
    )
    assert ms_between_ends(two, 2) == pytest.approx(10 / 1.5, rel=0.13)


@pytest.mark.parametrize("callers", [1, 3])
def test_no_time_still_gives_every_caller_a_few_calls_and_every_tile_its_turn(callers: int) -> None:
    engine = Engine(took_s=0.001)
    found = timed_run(cast(Session, engine), tiles(3), 1e-9, callers)
    assert found.calls == LEAST_CALLS * callers
    assert found.ms_per_tile > 0
    assert sorted(set(engine.seen[callers:])) == [1, 2, 3]


@pytest.mark.parametrize("callers", [1, 2])
def test_an_engine_that_fails_midway_is_an_error(callers: int) -> None:
    with pytest.raises(EngineError, match="Restart it"):
        timed_run(cast(Session, Engine(took_s=0.001, fails_at=callers + 3)), tiles(1), 60.0, callers)
