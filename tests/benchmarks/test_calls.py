from __future__ import annotations

import pytest

from benchmarks.calls import callers, in_words
from segrun.models import find_model


@pytest.mark.parametrize(
    ("engine", "threads", "batch", "wanted"),
    [("cpu", 2, 1, 2), ("cpu", 1, 1, 1), ("cpu", 2, 8, 1), ("litert", 2, 1, 2), ("openvino", 2, 1, 1)],
)
def test_calls_are_counted_as_predict_makes_them(engine: str, threads: int, batch: int, wanted: int) -> None:
    assert callers(find_model("roofs"), engine=engine, threads=threads, batch=batch) == wanted


@pytest.mark.parametrize(
    ("calls", "threads", "words"),
    [
        (2, 2, "two one-thread calls"),
        (1, 2, "one two-thread call"),
        (4, 64, "four calls with 64 threads"),
        (4, 5, "four calls with five threads"),
    ],
)
def test_words(calls: int, threads: int, words: str) -> None:
    assert in_words(calls, threads) == words
