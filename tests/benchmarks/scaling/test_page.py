from __future__ import annotations

from pathlib import Path

from benchmarks.alternating import Alternation, ProcessCost
from benchmarks.scaling.page import Findings, draw_plots, page
from benchmarks.scaling.sweeps import Point, sweeps


def findings(*, bent: float = 0.0, leak: float = 0.0, quick: bool = False) -> Findings:
    groups = sweeps(256, 64, 2, quick=quick)
    points = {point.name: point for group in groups.values() for point in group}

    def cost(point: Point) -> ProcessCost:
        wall = 1 + 0.5 * point.megapixels + bent * point.megapixels**2
        return ProcessCost(wall, wall, 0.0, 200.0 + leak * point.megapixels)

    calls = {name: point.threads if point.batch == 1 else 1 for name, point in points.items()}
    return Findings(groups, Alternation({name: (cost(point),) * 3 for name, point in points.items()}), calls)


def text(found: Findings) -> str:
    return page(found, hardware="2 processors", model="roofs", command="make bench-scaling")


def test_a_line_and_flat_memory_reach_the_targets() -> None:
    said = text(findings())
    assert "| time = 1.00 s + 0.500 s for each Mpx | R2 = 1.0000 | >= 0.99: reached |" in said
    assert "| peak memory at 400 Mpx / at 16.78 Mpx | 1.000 | <= 1.1: reached |" in said
    assert "| 400 | two one-thread calls | 10816 | 134.00 | 134.00 | 201.00 | 18.6 | 200 |" in said


def test_who_shares_the_threads_is_said() -> None:
    said = text(findings())
    assert "| 16.78 | two one-thread calls |" in said
    batches = said.split("## Batch")[1].splitlines()
    assert batches[4].startswith("| 1 | two one-thread calls |")
    assert batches[5].startswith("| 2 | one two-thread call |")
    assert "with one tile in a call segrun shares its threads out" in said


def test_a_curve_and_a_leak_miss_them() -> None:
    assert "MISSED" in text(findings(bent=0.01)).split("R2")[1].splitlines()[0]
    assert "| 1.561 | <= 1.1: MISSED |" in text(findings(leak=0.3))


def test_a_quick_run_says_nothing_of_memory_and_is_drawn(tmp_path: Path) -> None:
    assert "peak memory at" not in text(findings(quick=True))
    draw_plots(findings(quick=True), tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")
