from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segrun
from tests.onnx_models import card, identity_graph, nan_graph, write_model


@pytest.mark.parametrize("shape", [(64, 64), (1, 1), (63, 200), (150, 65), (257, 300)])
@pytest.mark.parametrize("batch", [1, 4])
def test_frames_of_any_size_come_back_pixel_by_pixel(
    identity_model: Path, shape: tuple[int, int], batch: int
) -> None:
    frame = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    with segrun.load(identity_model, batch=batch) as model:
        prediction = model.predict(frame)
    np.testing.assert_array_equal(np.rint(prediction.scores[..., 0] * 255), frame[..., 0])
    np.testing.assert_array_equal(prediction.mask, (frame[..., 0] >= 128).astype(np.uint8))


def test_softmax_models_give_class_indices(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx", identity_graph(32, classes=3), card(32, 3))
    frame = np.zeros((40, 40, 3), np.uint8)
    frame[:20, :, 0], frame[20:, :20, 1], frame[20:, 20:, 2] = 200, 200, 200
    with segrun.load(path) as model:
        mask = model.predict(frame, overlap=0, blend="crop").mask
    assert (mask[:20] == 0).all()
    assert (mask[20:, :20] == 1).all()
    assert (mask[20:, 20:] == 2).all()


def test_threads_take_turns_and_agree(identity_model: Path) -> None:
    frame = np.random.default_rng(2).integers(0, 256, (130, 130, 3), np.uint8)
    with segrun.load(identity_model) as model:
        results: list[segrun.Prediction] = []
        threads = [threading.Thread(target=lambda: results.append(model.predict(frame))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 4
    assert all(np.array_equal(result.scores, results[0].scores) for result in results)


@pytest.mark.parametrize(
    ("shape", "dtype"), [((8, 8), np.uint8), ((8, 8, 3), np.uint16), ((8, 0, 3), np.uint8)]
)
def test_wrong_frames_are_a_value_error(identity_model: Path, shape: tuple[int, ...], dtype: Any) -> None:
    frame = np.zeros(shape, dtype)
    with segrun.load(identity_model) as model, pytest.raises(ValueError, match="Received"):
        model.predict(frame)


def test_numbers_that_are_not_finite_are_an_error(tmp_path: Path) -> None:
    path = write_model(tmp_path / "nan.onnx", nan_graph(32), card(32))
    with segrun.load(path) as model, pytest.raises(segrun.EngineError, match="not finite"):
        model.predict(np.zeros((32, 32, 3), np.uint8))


def test_a_changed_file_does_not_load(identity_model: Path, tmp_path: Path) -> None:
    content = bytearray(identity_model.read_bytes())
    position = content.index(b"scaled")
    content[position : position + 6] = b"scalee"
    changed = tmp_path / "changed.onnx"
    changed.write_bytes(content)
    with pytest.raises(segrun.ModelError, match="changed or damaged"):
        segrun.load(changed)


def test_a_closed_model_says_so(identity_model: Path) -> None:
    model = segrun.load(identity_model)
    model.close()
    model.close()
    with pytest.raises(segrun.EngineError, match="closed"):
        model.predict(np.zeros((8, 8, 3), np.uint8))


def test_a_model_that_is_not_there_names_the_bundled_ones() -> None:
    with pytest.raises(segrun.ModelError, match="no model at nowhere"):
        segrun.load("nowhere")
