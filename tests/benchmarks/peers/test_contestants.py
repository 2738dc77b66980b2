from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import contestants
from benchmarks.peers.contestants import BARE, GEODEEP, KERAS, OURS, TUNED, Absentee, Contestant, Job, line_up
from benchmarks.peers.environments import Environment
from benchmarks.peers.networks import Network
from tests.onnx_models import card, identity_graph, write_model


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "ortho.tif", 32, 2, tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    endings = (".onnx", ".int8.onnx", ".deepness.onnx")
    return {end: write_model(tmp_path / f"m{end}", identity_graph(64), card(64)) for end in endings}


def stage(monkeypatch: pytest.MonkeyPatch, *, tuned: dict[str, Any], without: str = "") -> None:
    """Put programs in the contestants' place that are never started: environments, the race and the probes."""
    monkeypatch.setattr(contestants, "environment", lambda name: Environment(name, Path("/venvs") / name))

    def run(command: list[str], **_: Any) -> Any:
        if "tune" in command:
            return subprocess.CompletedProcess(command, 0, json.dumps({"profiles": tuned}), "")
        missing = without != "" and without in command[0]
        said = "Traceback ...\nImportError: libgomp.so.1: no such file\n" if missing else ""
        return subprocess.CompletedProcess(command, int(missing), "", said)

    monkeypatch.setattr(subprocess, "run", run)


def by_name(network: Network, job: Job) -> dict[str, Contestant | Absentee]:
    present, absent = line_up(network, job)
    assert present[0].name == OURS
    return {**{item.name: item for item in present}, **{item.name: item for item in absent}}


def test_everybody_gets_the_same_raster_overlap_and_threads(
    monkeypatch: pytest.MonkeyPatch, job: Job, files: dict[str, Path]
) -> None:
    best = {"engine": "cpu", "threads": 2, "batch": 4, "ms_per_tile": 3.0}
    stage(monkeypatch, tuned={str(files[".int8.onnx"]): best})
    found = by_name(Network("m", 64, files, {}, Path("model.keras")), job)
    running = [item for item in found.values() if isinstance(item, Contestant)]
    for item in running:
        assert str(job.raster) in item.command
        assert "2" in item.command
        if "geodeep" not in item.environment:  # there the overlap stands in the file
            assert item.command[item.command.index("--overlap") + 1] == "32"
    tuned, geodeep, keras = found[TUNED], found[GEODEEP], found[KERAS]
    assert isinstance(tuned, Contestant)
    assert tuned.command[-2:] == ("--batch", "4")
    assert tuned.detail == "onnx on cpu, batch 4, one two-thread call"
    ours, bare = found[OURS], found[BARE]
    assert isinstance(ours, Contestant)
    assert ours.detail == "onnxruntime CPU, batch 1, two one-thread calls"
    assert isinstance(bare, Contestant)
    assert bare.detail == "session.run, batch 1, one two-thread call"
    assert isinstance(geodeep, Contestant)
    assert geodeep.command[geodeep.command.index("-r") + 1] == "1"
    assert isinstance(keras, Contestant)
    assert "model.keras" in keras.command


def test_who_lacks_a_file_or_a_device_is_absent_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, job: Job, files: dict[str, Path]
) -> None:
    stage(monkeypatch, tuned={}, without="openvino")
    only = {".onnx": files[".onnx"]}
    found = by_name(Network("m", 64, only, {".int8.tflite": "parity gate failed: IoU"}), job)
    assert found["OpenVINO fp32"] == Absentee(
        "OpenVINO fp32", "openvino: ImportError: libgomp.so.1: no such file"
    )
    assert found["LiteRT int8"] == Absentee("LiteRT int8", "parity gate failed: IoU")
    assert found[TUNED] == Absentee(TUNED, "no *.int8.onnx was given; parity gate failed: IoU")
    assert found[GEODEEP] == Absentee(GEODEEP, "no *.deepness.onnx was given")


def test_int8_files_that_all_fail_here_are_not_raced(
    monkeypatch: pytest.MonkeyPatch, job: Job, files: dict[str, Path]
) -> None:
    stage(monkeypatch, tuned={})
    assert by_name(Network("m", 64, files), job)[TUNED] == Absentee(TUNED, "no candidate passed")


def test_openvino_without_a_device_is_told_from_openvino_that_cannot_be_imported(tmp_path: Path) -> None:
    (tmp_path / "openvino.py").write_text("class Core:\n    available_devices = ['GPU']\n")
    for folder, said in ((tmp_path, "it has no CPU device here"), (tmp_path / "none", "ModuleNotFoundError")):
        done = subprocess.run(
            [sys.executable, "-S", "-c", contestants.PROBES["openvino"]],
            capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)},
        )  # fmt: skip
        assert done.returncode == 1
        assert said in done.stderr.splitlines()[-1]
