from __future__ import annotations

import json

import pytest

from segrun.bench_report import BenchReport
from segrun.candidate import Candidate, Outcome
from segrun.timing import Timing

TIMING = Timing(10, 2, 100, 0.5, 40.0, 60.0, 80.0, {"RAPL package-0": 30.0})
GOOD = Outcome(Candidate("m/roofs.onnx", "cpu", 2, 2), "passed", "", 20.0, 123.4, TIMING)
PLAIN = Outcome(
    Candidate("m/roofs.onnx", "cpu", 1, 1), "unproven", "", 9.0, None, Timing(5, 1, 100, 1.0, 9.0, 9.0, 9.0)
)
ABSENT = Outcome(Candidate("m/roofs.onnx", "cuda", 2, 2), "absent", "pip install it")
FAILED = Outcome(Candidate("m/roofs.onnx", "openvino", 2, 2), "failed", "flipped")


def report(*outcomes: Outcome, asked_for: frozenset[str] = frozenset()) -> BenchReport:
    return BenchReport(outcomes, "Linux", 2, {"segrun": "1"}, asked_for)


def test_the_table_holds_the_figures() -> None:
    _, headings, row, absent, *_ = report(GOOD, ABSENT).lines()
    assert headings.split("  ")[0] == "file"
    assert row.split() == [
        "roofs.onnx", "cpu", "2", "2", "40.00", "60.00", "80.00", "40.0", "0.40", "123", "1.500", "10",
    ]  # fmt: skip
    assert absent.endswith("absent: pip install it")


def test_energy_is_named_or_said_to_be_missing() -> None:
    assert list(report(GOOD, PLAIN).lines())[-1].startswith("energy: RAPL package-0;")
    assert "not reported" in list(report(PLAIN).lines())[-1]
    assert report(PLAIN).as_json()["energy"] == "not reported"
    assert report(GOOD).as_json()["energy"] == ["RAPL package-0"]


def test_json_holds_rates_and_nothing_that_json_cannot_hold() -> None:
    found = json.loads(json.dumps(report(GOOD, ABSENT).as_json(), allow_nan=False))
    assert found["rows"][0]["mpx_per_s"] == 0.4
    assert found["rows"][0]["timing"]["p95_ms"] == 60.0
    assert found["rows"][1]["tiles_per_s"] is None


@pytest.mark.parametrize(
    ("outcomes", "asked_for", "code"),
    [
        ((GOOD, ABSENT), (), 0),
        ((GOOD, ABSENT), ("cuda",), 3),
        ((GOOD, FAILED), (), 3),
        ((ABSENT, FAILED), (), 1),
    ],
)
def test_exit_codes(outcomes: tuple[Outcome, ...], asked_for: tuple[str, ...], code: int) -> None:
    assert report(*outcomes, asked_for=frozenset(asked_for)).exit_code == code
