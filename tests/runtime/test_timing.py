from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from segrun import timing
from segrun.timing import LEAST_CALLS, Timing, timed


class CountingSession:
    """Remembers the first pixel of every tile that it is given."""

    engine = "cpu"

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.seen: list[list[int]] = []

    def run(self, pixels: Any) -> Any:
        assert pixels.shape == (self.batch, 2, 2, 3)
        assert pixels.flags.c_contiguous
        self.seen.append(pixels[:, 0, 0, 0].tolist())
        return pixels


def numbered(count: int) -> Any:
    return np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 2, 2, 3)).copy()


def test_every_tile_takes_its_turn_and_the_first_call_does_not_count() -> None:
    session: Any = CountingSession(2)
    found = timed(session, numbered(3), 0.0)
    assert found.calls == LEAST_CALLS == len(session.seen) - 1
    assert session.seen[1:5] == [[0, 1], [2, 0], [0, 1], [2, 0]]


def test_percentiles_are_calls_and_rates_count_the_slow_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    took = [0.010] * 18 + [0.100, 0.200]
    moments = [0.0]  # the end of the time to measure
    now = 0.0
    for seconds in took:
        moments += [now, now, now + seconds]
        now += seconds
    clock = itertools.chain(moments, [float("inf")])
    monkeypatch.setattr("segrun.timing.time.perf_counter", lambda: next(clock))
    monkeypatch.setattr(timing, "LEAST_CALLS", 0)
    found = timed(CountingSession(4), numbered(4), seconds=0.3799)  # type: ignore[arg-type]
    assert found.calls == 20
    assert (found.p50_ms, found.p95_ms, found.p99_ms) == pytest.approx((10.0, 200.0, 200.0))
    assert found.seconds == pytest.approx(0.48)
    assert found.ms_per_tile == pytest.approx(2.5)
    assert found.tiles_per_s == pytest.approx(80 / 0.48)
    assert found.mpx_per_s == pytest.approx(80 / 0.48 * 4 / 1e6)


def test_energy_is_divided_by_the_tiles_or_not_known() -> None:
    plain = Timing(10, 2, 64, 1.0, 1.0, 1.0, 1.0)
    assert plain.joules_per_tile is None
    assert Timing(10, 2, 64, 1.0, 1.0, 1.0, 1.0, {"a": 30.0, "b": 10.0}).joules_per_tile == 2.0
