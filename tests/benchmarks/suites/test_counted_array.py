from __future__ import annotations

import types
from typing import Any

import numpy as np

from benchmarks.suites.counted_array import counted, counting


def module() -> Any:
    made = types.ModuleType("made")
    made.np = np  # type: ignore[attr-defined]
    return made


def test_a_stored_array_is_a_copy() -> None:
    made = module()
    with counting(made) as tally:
        target = made.np.empty((4, 4), np.uint8)
        target[1] = np.ones(4, np.uint8)
        target[2:] = target[:2]
    assert dict(tally) == {"copies": 2, "bytes_of_copies": 12}


def test_adding_in_place_is_a_computation_and_no_copy() -> None:
    made = module()
    with counting(made) as tally:
        rows = made.np.zeros((4, 4), np.float32)
        rows[:, 1:3] += np.ones((4, 2), np.float32)
    assert dict(tally) == {"computations": 1, "bytes_of_computations": 32}
    assert rows.sum() == 8


def test_a_view_costs_nothing() -> None:
    with counting(module()) as tally:
        counted(np.ones((4, 4)))[1:, ::2].transpose().reshape(6)[0].item()
    assert tally["copies"] == 0


def test_functions_that_make_arrays_are_copies() -> None:
    with counting(module()) as tally:
        pixels = counted(np.ones((2, 2, 3), np.uint8))
        np.pad(pixels, ((0, 2), (0, 2), (0, 0)), mode="reflect")
        np.concatenate([pixels, pixels])
        pixels.astype(np.float32)
        pixels.copy()
    assert tally["copies"] == 4
    assert tally["bytes_of_copies"] == 48 + 24 + 48 + 12


def test_numpy_is_put_back() -> None:
    made = module()
    with counting(made):
        pass
    assert made.np is np
