from __future__ import annotations

import importlib.metadata
import json

import pytest

from segrun import cli
from segrun.doctor import diagnose
from tests.runtime.sessions.gpu_stand_in import GpuStandIn


def test_the_cpu_engine_is_ready_and_cuda_says_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["doctor", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    engines = {engine["name"]: engine for engine in found["engines"]}
    assert engines["cpu"]["usable"]
    assert not engines["cuda"]["usable"]
    assert "segrun[gpu]" in engines["cuda"]["reason"]
    assert found["cpus"] >= 1
    assert found["versions"]["segrun"]


def test_two_onnxruntimes_are_a_problem_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "1.0" if name.startswith("onnxruntime") else real(name)
    )
    monkeypatch.setattr("segrun.sessions.providers._may_clash", lambda _ort: True)
    diagnosis = diagnose()
    assert not diagnosis
    assert any("pip uninstall -y onnxruntime onnxruntime-gpu" in problem for problem in diagnosis.problems)
    assert not any(engine.usable for engine in diagnosis.engines if engine.name != "litert")


def test_without_any_engine_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    assert any("segrun[cpu]" in problem for problem in diagnose().problems)


def test_a_gpu_is_ready_when_a_model_loads_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    GpuStandIn(substitute=True).install(monkeypatch)
    monkeypatch.setattr("segrun.doctor.import_onnxruntime", lambda: GpuStandIn(substitute=True))
    (state,) = [engine for engine in diagnose().engines if engine.name == "cuda"]
    assert not state.usable
    assert "it misses libcufft.so.11" in state.reason
