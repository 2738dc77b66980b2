from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from segrun.errors import EngineError
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions, open_session
from tests.runtime.sessions.gpu_stand_in import GpuStandIn


def test_auto_takes_a_gpu_that_works(identity_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    GpuStandIn().install(monkeypatch)
    session = open_session(ModelFile.read(identity_model), SessionOptions())
    assert session.engine == "cuda"
    assert session.reason.startswith("auto")


@pytest.mark.parametrize("trouble", [{"broken": "libcublasLt.so.12: no such file"}, {"substitute": True}])
def test_auto_names_a_gpu_that_does_not_work_and_goes_on(
    identity_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: dict[str, Any],
) -> None:
    machine = GpuStandIn(**trouble).install(monkeypatch)
    with caplog.at_level(logging.WARNING, "segrun"):
        session = open_session(ModelFile.read(identity_model), SessionOptions())
    assert session.engine == "cpu"
    assert "cuda is there and does not work" in session.reason
    assert "Falling back to cpu" in caplog.text
    # onnxruntime's own fall-back, which prints and replaces the engine even mid-run, is off.
    assert machine.words == [{"enable_fallback": 0}] * 2


def test_a_gpu_that_was_asked_for_and_does_not_work_is_an_error(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    GpuStandIn(broken="libcublasLt.so.12: no such file").install(monkeypatch)
    with pytest.raises(EngineError, match=r"cannot load .*libcublasLt.*Use --engine cpu"):
        open_session(ModelFile.read(identity_model), SessionOptions("cuda"))
    assert capsys.readouterr().out == ""


def test_a_silent_substitute_is_an_error(identity_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    GpuStandIn(substitute=True).install(monkeypatch)
    with pytest.raises(
        EngineError, match=r"runs CPUExecutionProvider in its place \(it misses libcufft\.so\.11\)\. Run: pip"
    ):
        open_session(ModelFile.read(identity_model), SessionOptions("cuda"))
