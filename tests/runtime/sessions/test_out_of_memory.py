from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from segrun.errors import EngineError
from segrun.model_file import ModelFile
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions, open_session
from segrun.sessions.out_of_memory import is_out_of_memory
from tests.runtime.sessions.gpu_stand_in import OUT_OF_MEMORY, GpuStandIn
from tests.runtime.test_predict import draw, save


@pytest.mark.parametrize(
    "text",
    [
        OUT_OF_MEMORY,
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; expr=cudaMalloc((void**)&p, size);",
        "CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=0",
        "TensorRT EP failed: [executionContext.cpp] Error Code 2: OutOfMemory (Requested size was 77 bytes.)",
        "std::bad_alloc",
    ],
)
def test_what_engines_say_when_memory_runs_out(text: str) -> None:
    assert is_out_of_memory(RuntimeError(text))


def test_other_failures_are_none() -> None:
    assert not is_out_of_memory(RuntimeError("CUDA failure 700: an illegal memory access was encountered"))


@pytest.mark.parametrize(("most", "left"), [(4, 4), (3, 2), (1, 1)])
def test_the_batch_is_halved_until_it_fits_and_the_scores_are_the_same(
    identity_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    most: int,
    left: int,
) -> None:
    machine = GpuStandIn(most_tiles=most).install(monkeypatch)
    session = open_session(ModelFile.read(identity_model), SessionOptions("cuda", 1, 9))
    pixels = np.random.default_rng(0).integers(0, 256, (9, 64, 64, 3), np.uint8)
    with caplog.at_level(logging.WARNING, "segrun"):
        scores = session.run(pixels)
    np.testing.assert_array_equal(np.rint(255 * scores)[..., 0], pixels[..., 0])
    assert session.batch == 9
    assert machine.buffers[-1] == ((left, 64, 64, 1), "cuda")
    assert f"goes on with {left}. Use --batch {left}." in session.notes[-1]
    assert [record.message for record in caplog.records] == list(session.notes)
    opened = len(machine.providers)
    session.run(pixels)
    assert len(machine.providers) == opened


def test_the_old_engine_is_gone_before_the_new_one_is_made(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = GpuStandIn(most_tiles=2).install(monkeypatch)
    session = open_session(ModelFile.read(identity_model), SessionOptions("cuda", 1, 8))
    session.run(np.zeros((8, 64, 64, 3), np.uint8))
    assert machine.alive_before == [0, 0, 0]


def test_without_memory_for_one_tile_it_fails_with_the_cure(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    GpuStandIn(most_tiles=0).install(monkeypatch)
    session = open_session(ModelFile.read(identity_model), SessionOptions("cuda", 1, 4))
    with pytest.raises(EngineError, match=r"no memory for a single tile\. .*--engine cpu"):
        session.run(np.zeros((4, 64, 64, 3), np.uint8))


def test_memory_that_ends_while_loading_halves_too(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = GpuStandIn().install(monkeypatch)
    make = machine.OrtValue.ortvalue_from_shape_and_type

    def scarce(shape: tuple[int, ...], *words: object) -> object:
        if shape[0] > 2:
            raise RuntimeError("CUDA error cudaErrorMemoryAllocation:out of memory")
        return make(shape, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(machine.OrtValue, "ortvalue_from_shape_and_type", scarce)
    session = open_session(ModelFile.read(identity_model), SessionOptions("cuda", 1, 8))
    assert len(session.notes) == 2
    assert session.run(np.zeros((8, 64, 64, 3), np.uint8)).shape == (8, 64, 64, 1)


def test_a_run_goes_on_and_its_report_says_so(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    GpuStandIn(most_tiles=2).install(monkeypatch)
    pixels = draw(150, 200)
    save(tmp_path / "a.png", pixels)
    options = PredictOptions(out=tmp_path / "gpu", session=SessionOptions("cuda", 1, 8))
    report = predict(identity_model, [tmp_path / "a.png"], options)
    assert (report.exit_code, report.engine, report.batch) == (0, "cuda", 8)
    assert [note for note in report.warnings if "goes on with 2" in note]
    assert report.as_json()["engine_notes"] == report.engine_notes
    predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "cpu"))
    assert (tmp_path / "gpu/a.png").read_bytes() == (tmp_path / "cpu/a.png").read_bytes()
