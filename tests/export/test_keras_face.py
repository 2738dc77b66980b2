from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segrun.errors import ModelError
from segrun_export.keras_face import KerasFace, face_of, load_keras


def one_layer(
    keras: Any, shape: tuple[int | None, ...], *, dtype: str = "uint8", last: str = "sigmoid"
) -> Any:
    image = keras.Input(shape, dtype=dtype)
    return keras.Model(
        image, keras.layers.Conv2D(1, 1, activation=last)(keras.layers.Rescaling(1 / 255)(image))
    )


def test_the_face_of_a_good_model(unet: Any) -> None:
    assert face_of(unet) == KerasFace(64, 3, 1, "sigmoid")


@pytest.mark.parametrize("ending", ["argument", "layer", "softmax layer"])
def test_the_activation_may_be_an_argument_or_a_layer(keras: Any, ending: str) -> None:
    layers = keras.layers
    image = keras.Input((8, 8, 3), dtype="uint8")
    logits = layers.Conv2D(2 if "softmax" in ending else 1, 1)(layers.Rescaling(1 / 255)(image))
    if ending == "argument":
        output = layers.Conv2D(1, 1, activation="sigmoid")(logits)
    else:
        output = layers.Softmax()(logits) if "softmax" in ending else layers.Activation("sigmoid")(logits)
    assert face_of(keras.Model(image, output)).activation == ("softmax" if "softmax" in ending else "sigmoid")


def test_a_model_inside_a_model_is_seen_through(keras: Any) -> None:
    inner = one_layer(keras, (8, 8, 3))
    image = keras.Input((8, 8, 3), dtype="uint8")
    assert face_of(keras.Model(image, inner(image))) == KerasFace(8, 3, 1, "sigmoid")
    assert face_of(keras.Sequential([keras.Input((8, 8, 3), dtype="uint8"), inner])).activation == "sigmoid"


def test_a_dynamic_size_is_refused(keras: Any) -> None:
    with pytest.raises(ModelError, match=r"Received: \[n, n, n, 3\]"):
        face_of(one_layer(keras, (None, None, 3)))


def test_an_oblong_size_is_refused(keras: Any) -> None:
    with pytest.raises(ModelError, match="fixed square input"):
        face_of(one_layer(keras, (64, 128, 3)))


def test_a_float_input_is_refused_with_the_cure(keras: Any) -> None:
    with pytest.raises(ModelError, match=r"Received: float32 input. Put keras.Input\(..., dtype='uint8'\)"):
        face_of(one_layer(keras, (64, 64, 3), dtype="float32"))


def test_logits_are_refused(keras: Any) -> None:
    with pytest.raises(ModelError, match=r"ends in sigmoid. Received: linear in the last layer"):
        face_of(one_layer(keras, (64, 64, 3), last="linear"))


def test_several_inputs_are_refused(keras: Any) -> None:
    layers = keras.layers
    both = [keras.Input((8, 8, 3), dtype="uint8") for _ in range(2)]
    output = layers.Conv2D(1, 1, activation="sigmoid")(layers.Concatenate()(both))
    with pytest.raises(ModelError, match="2 inputs, 1 outputs"):
        face_of(keras.Model(both, output))


def test_an_output_of_another_size_is_refused(keras: Any) -> None:
    image = keras.Input((8, 8, 3), dtype="uint8")
    output = keras.layers.Conv2D(1, 2, strides=2, activation="sigmoid")(
        keras.layers.Rescaling(1 / 255)(image)
    )
    with pytest.raises(ModelError, match=r"output \[n, 4, 4, 1\]"):
        face_of(keras.Model(image, output))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_keras_model_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"m\.keras is not a .keras file") as caught:
        load_keras(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot find"):
        load_keras(tmp_path / "none.keras")


def test_a_truncated_model_is_a_model_error(unet_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.keras"
    path.write_bytes(unet_file.read_bytes()[:-2000])
    with pytest.raises(ModelError, match=r"cut\.keras is not a .keras file, or cut off"):
        load_keras(path)


def test_a_layer_of_the_users_own_is_named(keras: Any, tmp_path: Path) -> None:
    own = type("Odd", (keras.layers.Layer,), {"call": lambda _self, x: x * 2})
    image = keras.Input((8, 8, 3), dtype="uint8")
    keras.Model(image, own()(keras.layers.Rescaling(1 / 255)(image))).save(tmp_path / "own.keras")
    with pytest.raises(ModelError, match="it holds Odd, which stock Keras does not know") as caught:
        load_keras(tmp_path / "own.keras")
    assert "\n" not in str(caught.value)
