from __future__ import annotations

import subprocess
import sys

import numpy as np

from segrun.grid import Grid
from segrun.memory import MemoryPlan, peak_mib, plan_memory, resident_mib
from segrun.picture_cost import PictureCost


def planned(max_ram_mib: float | None, *, whole: bool = False, callers: int = 1) -> MemoryPlan:
    return plan_memory(
        Grid(40_000, 40_000, 256, 32),
        loaded_mib=100.0,
        batch=1,
        bands=3,
        classes=1,
        panel_width=4096,
        source=PictureCost.of(40_000, 40_000, bands=3, alpha=False, file_bytes=0) if whole else (512, 512),
        max_ram_mib=max_ram_mib,
        callers=callers,
    )


def test_without_a_bound_panels_are_as_wide_as_they_may_be() -> None:
    assert planned(None).panel_width == 4096


def test_a_bound_makes_panels_narrower_and_is_kept() -> None:
    free = planned(None).peak_mib
    bound = planned(free - 1)
    assert bound.panel_width < 4096
    assert bound.peak_mib <= free - 1


def test_what_cannot_fit_says_what_the_least_is() -> None:
    least = planned(1.0)
    assert least.panel_width == 512
    assert planned(least.peak_mib) == least


def test_a_picture_is_decoded_whole_and_has_one_panel() -> None:
    assert planned(1.0, whole=True).peak_mib > 100 + 40_000 * 40_000 * 6 / 2**20


def test_batches_that_wait_for_calls_side_by_side_count() -> None:
    # Three more callers, two batches of a tile's pixels and scores each.
    added = planned(None, callers=4).peak_mib - planned(None).peak_mib
    assert np.isclose(added, 3 * 2 * 256**2 * (3 + 4) / 2**20)


def test_height_does_not_count() -> None:
    def rows(height: int) -> float:
        return plan_memory(
            Grid(height, 5000, 256, 32), loaded_mib=0.0, batch=1, bands=3, classes=1,
            panel_width=4096, source=(512, 512), max_ram_mib=None,
        ).peak_mib  # fmt: skip

    assert rows(100_000) == rows(50_000)


def test_the_system_tells_what_is_held() -> None:
    assert 1 < resident_mib() <= peak_mib() * 1.01


def test_the_peak_is_ours_and_not_that_of_whoever_started_us() -> None:
    held = np.ones(300 * 2**20, np.uint8)
    code = "from segrun.memory import peak_mib; print(peak_mib())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 200 < held.nbytes / 2**20 < peak_mib()
