from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from segrun.cli import run
from segrun.errors import ModelError
from segrun.face import Face, FaceHints, TensorSpec, face_of
from segrun.foreign_card import card_of_foreign
from tests.onnx_models import card

FLOAT, UINT8 = "tensor(float)", "tensor(uint8)"
DEEPNESS = {
    "model_type": '"Segmentor"', "class_names": '{"0": "background", "1": "roof"}', "resolution": "15",
    "tiles_size": "256", "tiles_overlap": "25", "seg_thresh": "0.4",
    "standardization_mean": "[0.5, 0.5, 0.5]", "standardization_std": "[0.25, 0.25, 0.25]",
}  # fmt: skip


def face(
    source: TensorSpec,
    target: TensorSpec,
    metadata: dict[str, str] | None = None,
    hints: FaceHints | None = None,
) -> Face:
    return face_of(
        [source], [target], card=None, metadata=metadata or {}, hints=hints or FaceHints(), where="model.onnx"
    )


def test_a_model_of_the_contract_is_fed_as_it_is() -> None:
    source, target = (
        TensorSpec("image", UINT8, (1, 64, 64, 3)),
        TensorSpec("score", "tensor(float)", (1, 64, 64, 1)),
    )
    found = face_of([source], [target], card=card(64), metadata={}, hints=FaceHints(), where="m")
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    assert found.feed(pixels) is pixels
    assert (found.tile, found.bands, found.classes) == (64, 3, 1)


def test_a_deepness_model_is_scaled_and_transposed_as_its_metadata_say() -> None:
    found = face(
        TensorSpec("x", FLOAT, ("b", 3, 256, 256)), TensorSpec("y", FLOAT, ("b", 2, 256, 256)), DEEPNESS
    )
    pixels = np.zeros((1, 256, 256, 3), np.uint8)
    pixels[0, 1, 2] = (255, 0, 51)
    fed = found.feed(pixels)
    assert fed.shape == (1, 3, 256, 256)
    assert fed.dtype == np.float32
    np.testing.assert_allclose(fed[0, :, 1, 2], [2.0, -2.0, -1.2], atol=1e-6)
    assert found.scores(np.zeros((1, 2, 256, 256), np.float32)).shape == (1, 256, 256, 2)
    made = card_of_foreign(found, DEEPNESS, "roads")
    assert [item.name for item in made.classes] == ["background", "roof"]
    assert made.thresholds == (0.0, 0.4)
    assert (made.gsd_cm, made.overlap_px) == (15.0, 64)


@pytest.mark.parametrize(
    ("source", "hints", "cure"),
    [
        (TensorSpec("x", FLOAT, (1, 64, 64, 3)), FaceHints(), "--input-scale"),
        (TensorSpec("x", UINT8, (1, "h", "w", 3)), FaceHints(), "--tile"),
        (TensorSpec("x", UINT8, (1, "a", "b", "c")), FaceHints(), "--layout"),
        (TensorSpec("x", UINT8, (1, 64, 48, 3)), FaceHints(), "square"),
        (TensorSpec("x", UINT8, (1, 64, 64, 3)), FaceHints(tile=128), "Use 64"),
        (TensorSpec("x", "tensor(int64)", (1, 64, 64, 3)), FaceHints(), "uint8, float"),
        (TensorSpec("x", UINT8, (1, 64)), FaceHints(), "four dimensions"),
    ],
)
def test_what_cannot_be_inferred_is_asked_for_by_name(
    source: TensorSpec, hints: FaceHints, cure: str
) -> None:
    with pytest.raises(ModelError, match=cure):
        face(source, TensorSpec("y", FLOAT, (1, 64, 64, 1)), hints=hints)


@pytest.mark.parametrize(
    ("source", "target", "layouts"),
    [
        (("n", 3, "h", "w"), ("n", 1, "h", "w"), ("nchw", "nchw")),
        (("n", 3, "h", "w"), (None, 2, None, None), ("nchw", "nchw")),
        (("n", 3, "h", "w"), ("n", "h", "w", 1), ("nchw", "nhwc")),
        (("n", "h", "w", 3), ("n", "h", "w", 2), ("nhwc", "nhwc")),
        (("n", 3, 256, 256), ("n", 1, "h", "w"), ("nchw", "nchw")),
        (("n", 3, 256, 256), ("n", 256, 256, 256), ("nchw", "nchw")),
        (("n", 256, 256, 3), ("n", 256, 256, 256), ("nhwc", "nhwc")),
        (("n", 256, 256, 3), ("n", 1, 256, 256), ("nhwc", "nchw")),
    ],
)
def test_classes_are_found_beside_sides_that_are_symbolic(
    source: tuple[int | str | None, ...], target: tuple[int | str | None, ...], layouts: tuple[str, str]
) -> None:
    found = face(TensorSpec("x", UINT8, source), TensorSpec("y", FLOAT, target), hints=FaceHints(tile=256))
    assert (found.layout, found.output_layout) == layouts
    assert (found.tile, found.classes) == (256, target[1 if layouts[1] == "nchw" else 3])


