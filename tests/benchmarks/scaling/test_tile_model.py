from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.scaling.tile_model import with_tile
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import SessionOptions, open_session


def scores(path: Path, pixels: Any) -> Any:
    return open_session(ModelFile.read(path), SessionOptions("cpu", 1)).run(np.ascontiguousarray(pixels))


def test_a_copy_for_the_same_tile_is_the_same_network(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3), np.uint8)
    copy = with_tile(find_model("roofs"), 256, tmp_path / "copy.onnx")
    np.testing.assert_array_equal(scores(copy, pixels), scores(find_model("roofs"), pixels))


def test_a_copy_for_a_larger_tile_finds_what_the_original_finds(tmp_path: Path) -> None:
    path = with_tile(find_model("roofs"), 512, tmp_path / "large.onnx")
    file = ModelFile.read(path)
    file.verify_content()
    card = file.card()
    assert card is not None
    assert (card.tile, card.parity) == (512, None)
    # Four equal quarters: away from the borders each of them looks as it does alone.
    quarter = cv2.resize(np.random.default_rng(3).integers(0, 256, (8, 8, 3), np.uint8), (256, 256))[None]
    large = scores(path, np.tile(quarter, (1, 2, 2, 1)))
    alone = scores(find_model("roofs"), quarter)
    assert large.shape == (1, 512, 512, 1)
    inside = slice(64, 192)
    assert np.abs(large[:, inside, inside] - alone[:, inside, inside]).mean() < 0.05
