from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.card import ModelClass
from segrun.errors import EngineError, InputError, ModelError
from segrun.face import FaceHints
from segrun.run_record import RunRecord
from segrun_train.evaluate import EvaluateOptions, evaluate
from segrun_train.evaluate_choice import PictureChoice
from tests.onnx_models import card, identity_graph, write_model
from tests.train.drawn_pairs import draw_pairs

keras = pytest.importorskip("keras", reason="Keras is not installed")
Folders = tuple[list[Path], list[Path]]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    images, masks = draw_pairs(tmp_path, 5, alpha=True)
    return [images], [masks]


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    return write_model(tmp_path / "identity.onnx", identity_graph(32), card(32))


def small_model(path: Path, *, classes: int = 1, dtype: str = "uint8") -> Path:
    layers = keras.layers
    image = keras.Input((32, 32, 3), dtype=dtype, name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.Rescaling(1 / 255)(image))
    activation = "sigmoid" if classes == 1 else "softmax"
    keras.Model(image, layers.Conv2D(classes, 1, activation=activation)(x)).save(path)
    return path


def read(path: Path, how: int) -> NDArray[np.uint8]:
    stored = cv2.imread(str(path), how)
    assert stored is not None
    return np.asarray(stored, np.uint8)


def test_the_figures_are_those_of_the_masks_counted_by_hand(identity: Path, folders: Folders) -> None:
    report = evaluate(identity, *folders, EvaluateOptions(thresholds=(0.5,)))
    both = either = valid_both = valid_either = 0
    for image in sorted(folders[0][0].glob("*.png")):
        stored = read(image, cv2.IMREAD_UNCHANGED)
        said = (stored[..., 2] >= 127.5) & (stored[..., 3] > 0)
        true = read(folders[1][0] / image.name, cv2.IMREAD_GRAYSCALE) > 127
        known = stored[..., 3] > 0
        both, either = both + (said & true).sum(), either + (said | true).sum()
        valid_both += (said & true & known).sum()
        valid_either += ((said | true) & known).sum()
    (all_pixels,), (valid_pixels,) = report.all_pixels, report.valid_pixels
    assert all_pixels.at_threshold.iou == pytest.approx(both / either) == report.mean_iou
    assert valid_pixels.at_threshold.iou == pytest.approx(valid_both / valid_either)
    assert valid_pixels.at_threshold.pixels < all_pixels.at_threshold.pixels == 5 * 48 * 52
    assert all_pixels.at_best.iou >= all_pixels.at_threshold.iou
    assert [p.badness() for p in report.pictures] == sorted(p.badness() for p in report.pictures)
    assert (report.engine, report.exit_code, report.trained) == ("cpu", 0, 0)


def test_keras_onnx_and_tflite_go_the_same_way(tmp_path: Path, folders: Folders) -> None:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    from segrun_export.onnx_conversion import onnx_from_keras
    from segrun_export.silence import silenced
    from segrun_export.tflite_conversion import tflite_from_keras

    keras.utils.set_random_seed(3)
    path = small_model(tmp_path / "m.keras")
    with silenced():
        model = keras.models.load_model(path, compile=False)
        (tmp_path / "m.tflite").write_bytes(tflite_from_keras(model))
        write_model(tmp_path / "m.onnx", onnx_from_keras(model), card(32))
    options = EvaluateOptions(overlap=8, thresholds=(0.5,))
    foreign = dataclasses.replace(options, hints=FaceHints(layout="nhwc"))
    reports = [
        evaluate(tmp_path / f"m.{kind}", *folders, foreign if kind == "tflite" else options)
        for kind in ("keras", "onnx", "tflite")
    ]
    assert [report.engine for report in reports] == ["keras-tensorflow", "cpu", "litert"]
    for report in reports[1:]:
        for mine, theirs in zip(report.pictures, reports[0].pictures, strict=True):
            assert mine.stem == theirs.stem
            assert mine.iou == pytest.approx(theirs.iou, abs=0.01)
        error = reports[0].all_pixels[0].reliability.ece
        assert report.all_pixels[0].reliability.ece == pytest.approx(error, abs=1e-3)


def test_thresholds_and_names_come_from_the_run_beside_a_keras_file(tmp_path: Path, folders: Folders) -> None:
    path = small_model(tmp_path / "model.keras")
    record = RunRecord("mine", "unet-lite", (ModelClass("roof", 0.31, "by hand"),), 32)
    record.write(tmp_path)
    report = evaluate(path, *folders)
    assert (report.name, report.all_pixels[0].name, report.all_pixels[0].threshold) == ("mine", "roof", 0.31)
    assert evaluate(path, *folders, EvaluateOptions(thresholds=(0.6,))).all_pixels[0].threshold == 0.6
    dataclasses.replace(record, model_sha256="0" * 64).write(tmp_path)
    with pytest.raises(ModelError, match=r"run\.json"):
        evaluate(path, *folders)


