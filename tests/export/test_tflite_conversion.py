from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segrun.card import ModelCard, ModelClass
from segrun.errors import ModelError
from segrun.golden import GoldenTiles
from segrun.model_file import ModelFile, content_sha256
from segrun.sessions import SessionOptions, open_session
from segrun_export.sealing import sealable
from segrun_export.silence import silenced
from segrun_export.tflite_conversion import tflite_from_keras, tflite_operators, with_tflite_metadata
from tests.export.conftest import small_unet


@pytest.fixture(scope="module")
def plain(unet: Any) -> bytes:
    return tflite_from_keras(unet)


def test_names_types_and_batch(plain: bytes) -> None:
    interpreter = pytest.importorskip("ai_edge_litert.interpreter", reason="ai-edge-litert is not installed")
    model = interpreter.Interpreter(model_content=plain)
    (signature,) = model.get_signature_list().values()
    assert signature == {"inputs": ["image"], "outputs": ["score"]}
    (image,), (score,) = model.get_input_details(), model.get_output_details()
    assert (image["dtype"], score["dtype"]) == (np.uint8, np.float32)
    assert image["shape_signature"].tolist() == [1, 64, 64, 3]


def test_the_runtime_keeps_the_fixed_batch(plain: bytes, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    path = tmp_path / "m.tflite"
    path.write_bytes(plain)
    session = open_session(ModelFile.read(path), SessionOptions(engine="litert", batch=4))
    assert session.batch == 1
    assert session.run(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 64, 64, 1)
    session.close()


def test_weights_of_a_model_that_was_never_saved_are_in_the_file(keras: Any) -> None:
    # From a fresh Keras model the converter's usual route silently leaves the weights out.
    model = small_unet(keras)
    content = tflite_from_keras(model)
    assert len(content) > 4 * model.count_params()
    assert not {"READ_VARIABLE", "VAR_HANDLE"} & tflite_operators(content).keys()


def test_nearest_upsampling_is_one_operator(keras: Any) -> None:
    layers = keras.layers
    image = keras.Input((16, 16, 3), dtype="uint8")
    x = layers.UpSampling2D(2)(layers.MaxPooling2D()(layers.Rescaling(1 / 255)(image)))
    model = keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))
    before = np.asarray(model(np.ones((1, 16, 16, 3), np.uint8)))
    operators = tflite_operators(tflite_from_keras(model))
    assert operators["RESIZE_NEAREST_NEIGHBOR"] == 1
    assert not {"TILE", "BROADCAST_TO"} & operators.keys()
    np.testing.assert_array_equal(np.asarray(model(np.ones((1, 16, 16, 3), np.uint8))), before)


def test_metadata_are_kept_and_replaced(plain: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(
        with_tflite_metadata(with_tflite_metadata(plain, {"a": "1", "b": "2"}), {"b": "ü" * 300})
    )
    metadata = ModelFile.read(path).metadata
    assert (metadata["a"], metadata["b"]) == ("1", "ü" * 300)


@pytest.mark.parametrize("file_format", ["onnx", "tflite"])
def test_sealing_again_keeps_the_content_hash(
    unet: Any, plain: bytes, tmp_path: Path, file_format: Any
) -> None:
    from segrun_export.onnx_conversion import onnx_from_keras

    content = plain if file_format == "tflite" else onnx_from_keras(unet)
    golden = GoldenTiles(np.zeros((2, 64, 64, 3), np.uint8), np.zeros((2, 64, 64, 1), np.uint16))
    sealed = sealable(content, file_format, ModelCard("m", 64, (ModelClass("a"),)), golden)
    certified = sealed.sealed(
        ModelCard(
            "m", 64, (ModelClass("a"),), content_sha256=sealed.card.content_sha256, parity={"passed": True}
        )
    )
    assert (
        content_sha256(certified) == content_sha256(sealed.sealed(sealed.card)) == sealed.card.content_sha256
    )
    path = tmp_path / "m"
    path.write_bytes(certified)
    file = ModelFile.read(path)
    file.verify_content()
    card = file.card()
    assert card is not None
    assert card.parity == {"passed": True}


def test_a_card_of_another_file_is_refused(plain: bytes) -> None:
    golden = GoldenTiles(np.zeros((2, 64, 64, 3), np.uint8), np.zeros((2, 64, 64, 1), np.uint16))
    sealed = sealable(plain, "tflite", ModelCard("m", 64, (ModelClass("a"),)), golden)
    with pytest.raises(ValueError, match="another file"):
        sealed.sealed(ModelCard("m", 64, (ModelClass("a"),)))


def test_a_layer_that_tflite_lacks_is_named(keras: Any) -> None:
    layers = keras.layers
    image = keras.Input((16, 16, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    real, _ = keras.ops.fft2((x, keras.ops.zeros_like(x)))
    with (
        silenced(),
        pytest.raises(ModelError, match=r"TFLite has no operator for \w+\). Use stock Keras layers"),
    ):
        tflite_from_keras(keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(real)))
