from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import onnx
import pytest

from segrun.candidate import Candidate, Outcome, measured, race
from segrun.cli import run
from segrun.errors import EngineError, InputError
from segrun.face import FaceHints
from segrun.host_profile import read_profile, write_profile
from segrun.model_file import ModelFile, with_metadata
from segrun.pipeline import run_pipeline
from segrun.predict import PredictOptions
from segrun.predict import predict as predict_folder
from segrun.sessions import Session, SessionOptions, open_session
from segrun.tune import TuneOptions, as_predict_runs, candidates, profile_of, tune
from tests.onnx_models import identity_graph
from tests.runtime.grey_model import TILE, exported, grey_onnx
from tests.runtime.sessions.gpu_stand_in import GpuStandIn
from tests.runtime.test_predict import draw, save

QUICK = TuneOptions(("cpu",), (1,), (1, 3), seconds=0.01)


def test_the_fastest_that_passes_is_remembered(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    report = tune([path], QUICK)
    assert [item.status for item in report.outcomes] == ["passed", "passed"]
    assert [item.candidate.batch for item in report.outcomes] == [1, 3]
    profile = read_profile(ModelFile.read(path).content_sha256)
    assert profile is not None
    assert [way.batch for way in profile.ways] in ([1, 3], [3, 1])
    assert profile.best.ms_per_tile == pytest.approx(
        min(item.ms_per_tile or 1e9 for item in report.outcomes), abs=1e-3
    )
    assert report.exit_code == 0
    mpx, ground = report.rates(report.outcomes[0])
    assert mpx == pytest.approx(TILE**2 / (report.outcomes[0].ms_per_tile or 1) / 1000)
    assert ground is None
    assert "--engine auto runs grey.onnx on cpu" in "\n".join(report.lines())
    json.dumps(report.as_json(), allow_nan=False)


@pytest.mark.parametrize(("overlap", "step"), [(None, 48), (0, 64), (20, 44)])
def test_ground_that_tiles_share_counts_once(tmp_path: Path, overlap: int | None, step: int) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(), gsd_cm=50.0)
    report = tune([path], TuneOptions(("cpu",), (1,), (1,), seconds=0.01, overlap=overlap))
    _, ground = report.rates(report.outcomes[0])
    assert ground == pytest.approx((step * 0.5) ** 2 * 1000 / (report.outcomes[0].ms_per_tile or 1))


def test_the_ground_of_a_foreign_file_is_known_by_deepness_keys(tmp_path: Path) -> None:
    path = tmp_path / "foreign.onnx"
    path.write_bytes(with_metadata(grey_onnx(), {"resolution": "50", "tiles_size": "64"}))
    report = tune([path], TuneOptions(("cpu",), (1,), (1,), seconds=0.01))
    assert [item.status for item in report.outcomes] == ["unproven"]
    _, ground = report.rates(report.outcomes[0])
    assert ground == pytest.approx((48 * 0.5) ** 2 * 1000 / (report.outcomes[0].ms_per_tile or 1))


def test_what_a_foreign_file_does_not_say_is_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "foreign.onnx"
    path.write_bytes(grey_onnx(kind=onnx.TensorProto.FLOAT))
    silent = tune([path], TuneOptions(("cpu",), (1,), (1,), seconds=0.01))
    assert "--input-scale" in silent.outcomes[0].reason
    told = TuneOptions(("cpu",), (1,), (1,), seconds=0.01, hints=FaceHints(input_scale=1 / 255))
    assert [item.status for item in tune([path], told).outcomes] == ["unproven"]