def test_a_dynamic_export_runs_with_the_tile_that_is_asked_for(tmp_path: Path) -> None:
    pixels, words = dynamic_run(tmp_path)
    assert run([*words, "--input-scale", "0.00392157"]) == 0
    mask = cv2.imread(str(tmp_path / "out/a.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, np.where(pixels[..., 0] >= 128, 255, 0))


def test_logits_are_not_taken_for_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pixels, words = dynamic_run(tmp_path)
    assert run([*words, "--input-scale", "-1"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("segrun: the model gives no scores in [0, 1]. Received: y from -255 to ")
    assert "--output-is logits" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out/a.png").exists()
    logits = ["--output-is", "logits", "--threshold", "0.4", "--overwrite"]
    assert run([*words, "--input-scale", "-1", *logits]) == 0
    mask = cv2.imread(str(tmp_path / "out/a.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, np.where(pixels[..., 0] == 0, 255, 0))


def test_only_a_foreign_model_is_watched_and_noise_is_cut_off() -> None:
    source, target = TensorSpec("image", UINT8, (1, 8, 8, 3)), TensorSpec("score", FLOAT, (1, 8, 8, 1))
    ours = face_of([source], [target], card=card(8), metadata={}, hints=FaceHints(), where="m")
    foreign = face(source, target, hints=FaceHints(layout="nhwc"))
    output = np.full((1, 8, 8, 1), 1.0005, np.float32)
    output[0, 0, 0] = -0.0005
    np.testing.assert_array_equal(ours.scores(output), output)
    assert (foreign.scores(output).min(), foreign.scores(output).max()) == (0, 1)
    output[0, 1, 1], output[0, 1, 2] = np.nan, np.inf
    assert (~np.isfinite(foreign.scores(output))).sum() == 2
    output[0, 2, 2] = -3
    with pytest.raises(ModelError, match="from -3 to 1"):
        foreign.scores(output)


def dynamic_run(folder: Path) -> tuple[NDArray[np.uint8], list[str]]:
    """Return a picture and the words that run a dynamic model on it, scale not included."""
    model = channels_first(folder / "dynamic.onnx")
    pixels = np.random.default_rng(0).integers(0, 256, (100, 90, 3), np.uint8)
    cv2.imwrite(str(folder / "a.png"), pixels[..., ::-1])
    words = ["predict", "--model", model, folder / "a.png", "-o", folder / "out", "--tile", "64", "--quiet"]
    return pixels, [str(word) for word in words]


def channels_first(path: Path) -> Path:
    """Write what torch exports with dynamic axes: float NCHW of any size; the output is the first band."""
    ends = {"first": [0], "after": [1], "axis": [1]}
    graph = helper.make_graph(
        [helper.make_node("Slice", ["x", *ends], ["y"])],
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in ends.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def test_an_output_of_another_size_is_refused() -> None:
    with pytest.raises(ModelError, match="one size"):
        face(TensorSpec("x", UINT8, (1, 64, 64, 3)), TensorSpec("y", FLOAT, (1, 48, 48, 1)))


def test_logits_become_scores() -> None:
    source, target = TensorSpec("x", UINT8, (1, 8, 8, 3)), TensorSpec("y", FLOAT, (1, 8, 8, 1))
    found = face(source, target, hints=FaceHints(layout="nhwc", ending="logits"))
    scores = found.scores(np.full((1, 8, 8, 1), 2.0, np.float32))
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-2.0)), rtol=1e-6)
    target = TensorSpec("y", FLOAT, (1, 8, 8, 3))
    found = face(source, target, hints=FaceHints(layout="nhwc", ending="logits"))
    scores = found.scores(np.random.default_rng(0).normal(0, 50, (1, 8, 8, 3)).astype(np.float32))
    np.testing.assert_allclose(scores.sum(axis=-1), 1.0, rtol=1e-5)


@pytest.mark.parametrize(
    "hints", [FaceHints(layout="nchw"), FaceHints(input_scale=0.1), FaceHints(ending="logits")]
)
def test_a_card_is_not_contradicted(hints: FaceHints) -> None:
    source, target = TensorSpec("image", UINT8, (1, 64, 64, 3)), TensorSpec("score", FLOAT, (1, 64, 64, 1))
    with pytest.raises(ModelError, match="Leave it out"):
        face_of([source], [target], card=card(64), metadata={}, hints=hints, where="m.onnx")


@pytest.mark.parametrize("scale", [0.0, float("nan"), float("inf")])
def test_a_scale_is_a_number(scale: float) -> None:
    source, target = TensorSpec("x", FLOAT, (1, 64, 64, 3)), TensorSpec("y", FLOAT, (1, 64, 64, 1))
    with pytest.raises(ModelError, match="other than 0"):
        face(source, target, hints=FaceHints(input_scale=scale))
