from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest

from segrun.card import ModelCard, ModelClass
from segrun.errors import ModelError
from segrun.lint import lint
from segrun_export import Facts, export
from segrun_export.onnx_conversion import onnx_from_keras
from segrun_export.profile_deepness import deepness_onnx, deepness_reference, deepness_thresholds
from segrun_export.variants import DEEPNESS
from tests.export.conftest import Drawn, drawn_pair, small_unet


def card_of(threshold: float, **changes: Any) -> ModelCard:
    return ModelCard("squares", 64, (ModelClass("square", threshold),), gsd_cm=30.0, overlap_px=8, **changes)


def run_onnx(content: bytes, pixels: Any) -> Any:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    scaled = pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255
    return session.run(None, {"input": scaled})[0]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_largest_channel_is_our_mask(unet: Any, share: float) -> None:
    pixels = np.stack([drawn_pair(seed)[0] for seed in range(4)])
    keras = np.asarray(unet(pixels, training=False))
    # A share of the surest score: how sure the little network got differs from machine to machine.
    threshold = share * float(keras.max())
    card = card_of(threshold)
    output = run_onnx(deepness_onnx(onnx_from_keras(unet), card), pixels)
    assert output.shape == (4, 2, 64, 64)
    ours = keras[..., 0] >= threshold
    assert 0 < ours.mean() < 1
    assert ((output.argmax(axis=1) == 1) != ours).mean() <= 1e-4
    expected = deepness_reference(keras, card).transpose(0, 3, 1, 2)
    assert float(np.abs(output - expected).max()) <= 1e-4


def test_softmax_channels_stay_as_they_are(keras: Any) -> None:
    model = small_unet(keras, classes=3)
    classes = (ModelClass("ground", 0.0), ModelClass("a", 0.4), ModelClass("b", 0.4))
    card = ModelCard("m", 64, classes, activation="softmax", gsd_cm=10.0)
    pixels = np.stack([drawn_pair(0)[0]])
    output = run_onnx(deepness_onnx(onnx_from_keras(model), card), pixels)
    assert float(np.abs(output - np.asarray(model(pixels)).transpose(0, 3, 1, 2)).max()) <= 1e-5
    assert deepness_thresholds(card) == (0.0, 0.4, 0.4)


def test_several_thresholds_are_refused(keras: Any) -> None:
    classes = (ModelClass("ground", 0.0), ModelClass("a", 0.4), ModelClass("b", 0.6))
    card = ModelCard("m", 64, classes, activation="softmax", gsd_cm=10.0)
    with pytest.raises(ModelError, match=r"one threshold for all classes. Received: \[0.4, 0.6\]"):
        deepness_onnx(onnx_from_keras(small_unet(keras, classes=3)), card)


def test_an_unknown_ground_sampling_distance_is_asked_for(
    unet_file: Path, drawn: Drawn, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="--gsd-cm"):
        export(unet_file, drawn.pairs, tmp_path / "dist", variants=[DEEPNESS], tiles=4)
    assert not (tmp_path / "dist").exists()


@pytest.fixture(scope="module")
def exported(unet_file: Path, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("deepness")
    facts = Facts(classes=("square",), thresholds=(0.35,), gsd_cm=30.0)
    assert export(unet_file, drawn.pairs, out, facts=facts, variants=[DEEPNESS], tiles=4)
    return out / "squares.deepness.onnx"


def test_lint_finds_nothing_for_deepness(exported: Path) -> None:
    assert [item.message for item in lint(exported) if item.target == "deepness"] == []


def test_geodeep_runs_the_file_unchanged(exported: Path, unet: Any, tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="rasterio, the geo extra, is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        geodeep = pytest.importorskip("geodeep", reason="geodeep, of the dev extra, is not installed")
        picture, _ = drawn_pair(3, size=64)
        path = tmp_path / "scene.tif"
        profile = {
            "driver": "GTiff", "width": 64, "height": 64, "count": 3, "dtype": "uint8", "crs": "EPSG:32633",
            "transform": rasterio.transform.from_origin(500000, 5000000, 0.3, 0.3), "photometric": "RGB",
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as raster:
            raster.write(picture.transpose(2, 0, 1))
        logging.getLogger("geodeep").setLevel(logging.ERROR)
        mask = geodeep.segment(str(path), str(exported), output_type="raw")
    ours = (np.asarray(unet(picture[None], training=False))[0, ..., 0] >= 0.35).astype(np.uint8)
    assert 0.05 < ours.mean() < 0.95
    # GeoDeep smooths every mask with a median of 5; nothing but that stands between the two.
    inside = (slice(2, -2), slice(2, -2))
    np.testing.assert_array_equal(mask[inside], cv2.medianBlur(ours, 5)[inside])
