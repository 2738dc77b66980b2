from __future__ import annotations

from typing import Any

import pytest

from segrun.predict_report import InputFailure, PredictReport


def facts(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "input": name, "mask": f"masks/{name}", "kind": "picture", "constant": None, "tiles": 2, "failed_tiles": 0,
        "pixels": {"background": 30, "roof": 10}, "area_m2": None, "warnings": [], **changes,
    }  # fmt: skip


def report(*inputs: dict[str, Any], **changes: Any) -> PredictReport:
    values: dict[str, Any] = {
        "inputs": inputs, "failures": (), "kept": 0, "seconds": 2.0, "engine": "cpu", "engine_reason": "as asked for",
        "engine_failure": None, "threads": 2, "batch": 1, "model": "roofs", "thresholds": (0.5,), "overlap": 32,
        "predicted_peak_mib": 100.0, "measured_peak_mib": 90.0,
    }  # fmt: skip
    return PredictReport(**{**values, **changes})


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (report(facts("a")), 0),
        (report(), 1),
        (report(facts("a"), failures=(InputFailure("b", "b is empty"),)), 3),
        (report(facts("a", failed_tiles=1)), 3),
        (report(facts("a"), engine_failure="gone"), 3),
    ],
)
def test_the_exit_code_says_all_some_or_none(made: PredictReport, code: int) -> None:
    assert made.exit_code == code
    assert made.as_json()["exit_code"] == code


def test_the_summary_names_count_rate_engine_and_area() -> None:
    ortho = facts("o.tif", kind="raster", area_m2={"background": 60.0, "roof": 1234.4})
    text = "\n".join(report(facts("a"), ortho, failures=(InputFailure("b", "b is empty"),)).lines())
    assert "2 masks; 1 inputs failed" in text
    assert "4 tiles in 2.0 s = 2.0 tiles/s on cpu, 2 threads" in text
    assert "roof: 25.0 % of the pixels, 1,234 m2" in text


def test_calls_side_by_side_are_told() -> None:
    made = report(facts("a"), callers=2)
    assert "on cpu, 2 threads, batch 1, 2 calls side by side (as asked for)" in "\n".join(made.lines())
    assert made.as_json()["callers"] == 2


def test_a_run_that_kept_everything_tells_no_rate() -> None:
    assert not any("tiles/s" in line for line in report(facts("a", kept=True), kept=1).lines())


def test_a_raster_of_one_class_is_odd_and_a_picture_is_not() -> None:
    assert report(facts("a", constant="background"), facts("b")).warnings == []
    assert "background throughout" in report(facts("o", kind="raster", constant="background")).warnings[0]
    assert "all 2 pictures" in report(*(facts(n, constant="background") for n in "ab")).warnings[0]


def test_tiles_of_an_earlier_run_are_not_counted() -> None:
    assert report(facts("a", kept=True), facts("b"), kept=1).tiles == 2
