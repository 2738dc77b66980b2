from __future__ import annotations

from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import onnx
import pytest

from segrun.dry_run import dry_run
from segrun.host_profile import HostProfile, Way, write_profile
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.predict import PredictOptions, predict
from segrun.predict_session import open_for_predict, open_side_by_side, side_by_side
from segrun.sessions import SessionOptions, sharing
from segrun.sources import Planned
from tests.runtime.grey_model import grey_onnx
from tests.runtime.red_model import red_tflite
from tests.runtime.sessions.gpu_stand_in import GpuStandIn

ROOFS = ModelFile.read(find_model("roofs"))


def pictures(folder: Path, sizes: list[tuple[int, int]]) -> list[Planned]:
    planned = []
    for index, (height, width) in enumerate(sizes):
        path = folder / f"{index:02}.png"
        pixels = np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)
        cv2.imwrite(str(path), pixels)
        planned.append(Planned(PurePosixPath(path.stem), path, "picture"))
    return planned


def callers(planned: list[Planned], threads: int, **changed: object) -> int:
    session = SessionOptions(threads=threads, **changed)  # type: ignore[arg-type]
    return side_by_side(planned, ROOFS, PredictOptions(session=session))


def test_many_tiles_go_side_by_side_and_few_do_not(tmp_path: Path) -> None:
    many = pictures(tmp_path, [(256, 256)] * 16)
    assert callers(many[:7], threads=2) == 1
    assert callers(many[:8], threads=2) == 2
    assert callers(many, threads=4) == 4
    assert callers(pictures(tmp_path, [(1000, 600)]), threads=2) == 2
    assert callers([Planned(PurePosixPath("a"), tmp_path / "a.tif", "raster")], threads=2) == 2


@pytest.mark.parametrize(("threads", "expected"), [(1, 1), (2, 2), (3, 3), (5, 4), (7, 4), (16, 4)])
def test_threads_need_not_share_out_evenly(tmp_path: Path, threads: int, expected: int) -> None:
    assert callers([Planned(PurePosixPath("a"), tmp_path / "a.tif", "raster")], threads) == expected


@pytest.mark.parametrize("changed", [{"batch": 2}, {"engine": "cuda"}, {"engine": "openvino"}])
def test_what_fills_the_machine_by_itself_is_left_alone(tmp_path: Path, changed: dict[str, object]) -> None:
    assert callers([Planned(PurePosixPath("a"), tmp_path / "a.tif", "raster")], 2, **changed) == 1


def test_a_bound_on_memory_keeps_one_call(tmp_path: Path) -> None:
    options = PredictOptions(session=SessionOptions(threads=2), max_ram_mib=900)
    assert side_by_side([Planned(PurePosixPath("a"), tmp_path / "a.tif", "raster")], ROOFS, options) == 1


@pytest.mark.parametrize(("engine", "threads"), [("cpu", 2), ("litert", 2), ("cpu", 3), ("litert", 3)])
def test_masks_are_the_same_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, threads: int
) -> None:
    model = ROOFS if engine == "cpu" else red_tflite(tmp_path, batch=1)
    (tmp_path / "tiles").mkdir()
    planned = pictures(tmp_path / "tiles", [(256, 256), (300, 290)] * 4)
    masks = []
    for most in (1, 2):
        monkeypatch.setattr(sharing, "MOST_CALLERS", most)
        options = PredictOptions(out=tmp_path / str(most), session=SessionOptions(engine, threads))
        session, callers = open_side_by_side(planned, model, options)
        assert (session.engine, callers) == (engine, most)
        report = predict(model.path, [tmp_path / "tiles"], options)
        assert (report.threads, report.callers, report.exit_code) == (threads, most, 0)
        masks.append([path.read_bytes() for path in sorted((tmp_path / str(most)).glob("*.png"))])
    assert masks[0] == masks[1]
    assert len(masks[0]) == 8


@pytest.mark.parametrize(("bound", "batch"), [(None, 16), (10.0, 8)])
def test_a_gpu_is_opened_once_with_the_batch_that_suits_it(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch, bound: float | None, batch: int
) -> None:
    machine = GpuStandIn().install(monkeypatch)
    options = PredictOptions(session=SessionOptions("cuda"), auto_batch=True, max_ram_mib=bound)
    session = open_for_predict(ModelFile.read(identity_model), options)
    assert (session.engine, session.batch) == ("cuda", batch)
    assert len(machine.providers) == 1


def test_a_batch_that_memory_halves_keeps_the_tuned_engine_and_is_opened_once(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segrun.host_profile.cache_folder", lambda: tmp_path / "cache")
    machine = GpuStandIn().install(monkeypatch)
    file = ModelFile.read(identity_model)
    ways = Way("cuda", 1, 16, 1, 0.4), Way("cpu", 2, 8, 1, 5.0)
    write_profile(HostProfile(ways), file.content_sha256)
    session = open_for_predict(file, PredictOptions(auto_batch=True, max_ram_mib=10.0))
    assert (session.engine, session.batch) == ("cuda", 8)
    assert session.reason.endswith("with other settings than these")
    assert len(machine.providers) == 1


def test_a_foreign_file_that_tells_its_size_only_when_open_is_bounded_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segrun.host_profile.cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "foreign.onnx").write_bytes(grey_onnx(kind=onnx.TensorProto.UINT8))
    file = ModelFile.read(tmp_path / "foreign.onnx")
    assert file.card() is None
    write_profile(HostProfile((Way("cpu", 2, 1024, 1, 0.4),)), file.content_sha256)
    session = open_for_predict(file, PredictOptions(auto_batch=True, max_ram_mib=10.0))
    assert session.engine == "cpu"
    assert 1 <= session.batch < 1024
    assert session.reason.endswith("with other settings than these")


def test_the_processor_does_not_get_the_batch_of_a_gpu_that_does_not_work(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    GpuStandIn(broken="no driver").install(monkeypatch)
    session = open_for_predict(ModelFile.read(identity_model), PredictOptions(auto_batch=True))
    assert (session.engine, session.batch) == ("cpu", 1)
    assert "does not work" in session.reason


@pytest.mark.parametrize("broken", ["", "no driver"])
def test_what_is_explained_is_what_came_up(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    GpuStandIn(broken=broken).install(monkeypatch)
    explained: list[SessionOptions] = []

    def placement(_: ModelFile, options: SessionOptions) -> dict[str, int]:
        explained.append(options)
        return {"SomeProvider": 3}

    monkeypatch.setattr("segrun.sessions.placement.node_placement", placement)
    planned = pictures(tmp_path, [(64, 64)])
    options = PredictOptions(out=tmp_path / "out", auto_batch=True, explain=True)
    report = predict(identity_model, [planned[0].path], options)
    planning = dry_run(identity_model, [planned[0].path], options)
    assert report.placement == planning.placement == {"SomeProvider": 3}
    assert "nodes: 3 on SomeProvider" in list(planning.lines())
    assert [(item.engine, item.threads, item.batch) for item in explained] == [
        (report.engine, report.threads, 1 if broken else 16)
    ] * 2
    assert report.engine == ("cpu" if broken else "cuda")
