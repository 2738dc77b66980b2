from __future__ import annotations

from benchmarks.scaling.sweeps import KINDS, sweeps


def test_one_thing_varies_at_a_time_and_ascends() -> None:
    found = sweeps(256, 64, 4, quick=False)
    assert tuple(found) == KINDS
    for kind, points in found.items():
        values = [point.value(kind) for point in points]
        assert values == sorted(set(values))
        kept = {(p.side if kind != "pixels" else 0, p.tile if kind != "tile" else 0, p.batch if kind != "batch" else 0,
                 p.threads if kind != "threads" else 0) for p in points}  # fmt: skip
        assert len(kept) == 1
    assert [point.megapixels for point in found["pixels"]][::6] == [1.0, 400.0]
    assert [point.threads for point in found["threads"]] == [1, 2, 4]
    assert {point.overlap / point.tile for point in found["tile"]} == {0.25}


def test_quick_points_are_few_and_small() -> None:
    points = {point for group in sweeps(256, 64, 2, quick=True).values() for point in group}
    assert len(points) <= 8
    assert max(point.megapixels for point in points) < 3


def test_no_overlap_is_above_half_a_tile() -> None:
    assert max(point.overlap for point in sweeps(128, 32, 1, quick=False)["overlap"]) == 64
