from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

import segrun
from segrun import host_profile
from segrun.errors import OutputError
from segrun.host_profile import HostProfile, profile_path, read_profile, tuned, write_profile
from segrun.model_file import ModelFile
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from tests.runtime.test_predict import draw, save

PROFILE = HostProfile("cpu", 1, 3, 4.5)


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
    "content", ["", "{}", '{"engine": "abacus", "threads": 1, "batch": 1, "ms_per_tile": 1}']
)
def test_a_damaged_profile_is_passed_over_and_named(content: str, caplog: pytest.LogCaptureFixture) -> None:
    write_profile(PROFILE, "a" * 64)
    profile_path("a" * 64).write_text(content)
    with caplog.at_level(logging.WARNING, "segrun"):
        assert read_profile("a" * 64) is None
    assert "Run segrun tune again" in caplog.text


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


def test_an_engine_that_is_gone_is_named_and_auto_runs(
    identity_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_profile(HostProfile("tensorrt", 1, 1, 1.0), ModelFile.read(identity_model).content_sha256)
    with caplog.at_level(logging.WARNING, "segrun"), segrun.load(identity_model) as model:
        if model.engine == "tensorrt":
            pytest.skip("TensorRT is here")
        model.predict(np.zeros((64, 64, 3), np.uint8))
    assert "segrun tune chose cannot be had" in caplog.text
