from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.model import Model
from tests.onnx_models import card

TILE, TILE_S = 32, 0.01


class SleepySession:
    """The first band over 255, at a known pace."""

    engine, reason, batch, threads = "cpu", "for the test", 1, 1
    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.card = card(TILE, overlap_px=8)
        self.calls = 0
        self.tile_s = TILE_S

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.calls += 1
        time.sleep(self.tile_s)
        return pixels[..., :1].astype(np.float32) / np.float32(255)

    def close(self) -> None:
        pass


@pytest.fixture
def session() -> SleepySession:
    return SleepySession()


@pytest.fixture
def model(session: SleepySession) -> Iterator[Model]:
    with Model(session) as loaded:
        loaded.warm_up()
        yield loaded


# 5 x 5 tiles of 32 at overlap 8, 4 x 4 without overlap, 2 x 2 at half the size; eight times 25 with the symmetries.
FRAME = np.random.default_rng(3).integers(0, 256, (128, 128, 3), np.uint8)


@pytest.mark.parametrize(
    ("budget_ms", "gave_up"),
    [
        (10_000, ()),
        (400, ("symmetries",)),
        (240, ("symmetries", "overlap")),
        (110, ("symmetries", "overlap", "resolution")),
    ],
)
def test_a_deadline_takes_work_away_step_by_step(
    model: Model, budget_ms: float, gave_up: tuple[str, ...]
) -> None:
    result = model.predict(FRAME, symmetries=True, budget_ms=budget_ms)
    # A busy machine may take one step more, never less.
    assert result.gave_up[: len(gave_up)] == gave_up
    assert result.scores.shape == (128, 128, 1)
    assert result.mask.shape == (128, 128)
    assert result.budget_ms == budget_ms
    assert result.age_ms == result.latency_ms > 0
    if not gave_up:
        np.testing.assert_allclose(result.scores[..., 0] * 255, FRAME[..., 0], atol=1e-3)


def test_the_last_mask_comes_back_with_its_age(model: Model, session: SleepySession) -> None:
    first = model.predict(FRAME, budget_ms=10_000)
    expected = first.mask.copy()
    first.mask[:] = 77
    calls = session.calls
    time.sleep(0.05)
    again = model.predict(np.zeros_like(FRAME), budget_ms=5)
    assert again.gave_up == ("freshness",)
    assert not again.fresh
    assert again.age_ms > 50
    assert session.calls == calls
    np.testing.assert_array_equal(again.mask, expected)


def test_a_first_frame_is_done_even_when_late(model: Model) -> None:
    result = model.predict(FRAME, budget_ms=5)
    assert result.fresh
    assert result.late
    assert result.gave_up == ("overlap", "resolution")


def test_streams_do_not_lend_each_other_masks(model: Model) -> None:
    model.predict(FRAME, budget_ms=10_000, stream="left")
    assert model.predict(np.zeros_like(FRAME), budget_ms=5, stream="right").fresh
    assert not model.predict(np.zeros_like(FRAME), budget_ms=5, stream="left").fresh


def test_an_engine_that_slows_down_is_left_in_mid_frame(model: Model, session: SleepySession) -> None:
    model.predict(FRAME, budget_ms=10_000)
    session.tile_s, calls = 0.2, session.calls
    result = model.predict(FRAME, budget_ms=600)
    assert not result.fresh
    assert session.calls - calls < 16


def test_a_hiccup_does_not_end_the_run(model: Model, session: SleepySession) -> None:
    session.tile_s = 0.1
    for _ in range(3):
        model.predict(FRAME, budget_ms=10_000)
    session.tile_s = 0.0
    assert any(model.predict(FRAME, budget_ms=100).fresh for _ in range(40))


def test_waiting_for_another_thread_counts(model: Model, session: SleepySession) -> None:
    model.predict(FRAME, budget_ms=10_000)
    session.tile_s = 0.05
    other = threading.Thread(target=lambda: model.predict(FRAME))
    other.start()
    time.sleep(0.05)
    result = model.predict(FRAME, budget_ms=100)
    other.join()
    assert not result.fresh
    assert result.latency_ms < 1000