def test_a_keras_file_has_the_overlap_that_no_model_exceeds_by_itself(
    tmp_path: Path, identity: Path, folders: Folders
) -> None:
    assert evaluate(small_model(tmp_path / "m.keras"), *folders).overlap_px == 32 // 4
    assert evaluate(identity, *folders).overlap_px == card(32).overlap_px <= 32 // 4


def test_several_classes_without_a_run_are_named_by_number(tmp_path: Path, folders: Folders) -> None:
    for mask in folders[1][0].glob("*.png"):
        cv2.imwrite(str(mask), read(mask, cv2.IMREAD_GRAYSCALE) // 128)
    report = evaluate(
        small_model(tmp_path / "m.keras", classes=3), *folders, EvaluateOptions(thresholds=(0.2,))
    )
    assert [(item.name, item.threshold) for item in report.all_pixels] == [("class 1", 0.2), ("class 2", 0.2)]
    with pytest.raises(InputError, match="2 thresholds"):
        evaluate(tmp_path / "m.keras", *folders, EvaluateOptions(thresholds=(0.2, 0.3)))


def test_background_and_one_class_are_measured_by_binary_masks_as_by_indices(
    tmp_path: Path, folders: Folders
) -> None:
    keras.utils.set_random_seed(5)
    path = small_model(tmp_path / "m.keras", classes=2)
    by_grey = evaluate(path, *folders)
    for mask in folders[1][0].glob("*.png"):
        cv2.imwrite(str(mask), (read(mask, cv2.IMREAD_GRAYSCALE) > 127).astype(np.uint8))
    by_index = evaluate(path, *folders)
    assert by_grey.all_pixels == by_index.all_pixels
    assert not by_grey.failures
    assert by_grey.all_pixels[0].at_best.iou > 0
    (mask, *_) = sorted(folders[1][0].glob("*.png"))
    cv2.imwrite(str(mask), read(mask, cv2.IMREAD_GRAYSCALE) * 2)
    (failure,) = evaluate(path, *folders).failures
    assert "holds 0 and 2" in failure.reason


def test_a_keras_model_of_another_face_or_engine_is_refused(tmp_path: Path, folders: Folders) -> None:
    with pytest.raises(ModelError, match="float32"):
        evaluate(small_model(tmp_path / "f.keras", dtype="float32"), *folders)
    (tmp_path / "broken.keras").write_bytes(b"no zip")
    with pytest.raises(ModelError, match="cannot be loaded"):
        evaluate(tmp_path / "broken.keras", *folders)
    for hints, said in (
        (FaceHints(tile=64), "--tile"),
        (FaceHints(None, "nchw", 0.5, "logits"), "--layout, --input-scale, --output-is"),
    ):
        with pytest.raises(ModelError, match=f"Received: {said} with"):
            evaluate(small_model(tmp_path / "m.keras"), *folders, EvaluateOptions(hints=hints))
    with pytest.raises(EngineError, match="auto"):
        evaluate(small_model(tmp_path / "m.keras"), *folders, EvaluateOptions(engine="cpu"))


def test_one_bad_picture_is_named_and_all_bad_ones_fail(identity: Path, folders: Folders) -> None:
    (folders[0][0] / "p3.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    report = evaluate(identity, *folders)
    assert (report.exit_code, len(report.pictures)) == (3, 4)
    assert "p3.png" in report.failures[0].path
    assert any("p3.png" in failure.reason for failure in report.failures)
    with pytest.raises(InputError, match="no picture can be used"):
        evaluate(identity, *folders, EvaluateOptions(choice=PictureChoice(held_out=("p3",))))


def test_an_overlap_beyond_half_a_tile_is_refused(identity: Path, folders: Folders) -> None:
    with pytest.raises(InputError, match="17"):
        evaluate(identity, *folders, EvaluateOptions(overlap=17))


def test_pictures_that_trained_the_model_are_counted(identity: Path, folders: Folders) -> None:
    image, mask = folders[0][0] / "p0.png", folders[1][0] / "p0.png"
    (identity.parent / "split.csv").write_text(
        f"stem,part,image,mask\np0,train,{image},{mask}\np1,held_out,x,y\n"
    )
    assert evaluate(identity, *folders).trained == 1
    (identity.parent / "split.csv").write_text("stem,part\np0,other\n")
    with pytest.raises(InputError, match=r"split\.csv is damaged"):
        evaluate(identity, *folders)


def test_a_picture_without_anything_to_find_comes_last(identity: Path, folders: Folders) -> None:
    cv2.imwrite(str(folders[0][0] / "a.png"), np.zeros((40, 40, 3), np.uint8))
    cv2.imwrite(str(folders[1][0] / "a.png"), np.zeros((40, 40), np.uint8))
    report = evaluate(identity, *folders)
    assert report.pictures[-1].stem == "a"
    assert report.pictures[-1].iou is None
    assert "nothing there" in "\n".join(report.lines(worst=6))
