from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.suites.counters import Recorder, peak_kib
from segrun.pictures import read_picture


@pytest.mark.benchmark(group="decoding")
@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tif"])
def test_picture(
    benchmark: Any, record: Recorder, picture: npt.NDArray[np.uint8], tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"scene.{ending}"
    cv2.imwrite(str(path), picture[..., ::-1])
    found = benchmark(read_picture, path)
    assert found.pixels.shape == picture.shape
    # The file's own size is the encoder's affair and differs from processor to processor.
    peak = peak_kib(lambda: read_picture(path)) - path.stat().st_size // 1024
    record("python", "numpy", "opencv-python", peak_beyond_file_kib=peak, pixels=found.pixels[..., 0].size)
