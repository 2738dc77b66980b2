from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from segrun_train.networks import NETWORKS, build

SMALL: dict[str, dict[str, Any]] = {
    "unet": {},
    "unet-residual": {"base": 4},
    "unet-attention": {"base": 4},
    "unet-lite": {"widths": (4, 8, 8, 8, 8)},
}


@pytest.fixture(autouse=True)
def _fresh_names() -> Iterator[None]:
    yield
    keras.config.set_dtype_policy("float32")
    keras.backend.clear_session()


def test_the_notebooks_network_has_its_parameters() -> None:
    model = build("unet", 256, 3, 1)
    assert model.count_params() == 31_110_001
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert [layer.rate for layer in dropouts] == [0.3] * 12
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
    filters = [layer.filters for layer in model.layers if type(layer) is keras.layers.Conv2D]
    assert filters[:14] == [16, 16, 32, 32, 64, 64, 128, 128, 256, 256, 512, 512, 1024, 1024]


def test_the_edge_network_fits_into_six_megabytes_with_its_golden_tiles() -> None:
    assert build("unet-lite", 256, 3, 1).count_params() * 4 < 6_000_000 - 262_144 - 100_000


@pytest.mark.parametrize("name", sorted(NETWORKS))
@pytest.mark.parametrize(("bands", "classes"), [(3, 1), (1, 3), (5, 1)])
def test_every_network_wears_the_deployed_face(name: str, bands: int, classes: int) -> None:
    model = build(name, 64, bands, classes, **SMALL[name])
    assert [tensor.name for tensor in model.inputs] == ["image"]
    assert model.inputs[0].dtype == "uint8"
    assert model.inputs[0].shape == (None, 64, 64, bands)
    assert model.output_names == ["score"]
    assert model.outputs[0].dtype == "float32"
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, bands), np.uint8)
    scores = np.asarray(model.predict_on_batch(pixels))
    assert scores.shape == (2, 64, 64, classes)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert scores.std() > 0
    if classes > 1:
        np.testing.assert_allclose(scores.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_every_network_loads_without_our_code(name: str, tmp_path: Path) -> None:
    model = build(name, 64, 3, 1, **SMALL[name])
    model.save(tmp_path / "model.keras")
    assert {type(layer).__module__.partition(".")[0] for layer in model.layers} == {"keras"}
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    pixels = np.full((1, 64, 64, 3), 130, np.uint8)
    np.testing.assert_array_equal(loaded.predict_on_batch(pixels), model.predict_on_batch(pixels))


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_scores_stay_float32_under_mixed_precision(name: str) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build(name, 64, 3, 1, **SMALL[name])
    assert model.outputs[0].dtype == "float32"
    assert any(layer.compute_dtype == "bfloat16" for layer in model.layers)


def test_a_tile_that_cannot_be_halved_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"multiple of 64 for unet\. Received: tile=250\. Use 256\."):
        build("unet", 250, 3, 1)


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="unet-lite"):
        build("vnet", 256, 3, 1)
