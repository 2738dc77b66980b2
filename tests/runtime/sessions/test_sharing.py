from __future__ import annotations

import pytest

from segrun.sessions.sharing import MOST_CALLERS, callers_for, in_words, shares


@pytest.mark.parametrize("engine", ["auto", "cpu", "litert"])
def test_every_thread_calls_until_there_are_enough(engine: str) -> None:
    assert [callers_for(engine, threads, 1) for threads in (1, 2, 3, 4, 5, 16)] == [
        1,
        2,
        3,
        4,
        4,
        MOST_CALLERS,
    ]


@pytest.mark.parametrize(("engine", "batch"), [("cpu", 2), ("openvino", 1), ("cuda", 1)])
def test_one_call_that_fills_the_engine_is_enough(engine: str, batch: int) -> None:
    assert callers_for(engine, 8, batch) == 1


@pytest.mark.parametrize(
    ("threads", "callers", "wanted"),
    [(2, 2, [1, 1]), (5, 4, [2, 1, 1, 1]), (7, 4, [2, 2, 2, 1]), (8, 1, [8]), (1, 2, [1, 1])],
)
def test_no_thread_is_left_over(threads: int, callers: int, wanted: list[int]) -> None:
    assert shares(threads, callers) == wanted


def test_words() -> None:
    assert in_words("cpu", 1, 4, 1) == "cpu, 1 thread, batch 4"
    assert in_words("litert", 5, 1, 4) == "litert, 5 threads, batch 1, 4 calls side by side"
