from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

import segrun
from segrun import host_profile
from segrun.errors import OutputError
from segrun.host_profile import (
    HostProfile,
    Way,
    open_tuned,
    profile_path,
    read_profile,
    tuned,
    write_profile,
)
from segrun.model_file import ModelFile
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from tests.runtime.test_predict import draw, save

PROFILE = HostProfile((Way("cpu", 1, 3, 1, 4.5),))
RACED = HostProfile(
    (
        Way("cpu", 4, 1, 4, 2.0),
        Way("openvino", 2, 1, 1, 3.0),
        Way("cpu", 2, 2, 1, 3.5),
        Way("cpu", 2, 1, 2, 4.0),
        Way("cpu", 4, 1, 1, 5.0),
    )
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(host_profile, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_a_profile_comes_back_for_its_model_alone() -> None:
    assert read_profile("a" * 64) is None
    write_profile(PROFILE, "a" * 64)
    assert read_profile("a" * 64) == PROFILE
    assert read_profile("b" * 64) is None


def test_another_machine_has_another_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    write_profile(PROFILE, "a" * 64)
    monkeypatch.setattr("segrun.host_key.available_cpus", lambda: 777)
    assert read_profile("a" * 64) is None


@pytest.mark.parametrize(
    "content",
    [
        "", "{}", '{"ways": []}', '{"engine": "cpu", "threads": 1, "batch": 1, "ms_per_tile": 1}',
        '{"ways": [{"engine": "abacus", "threads": 1, "batch": 1, "callers": 1, "ms_per_tile": 1}]}',
        '{"ways": [{"engine": "cpu", "threads": 1, "batch": 1, "callers": 0, "ms_per_tile": 1}]}',
    ],
)  # fmt: skip
def test_a_damaged_profile_is_passed_over_and_named(content: str, caplog: pytest.LogCaptureFixture) -> None:
    write_profile(PROFILE, "a" * 64)
    profile_path("a" * 64).write_text(content)
    with caplog.at_level(logging.WARNING, "segrun"):
        assert read_profile("a" * 64) is None
        assert read_profile("a" * 64) is None
    (record,) = caplog.records
    assert "Run segrun tune again" in record.getMessage()


def test_a_cache_that_cannot_be_written_is_one_line(cache: Path) -> None:
    cache.write_text("in the way")
    with pytest.raises(OutputError, match="XDG_CACHE_HOME"):
        write_profile(PROFILE, "a" * 64)


def test_auto_takes_it_and_a_named_engine_does_not(identity_model: Path, tmp_path: Path) -> None:
    file = ModelFile.read(identity_model)
    write_profile(PROFILE, file.content_sha256)
    assert tuned(file, SessionOptions("cpu")) is None
    found = tuned(file, SessionOptions(threads=2))
    assert found is not None
    assert (found.engine, found.threads, found.batch) == ("cpu", 2, 1)
    save(tmp_path / "a.png", draw(64, 64))
    report = predict(
        identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out", auto_batch=True)
    )
    assert (report.threads, report.batch) == (1, 3)
    assert "segrun tune, 4.5 ms/tile" in report.engine_reason
    with segrun.load(identity_model) as model:
        assert (model.info.threads, model.info.batch) == (1, 1)
        assert "segrun tune" in model.info.engine_reason


@pytest.mark.parametrize(
    ("threads", "batch", "callers", "ms"),
    [
        (None, None, None, 2.0),
        (2, None, None, 3.0),
        (2, 2, None, 3.5),
        (4, None, 1, 5.0),
        (3, None, None, None),
    ],
)
def test_the_fastest_is_the_one_that_was_timed_just_so(
    threads: int | None, batch: int | None, callers: int | None, ms: float | None
) -> None:
    way = RACED.fastest(threads=threads, batch=batch, callers=callers)
    assert (way and way.ms_per_tile) == ms


@pytest.mark.parametrize(
    ("threads", "batch", "engine", "callers", "why"),
    [
        (None, None, "cpu", 4, "2.0 ms/tile side by side"),
        (2, None, "openvino", 1, "3.0 ms/tile"),
        (2, 2, "cpu", 1, "3.5 ms/tile"),
        (3, None, "cpu", 3, "with other settings than these"),
    ],
)
def test_predict_runs_what_was_timed_with_what_it_was_given(
    identity_model: Path, threads: int | None, batch: int | None, engine: str, callers: int, why: str
) -> None:
    file = ModelFile.read(identity_model)
    write_profile(RACED, file.content_sha256)
    options, auto_batch = SessionOptions(threads=threads, batch=batch or 1), batch is None
    found = tuned(file, options, auto_batch=auto_batch)
    assert found is not None
    assert found.engine == engine
    assert found.why is not None
    assert found.why.endswith(why)
    assert found.callers == callers


@pytest.mark.parametrize(
    ("threads", "batch", "alone", "ms", "as_timed"),
    [
        (4, 1, False, 0.6, True),
        (4, None, False, 0.4, True),
        (4, 1, True, 0.6, True),
        (None, 2, False, 0.4, False),
        (None, 4, False, 8.0, True),
    ],
)
def test_a_gpu_is_not_given_up_for_threads_or_a_batch_it_was_not_raced_with(
    threads: int | None, batch: int | None, alone: bool, ms: float, as_timed: bool
) -> None:
    gpu = Way("cuda", 1, 16, 1, 0.4), Way("cuda", 1, 1, 1, 0.6)
    # A GPU is raced with 4 tiles: that it is not among the ways means that it failed with them.
    profile = HostProfile(
        (*gpu, Way("cpu", 4, 2, 1, 7.0), Way("cpu", 4, 1, 4, 7.5), Way("cpu", 4, 4, 1, 8.0))
    )
    way, timed = profile.pick(threads=threads, batch=batch, alone=alone)
    assert (way.ms_per_tile, timed) == (ms, as_timed)


@pytest.mark.parametrize("bound", [None, 900.0])
def test_a_time_side_by_side_is_not_given_for_one_call(
    identity_model: Path, tmp_path: Path, bound: float | None
) -> None:
    write_profile(RACED, ModelFile.read(identity_model).content_sha256)
    save(tmp_path / "a.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out", auto_batch=True, max_ram_mib=bound)
    report = predict(identity_model, [tmp_path / "a.png"], options)
    assert (report.engine, report.threads, report.callers) == ("cpu", 4, 1)
    assert report.engine_reason.endswith("with other settings than these")


def test_a_profile_that_found_one_call_faster_keeps_predict_to_one(
    identity_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(8):
        save(tmp_path / "in" / f"{number}.png", draw(64, 64))
    sha = ModelFile.read(identity_model).content_sha256
    made = []
    for callers in (1, 2):
        write_profile(HostProfile((Way("cpu", 2, 1, callers, 1.0),)), sha)
        options = PredictOptions(out=tmp_path / str(callers), auto_batch=True)
        made.append(predict(identity_model, [tmp_path / "in"], options))
    assert [(report.threads, report.callers) for report in made] == [(2, 1), (2, 2)]
    assert "batch 1 (auto" in "\n".join(made[0].lines())
    assert "batch 1, 2 calls side by side (auto" in "\n".join(made[1].lines())


def test_the_library_takes_what_was_timed_one_call_at_a_time(identity_model: Path) -> None:
    ways = Way("cpu", 2, 1, 2, 1.0), Way("cpu", 1, 2, 1, 1.5), Way("cpu", 1, 1, 1, 2.0)
    write_profile(HostProfile(ways), ModelFile.read(identity_model).content_sha256)
    with segrun.load(identity_model) as model:
        assert model.info.threads == 1
        assert model.info.engine_reason.endswith("2.0 ms/tile")
    with segrun.load(identity_model, threads=2) as model:
        assert model.info.engine_reason.endswith("with other settings than these")


def test_an_engine_that_is_gone_is_named_and_auto_runs(
    identity_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = HostProfile((Way("tensorrt", 1, 1, 1, 1.0),))
    write_profile(gone, ModelFile.read(identity_model).content_sha256)
    with caplog.at_level(logging.WARNING, "segrun"), segrun.load(identity_model) as model:
        if model.engine == "tensorrt":
            pytest.skip("TensorRT is here")
        model.predict(np.zeros((64, 64, 3), np.uint8))
    assert "segrun tune chose cannot be had" in caplog.text


def test_where_the_winner_is_gone_the_next_engine_runs_as_it_was_timed(
    identity_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ways = Way("tensorrt", 1, 16, 1, 0.4), Way("tensorrt", 1, 1, 1, 0.6), Way("cpu", 2, 1, 2, 8.0)
    file = ModelFile.read(identity_model)
    write_profile(HostProfile(ways), file.content_sha256)
    (tmp_path / "in").mkdir()
    for number in range(8):
        save(tmp_path / "in" / f"{number}.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out", auto_batch=True)
    report = predict(identity_model, [tmp_path / "in"], options)
    if report.engine == "tensorrt":
        pytest.skip("TensorRT is here")
    assert (report.engine, report.threads, report.batch, report.callers) == ("cpu", 2, 1, 2)
    assert report.engine_reason.endswith("segrun tune without tensorrt, 8.0 ms/tile side by side")
    assert len([line for line in caplog.messages if "segrun tune chose cannot be had" in line]) == 1
    write_profile(HostProfile(ways[:2]), file.content_sha256)
    assert open_tuned(file, SessionOptions()) is None
