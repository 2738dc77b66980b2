from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.bench_chart import BLUE, VERMILLION, draw_chart, write_chart
from segrun.bench_report import BenchReport
from segrun.candidate import Candidate, Outcome
from segrun.errors import OutputError
from segrun.timing import Timing


def outcome(name: str, ms: float) -> Outcome:
    timing = Timing(10, 1, 256, ms / 100, ms, 1.5 * ms, 2 * ms)
    return Outcome(Candidate(name, "cpu", 2, 1), "passed", "", ms, 100.0, timing)


def report(*outcomes: Outcome) -> BenchReport:
    return BenchReport(outcomes, "Linux", 2, {"segrun": "1", "numpy": "2"})


def lengths(chart: np.ndarray, colour: tuple[int, int, int]) -> list[int]:
    """Return the longest run of a colour in each group of rows that holds it."""
    rows = (np.abs(chart.astype(int) - colour).max(axis=2) < 8).sum(axis=1)
    found: list[int] = []
    inside = False
    for count in rows:
        if count > 20:
            found = [*found[:-1], max(found[-1], int(count))] if inside else [*found, int(count)]
        inside = count > 20
    return found


def test_bars_are_as_long_as_the_figures_say() -> None:
    chart = draw_chart(report(outcome("fast.onnx", 10.0), outcome("slow.onnx", 20.0)))
    fast, slow = lengths(chart, BLUE)
    assert fast / slow == pytest.approx(2.0, rel=0.03)
    fast, slow = lengths(chart, VERMILLION)
    assert fast / slow == pytest.approx(0.5, rel=0.05)


def test_long_names_stay_out_of_the_bars() -> None:
    plain = draw_chart(report(outcome("a.onnx", 10.0)))
    long = draw_chart(report(outcome("a" * 200 + ".onnx", 10.0)))
    bars = slice(420, None)
    np.testing.assert_array_equal(plain[:, bars], long[:, bars])
    assert (plain != long).any()


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        draw_chart(report(Outcome(Candidate("a", "cuda", 1, 1), "absent", "not here")))


def test_the_file_is_a_png_and_a_bad_place_is_named(tmp_path: Path) -> None:
    write_chart(report(outcome("a.onnx", 10.0)), tmp_path / "chart.png")
    read = cv2.imread(str(tmp_path / "chart.png"))
    assert read is not None
    np.testing.assert_array_equal(read[..., ::-1], draw_chart(report(outcome("a.onnx", 10.0))))
    with pytest.raises(OutputError, match="--chart"):
        write_chart(report(outcome("a.onnx", 10.0)), tmp_path / "none" / "chart.png")