def test_an_overlap_of_more_than_half_a_tile_is_refused(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    with pytest.raises(InputError, match="Received: --overlap 33"):
        tune([path], TuneOptions(overlap=33))


def test_a_fixed_batch_is_not_timed_as_another(tmp_path: Path) -> None:
    path = tmp_path / "fixed.onnx"
    path.write_bytes(identity_graph(64, batch=2))
    found = {batch: measured(Candidate(str(path), "cpu", 1, batch), 0.001) for batch in (1, 2)}
    assert (found[1].status, found[1].reason) == ("failed", "the file has a fixed batch of 2")
    assert found[2].status == "unproven"


def test_a_batch_that_was_halved_does_not_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    GpuStandIn(most_tiles=2).install(monkeypatch)
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    outcome = measured(Candidate(str(path), "cuda", 1, 4), 0.001)
    assert outcome.status == "failed"
    assert "ran out of memory" in outcome.reason


def test_a_file_that_computes_something_else_is_not_timed(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(-20.0), like=grey_onnx(20.0))
    report = tune([path], QUICK)
    assert {item.status for item in report.outcomes} == {"failed"}
    assert "flipped pixels" in report.outcomes[0].reason
    assert all(item.ms_per_tile is None for item in report.outcomes)
    assert report.exit_code == 1
    assert not report.profiles


def test_without_golden_tiles_only_a_reference_engine_wins() -> None:
    quick = Outcome(Candidate("m", "openvino", 1, 1), "unproven", "", 1.0, 1.0)
    slow = Outcome(Candidate("m", "cpu", 2, 1), "unproven", "", 2.0, 1.0)
    wrong = Outcome(Candidate("m", "cpu", 2, 2), "failed", "flipped", None, None)
    assert profile_of([quick, wrong]) is None
    profile = profile_of([quick, slow, wrong])
    assert profile is not None
    assert [way.engine for way in profile.ways] == ["cpu"]


def test_all_ways_are_remembered_fastest_first() -> None:
    outcomes = [
        Outcome(Candidate("m", "cpu", 2, 1, callers=callers), "passed", "", ms, 1.0)
        for callers, ms in ((1, 3.0), (2, 2.0))
    ]
    profile = profile_of(outcomes)
    assert profile is not None
    assert [(way.callers, way.ms_per_tile) for way in profile.ways] == [(2, 2.0), (1, 3.0)]


@pytest.mark.parametrize(
    ("engine", "threads", "batch", "callers"),
    [("cpu", 2, 1, [1, 2]), ("cpu", 1, 1, [1]), ("cpu", 2, 2, [1]), ("litert", 5, 1, [1, 4]), ("openvino", 2, 1, [1])],
)  # fmt: skip
def test_one_call_and_calls_side_by_side_are_raced(
    engine: str, threads: int, batch: int, callers: list[int]
) -> None:
    found = as_predict_runs(Candidate("m", engine, threads, batch))
    assert [item.callers for item in found] == callers


def test_a_candidate_is_opened_and_called_as_predict_runs_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    (tmp_path / "in").mkdir()
    for number in range(8):
        save(tmp_path / "in" / f"{number}.png", draw(TILE, TILE))
    opened: list[SessionOptions] = []
    piped: list[int] = []

    def noted(file: ModelFile, options: SessionOptions) -> Session:
        opened.append(options)
        return open_session(file, options)

    def counted(*arguments: Any, callers: int, **others: Any) -> None:
        piped.append(callers)
        run_pipeline(*arguments, callers=callers, **others)

    monkeypatch.setattr("segrun.host_profile.open_session", noted)
    monkeypatch.setattr("segrun.predict_session.open_session", noted)
    monkeypatch.setattr("segrun.predict_run.run_pipeline", counted)
    monkeypatch.setattr("segrun.run_timing.run_pipeline", counted)
    monkeypatch.setattr("segrun.host_profile.cache_folder", lambda: tmp_path / "cache")
    ways = [Candidate(str(path), "cpu", 2, 1, callers=1), Candidate(str(path), "cpu", 2, 1, callers=2),
            Candidate(str(path), "cpu", 1, 3, callers=1)]  # fmt: skip
    for number, way in enumerate(ways):
        profile = profile_of([measured(way, 0.001)])
        assert profile is not None
        write_profile(profile, ModelFile.read(path).content_sha256)
        predict_folder(path, [tmp_path / "in"], PredictOptions(out=tmp_path / str(number), auto_batch=True))
    timed, ran = opened[::2], opened[1::2]
    assert [dataclasses.replace(options, why=None) for options in ran] == timed
    assert piped == [1, 1, 2, 2, 1, 1]


def test_an_absent_engine_is_tried_once(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    options = TuneOptions(("cpu", "tensorrt"), (1,), (1, 2), seconds=0.01)
    report = tune([path], options)
    outcomes = report.outcomes
    if any(item.status == "passed" for item in outcomes if item.candidate.engine == "tensorrt"):
        pytest.skip("TensorRT is here")
    assert [item.candidate.engine for item in outcomes] == ["cpu", "cpu", "tensorrt"]
    assert "pip install" in outcomes[-1].reason
    (line,) = [line for line in report.lines() if "tensorrt" in line]
    assert line.startswith("engine tensorrt is not here: ")


def test_each_runs_in_a_process_of_its_own_and_a_crash_is_an_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = race(Candidate(str(tmp_path / "none.onnx"), "cpu", 1, 1), 0.01)
    assert gone.status == "failed"
    monkeypatch.setattr("segrun.candidate.sys.executable", "/bin/false")
    crashed = race(Candidate("m.onnx", "cpu", 1, 1), 0.01)
    assert crashed.status == "failed"
    assert "ended with 1" in crashed.reason


def test_batches_that_the_golden_tiles_do_not_fill_are_proven_too(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    for batch in (1, 2, 3, 5):
        assert measured(Candidate(str(path), "cpu", 1, batch), 0.001).status == "passed"


def test_formats_go_to_their_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segrun.tune.available_cpus", lambda: 6)
    found = candidates("m.tflite", "tflite", TuneOptions())
    assert {item.engine for item in found} == {"litert"}
    assert sorted({item.threads for item in found}) == [1, 2, 4, 6]
    assert {item.batch for item in found} == {1}
    with pytest.raises(EngineError, match="Use litert"):
        candidates("m.tflite", "tflite", TuneOptions(("cuda",)))


def test_the_command_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    words = ["tune", str(path), "--engine", "cpu", "--threads", "2", "--batch", "1", "--seconds", "0.01"]
    assert run(words) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert "side by side  ms/tile" in head
    assert sorted(row.split()[4] for row in rows[:2]) == ["1", "2"]
    assert rows[2].startswith("--engine auto runs grey.onnx on cpu, 2 threads, batch 1")
    assert run(["tune", str(tmp_path / "nowhere.onnx")]) == 2
