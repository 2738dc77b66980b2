from __future__ import annotations

import logging
from pathlib import Path

import pytest

from segrun.errors import EngineError, MissingExtraError
from segrun.model_file import ModelFile
from segrun.sessions import NAMED_ENGINES, ONNX_ENGINES, SessionOptions, open_session
from segrun.sessions.providers import PROVIDERS, choose, engines_to_try
from tests.runtime.sessions.gpu_stand_in import GpuStandIn


def test_every_engine_has_a_provider() -> None:
    assert set(PROVIDERS) == {*ONNX_ENGINES, *NAMED_ENGINES}


def test_nvidias_libraries_are_loaded_before_a_session_and_nothing_is_printed(
    identity_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine = GpuStandIn().install(monkeypatch)
    with caplog.at_level(logging.INFO, "segrun"):
        open_session(ModelFile.read(identity_model), SessionOptions("cuda"))
    assert machine.preloaded == 1
    assert capsys.readouterr().out == ""
    assert "libcufft" in caplog.text
    open_session(ModelFile.read(identity_model), SessionOptions("cpu"))
    assert machine.preloaded == 1


def test_auto_does_not_take_cuda_without_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = GpuStandIn().install(monkeypatch)
    monkeypatch.setattr("segrun.sessions.providers.NVIDIA_DEVICES", ("/dev/none",))
    monkeypatch.setattr("segrun.sessions.providers.sys.platform", "linux")
    assert choose(machine, "auto")[0] == "cpu"


def test_engines_by_name_are_tried_where_they_are_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = GpuStandIn().install(monkeypatch)
    assert engines_to_try() == ONNX_ENGINES
    monkeypatch.setattr(machine, "get_available_providers", lambda: ["CoreMLExecutionProvider"])
    assert engines_to_try() == (*ONNX_ENGINES, "coreml")


def test_an_engine_by_name_that_is_not_built_in_says_what_is(identity_model: Path) -> None:
    with pytest.raises(
        EngineError, match=r"not in this build of onnxruntime. Received: .*CPUExecutionProvider"
    ):
        open_session(ModelFile.read(identity_model), SessionOptions("directml"))


def test_without_onnxruntime_the_usual_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingExtraError("running an ONNX model", "cpu")

    monkeypatch.setattr("segrun.sessions.providers.import_onnxruntime", missing)
    assert engines_to_try() == ONNX_ENGINES
