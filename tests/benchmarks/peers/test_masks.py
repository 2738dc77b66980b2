from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.peers.masks import agreement, likeness, read_mask


def written(path: Path, mask: list[list[int]]) -> Path:
    assert cv2.imwrite(str(path), np.array(mask, np.uint8))
    return path


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_masks_are_compared_with_the_reference_and_the_truth(tmp_path: Path) -> None:
    pytest.importorskip("rasterio", reason="rasterio, the geo extra, is not installed")
    ours = written(tmp_path / "ours.tif", [[0, 1, 1, 1]])
    theirs = written(tmp_path / "theirs.tif", [[0, 0, 1, 1]])
    truth = written(tmp_path / "truth.tif", [[0, 0, 0, 255]])
    found = agreement({"ours": ours, "theirs": theirs}, "ours", truth)
    assert found["ours"] == pytest.approx({"reference": 1.0, "truth": 1 / 3, "positive": 0.75})
    assert found["theirs"] == pytest.approx({"reference": 2 / 3, "truth": 1 / 2, "positive": 0.5})
    assert "truth" not in agreement({"ours": ours}, "ours", None)["ours"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_no_data_is_background_in_a_mask_and_the_class_in_a_truth(tmp_path: Path) -> None:
    pytest.importorskip("rasterio", reason="rasterio, the geo extra, is not installed")
    marked = written(tmp_path / "marked.tif", [[0, 255, 1, 2]])
    assert read_mask(marked, nodata_is=1).tolist() == [[0, 1, 1, 2]]
    assert read_mask(marked, nodata_is=0).tolist() == [[0, 0, 1, 2]]
    # A mask of nothing but ground and no data has no value that tells it from a truth.
    ours = written(tmp_path / "ours.tif", [[0, 0, 0, 255]])
    truth = written(tmp_path / "truth.tif", [[0, 0, 255, 255]])
    assert agreement({"ours": ours}, "ours", truth)["ours"] == {
        "reference": 1.0,
        "truth": 0.0,
        "positive": 0.0,
    }


def test_two_masks_of_nothing_are_the_same() -> None:
    nothing, something = np.zeros((2, 2), np.uint8), np.eye(2, dtype=np.uint8)
    assert (likeness(nothing, nothing), likeness(nothing, something)) == (1.0, 0.0)
