from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

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


@pytest.mark.parametrize("batch", [1, 4])
def test_many_frames_come_back_in_order(identity_model: Path, batch: int) -> None:
    rng = np.random.default_rng(4)
    frames = [rng.integers(0, 256, (side, side + 7, 3), np.uint8) for side in (30, 64, 130, 9, 64)]
    with segrun.load(identity_model, batch=batch) as model:
        found = list(model.predict_many(iter(frames)))
        for frame, prediction in zip(frames, found, strict=True):
            np.testing.assert_array_equal(prediction.scores, model.predict(frame).scores)


def test_many_frames_are_not_all_held(identity_model: Path) -> None:
    taken = 0

    def endless() -> Iterator[NDArray[np.uint8]]:
        nonlocal taken
        while True:
            taken += 1
            yield np.full((64, 64, 3), taken, np.uint8)

    with segrun.load(identity_model, batch=2) as model:
        masks = model.predict_many(endless())
        assert [round(float(next(masks).scores[0, 0, 0]) * 255) for _ in range(3)] == [1, 2, 3]
        masks.close()  # type: ignore[attr-defined]
    assert taken == 4


def test_symmetries_leave_a_model_of_single_pixels_as_it_is(identity_model: Path) -> None:
    frame = np.random.default_rng(5).integers(0, 256, (100, 130, 3), np.uint8)
    with segrun.load(identity_model) as model:
        found = model.predict(frame, symmetries=True).scores
        np.testing.assert_allclose(found, model.predict(frame).scores, atol=1e-6)
        many = next(model.predict_many([frame], symmetries=True)).scores
        np.testing.assert_array_equal(many, found)


def test_tiles_come_with_their_places(identity_model: Path) -> None:
    frame = np.random.default_rng(6).integers(0, 256, (100, 40, 3), np.uint8)
    seen = np.zeros((100, 40), np.bool_)
    with segrun.load(identity_model, batch=3) as model:
        for tile in model.tiles(frame, overlap=0):
            assert tile.scores.shape == (tile.box.height, tile.box.width, 1)
            np.testing.assert_array_equal(np.rint(tile.scores[..., 0] * 255), frame[tile.box.slices][..., 0])
            seen[tile.box.slices] = True
    assert seen.all()


def test_info_says_what_runs(identity_model: Path) -> None:
    with segrun.load(identity_model, engine="cpu", threads=1, batch=2) as model:
        info = model.info
    assert (info.engine, info.engine_reason, info.threads, info.batch) == ("cpu", "as asked for", 1, 2)
    assert (info.name, info.tile, info.bands, info.classes) == (
        "test",
        64,
        ("red", "green", "blue"),
        ("roof",),
    )
    assert info.content_sha256 == info.card.content_sha256 != ""


@pytest.mark.parametrize(
    "options", [{"overlap": -1}, {"overlap": 33}, {"thresholds": (0.1, 0.2)}, {"budget_ms": 0}]
)
def test_wrong_options_are_a_value_error(identity_model: Path, options: dict[str, Any]) -> None:
    with segrun.load(identity_model) as model, pytest.raises(ValueError, match="Received"):
        model.predict(np.zeros((64, 64, 3), np.uint8), **options)


def test_the_library_prints_nothing(identity_model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with segrun.load(identity_model) as model:
        model.predict(np.zeros((64, 64, 3), np.uint8))
    assert capfd.readouterr() == ("", "")
