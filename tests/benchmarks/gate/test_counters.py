from __future__ import annotations

import json
from typing import Any

from benchmarks.gate.counters import Counters, compare
from benchmarks.gate.exact import KEPT


def counters(numpy: str = "2.4.6", skipped: dict[str, str] | None = None, **counts: Any) -> Counters:
    entry = {"depends_on": ["numpy"], "counts": {"tiles": 35, "copies": 12, "packages": ["cv2"], **counts}}
    return Counters.from_json(
        {"versions": {"numpy": numpy}, "benchmarks": {"cutting/mosaic": entry}, "skipped": skipped or {}}
    )


def without(skipped: dict[str, str] | None = None) -> Counters:
    return Counters({}, {"numpy": "2.4.6"}, skipped or {})


def test_equal_counts_pass() -> None:
    outcome = compare(counters(), counters())
    assert outcome
    assert outcome.compared == 1


def test_a_change_is_told_with_its_size() -> None:
    outcome = compare(counters(), counters(copies=18, tiles=34))
    assert not outcome
    assert outcome.differences == (
        "cutting/mosaic: copies 12 -> 18 (+50.0 %)",
        "cutting/mosaic: tiles 35 -> 34 (-2.9 %)",
    )


def test_fewer_is_a_change_too() -> None:
    assert not compare(counters(), counters(copies=11))


def test_memory_may_differ_by_what_python_itself_takes() -> None:
    assert compare(counters(peak_kib=3170), counters(peak_kib=3171))
    assert not compare(counters(peak_kib=3170), counters(peak_kib=3190))


def test_names_that_come_and_go_are_told() -> None:
    outcome = compare(counters(), counters(packages=["rasterio"]))
    assert outcome.differences == ("cutting/mosaic: packages -cv2, +rasterio",)


def test_a_count_that_is_new_is_a_change() -> None:
    assert compare(counters(), counters(strips=5)).differences == ("cutting/mosaic: strips not counted -> 5",)


def test_another_version_is_said_and_not_judged() -> None:
    outcome = compare(counters(), counters(numpy="2.5.0", copies=18))
    assert outcome
    assert outcome.compared == 0
    assert "numpy 2.5.0 (committed with 2.4.6)" in outcome.notes[0]


def test_equal_counts_of_another_version_are_compared() -> None:
    assert compare(counters(), counters(numpy="2.5.0")).compared == 1


def test_a_benchmark_that_is_gone_or_new_fails() -> None:
    assert "no suite has it" in compare(counters(), without()).differences[0]
    assert "not committed" in compare(without(), counters()).differences[0]


def test_a_skipped_benchmark_is_said_and_stays_in_the_file() -> None:
    skipped = without({"cutting/mosaic": "no engine"})
    outcome = compare(counters(), skipped)
    assert outcome
    assert outcome.notes == ("cutting/mosaic: no engine",)
    assert "cutting/mosaic" in skipped.kept_from(counters()).benchmarks


def test_the_committed_file_is_read_and_written_alike() -> None:
    text = KEPT.read_text(encoding="utf-8")
    kept = Counters.from_json(json.loads(text))
    assert json.dumps(kept.as_json(), indent=2) + "\n" == text
    assert all(entry.counts for entry in kept.benchmarks.values())
    groups = {name.partition("/")[0] for name in kept.benchmarks}
    assert groups == {
        "cutting", "stitching", "thresholding", "decoding", "session", "end-to-end-folder",
        "end-to-end-geotiff", "start-up", "export-conversion", "training-step",
    }  # fmt: skip
