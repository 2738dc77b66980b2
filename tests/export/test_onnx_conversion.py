from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from segrun.errors import ModelError
from segrun_export.keras_face import in_float32
from segrun_export.onnx_conversion import onnx_from_keras, operator_counts

TILE = 64


def difference(model: Any, content: bytes) -> float:
    pixels = np.random.default_rng(0).integers(0, 256, (3, TILE, TILE, 3), np.uint8)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    scores = session.run(["score"], {"image": pixels})[0]
    assert scores.dtype == np.float32
    assert scores.std() > 1e-4
    return float(np.abs(scores - np.asarray(model(pixels, training=False))).max())


def test_names_opset_shapes_and_symbolic_batch(unet: Any) -> None:
    model = onnx.load_from_string(onnx_from_keras(unet))
    onnx.checker.check_model(model, full_check=True)
    assert [(item.domain, item.version) for item in model.opset_import] == [("", 17)]
    (image,), (score,) = model.graph.input, model.graph.output
    assert (image.name, score.name) == ("image", "score")
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert score.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    dims = [
        [dim.dim_param or dim.dim_value for dim in item.type.tensor_type.shape.dim] for item in (image, score)
    ]
    assert dims == [["n", 64, 64, 3], ["n", 64, 64, 1]]


def test_the_trained_network_computes_the_same_and_keeps_one_transpose(unet: Any) -> None:
    content = onnx_from_keras(unet)
    assert difference(unet, content) <= 1e-5
    counts = operator_counts(content)
    assert counts["Transpose"] == 1
    assert "BatchNormalization" not in counts
    # One scaling; the batch normalisation went into its convolution.
    assert counts["Mul"] == 1


def network(keras: Any, middle: Callable[[Any, Any], Any], classes: int = 1) -> Any:
    """Build scaling, ``middle``, and the scores; weights are random, batch statistics too."""
    layers = keras.layers
    image = keras.Input((TILE, TILE, 3), dtype="uint8")
    x = middle(layers, layers.Rescaling(1 / 127.5, offset=-1)(image))
    last = layers.Conv2D(classes, 1, activation="sigmoid" if classes == 1 else "softmax", dtype="float32")
    model = keras.Model(image, last(x))
    rng = np.random.default_rng(1)
    model.set_weights(
        [np.abs(w + rng.normal(0, 0.2, w.shape)).astype(np.float32) for w in model.get_weights()]
    )
    return model


def after_stride(layers: Any, x: Any, up: Any) -> Any:
    return up(layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x))


MIDDLES: dict[str, tuple[Callable[[Any, Any], Any], int]] = {
    "transposed 2x2": (lambda kl, x: after_stride(kl, x, kl.Conv2DTranspose(8, 2, strides=2)), 1),
    "transposed 3x3": (
        lambda kl, x: after_stride(kl, x, kl.Conv2DTranspose(8, 3, strides=2, padding="same")),
        1,
    ),
    "nearest": (lambda kl, x: after_stride(kl, x, kl.UpSampling2D(2)), 1),
    "bilinear": (lambda kl, x: after_stride(kl, x, kl.UpSampling2D(2, interpolation="bilinear")), 1),
    "norm after": (lambda kl, x: kl.ReLU()(kl.BatchNormalization()(kl.Conv2D(8, 3, padding="same")(x))), 1),
    "norm before": (lambda kl, x: kl.Conv2D(8, 3, padding="same")(kl.ReLU()(kl.BatchNormalization()(x))), 1),
    "norm after transposed": (
        lambda kl, x: kl.BatchNormalization()(kl.Conv2DTranspose(8, 3, padding="same")(x)),
        1,
    ),
    "separable": (lambda kl, x: kl.BatchNormalization()(kl.SeparableConv2D(8, 3, padding="same")(x)), 1),
    "depthwise": (lambda kl, x: kl.BatchNormalization()(kl.DepthwiseConv2D(3, padding="same")(x)), 1),
    "residual": (lambda kl, x: kl.Add()([x, kl.Conv2D(3, 3, padding="same")(x)]), 1),
    "silu": (lambda kl, x: kl.Conv2D(8, 3, padding="same", activation="silu")(x), 1),
    "softmax": (lambda kl, x: kl.Conv2D(8, 3, padding="same", activation="relu")(x), 4),
}


@pytest.mark.parametrize("name", MIDDLES)
def test_stock_layers_compute_the_same(keras: Any, name: str) -> None:
    middle, classes = MIDDLES[name]
    model = network(keras, middle, classes)
    content = onnx_from_keras(model)
    assert difference(model, content) <= 1e-5
    # One for the layout of the input; one for the output, where one channel is no mere reshape.
    assert operator_counts(content)["Transpose"] == (1 if classes == 1 else 2)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16"])
@pytest.mark.usefixtures("float32_after")
def test_a_model_of_reduced_precision_exports_as_float32(keras: Any, policy: str) -> None:
    keras.config.set_dtype_policy(policy)
    reduced = network(keras, MIDDLES["norm after"][0])
    keras.config.set_dtype_policy("float32")
    model = in_float32(reduced)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    content = onnx_from_keras(model)
    assert difference(model, content) <= 1e-5
    kinds = {item.data_type for item in onnx.load_from_string(content).graph.initializer}
    assert onnx.TensorProto.FLOAT16 not in kinds


def test_a_layer_that_onnx_lacks_is_a_model_error(keras: Any) -> None:
    def fft(_layers: Any, x: Any) -> Any:
        real, _ = keras.ops.fft2((x, keras.ops.zeros_like(x)))
        return real

    with pytest.raises(ModelError, match=r"Use stock Keras layers|Replace that layer"):
        onnx_from_keras(network(keras, fft))


def test_the_notebooks_network_converts_in_bounded_memory() -> None:
    """Its 31.1 M parameters took tf2onnx's usual route 7.6 GB; a process of its own shows the peak."""
    script = """
        import resource, sys
        from segrun_export.keras_face import import_keras
        from segrun_export.onnx_conversion import onnx_from_keras, operator_counts
        keras = import_keras()
        L = keras.layers
        def block(x, filters):
            x = L.Conv2D(filters, 3, padding="same", activation="relu")(x)
            return L.Conv2D(filters, 3, padding="same", activation="relu")(L.Dropout(0.3)(x))
        image = keras.Input((256, 256, 3), dtype="uint8")
        x, skips = L.Rescaling(1 / 255)(image), []
        for filters in (16, 32, 64, 128, 256, 512):
            skips.append(block(x, filters))
            x = L.MaxPooling2D()(skips[-1])
        x = block(x, 1024)
        for filters in (512, 256, 128, 64, 32, 16):
            x = L.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
            x = block(L.Concatenate()([x, skips.pop()]), filters)
        model = keras.Model(image, L.Conv2D(1, 1, activation="sigmoid")(x))
        assert model.count_params() == 31_110_001
        content = onnx_from_keras(model)
        counts = operator_counts(content)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(len(content), counts["Transpose"], sum(counts.values()), peak)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    size, transposes, nodes, peak_gib = (float(word) for word in done.stdout.split())
    assert size == pytest.approx(31_110_001 * 4, rel=1e-3)
    assert transposes == 1
    assert nodes <= 77
    assert peak_gib <= 3
