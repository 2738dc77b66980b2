"""Who takes part: a name, an environment and a command that writes a mask of the orthophoto."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calls import callers, in_words
from benchmarks.peers.environments import Environment, environment
from benchmarks.peers.networks import Network
from segrun.model_file import ModelFile

OURS, TUNED, GEODEEP, KERAS = "segrun fp32", "segrun int8, tuned", "GeoDeep fp32", "Keras predict fp32"
BARE = "bare onnxruntime loop fp32"
LOOP = str(Path(__file__).with_name("loop.py"))
PROBES = {
    "openvino": (
        "import openvino, sys; sys.exit(None if 'CPU' in openvino.Core().available_devices else 'it has no CPU device here')"
    ),
    "litert": "import ai_edge_litert.interpreter",
    "keras": "import keras, tensorflow",
    "onnxruntime": "import onnxruntime",
}


@dataclass(frozen=True)
class Job:
    """What everybody does.

    Args:
        raster: the orthophoto.
        overlap: of neighbouring tiles, pixels.
        threads: of every engine.
        folder: masks go here.
    """

    raster: Path
    overlap: int
    threads: int
    folder: Path


@dataclass(frozen=True)
class Contestant:
    """One that runs.

    Args:
        name: for the table.
        environment: in which it runs; names its pins.
        command: program and arguments.
        mask: what it writes.
        detail: engine and settings, for the table.
    """

    name: str
    environment: str
    command: tuple[str, ...]
    mask: Path
    detail: str


@dataclass(frozen=True)
class Absentee:
    """One that cannot run, and why."""

    name: str
    reason: str


def line_up(network: Network, job: Job) -> tuple[list[Contestant], list[Absentee]]:
    """Make the environments and list everybody who can run this network, segrun first.

    Raises:
        EnvironmentFailedError: an environment cannot be made.
    """
    found: list[Contestant] = []
    absent: list[Absentee] = []
    for entry in (_ours(network, job), _tuned(network, job), *_geodeeps(network, job), *_loops(network, job)):
        (found if isinstance(entry, Contestant) else absent).append(entry)  # type: ignore[arg-type]
    return found, absent


def _ours(network: Network, job: Job) -> Contestant:
    home = environment("segrun")
    words = ("--engine", "cpu", "--threads", str(job.threads))
    model = network.files[".onnx"]
    calls = in_words(callers(model, engine="cpu", threads=job.threads), job.threads)
    return _predict(OURS, home, model, job, options=words, detail=f"onnxruntime CPU, batch 1, {calls}")


def _tuned(network: Network, job: Job) -> Contestant | Absentee:
    """Race the int8 files that proved equal; ``segrun tune`` runs before the measurement, as a user would."""
    files = [str(path) for ending, path in network.files.items() if ending.startswith(".int8")]
    if not files:
        reasons = {network.why_not(".int8.onnx"), network.why_not(".int8.tflite")}
        return Absentee(TUNED, "; ".join(sorted(reasons)))
    home = environment("segrun")
    words = [home.program("segrun"), "tune", *files, "--threads", str(job.threads), "--json", "-", "--quiet"]
    # Its own cache: the profile of whoever runs this stays as it is.
    told = subprocess.run(
        words, capture_output=True, text=True, check=False, env=_private_cache(job.folder)
    )  # fmt: skip
    profiles = json.loads(told.stdout)["profiles"] if told.stdout.strip() else {}
    if not profiles:
        last = (told.stderr.strip().splitlines() or ["no candidate passed"])[-1]
        return Absentee(TUNED, last)
    path, best = min(profiles.items(), key=lambda item: item[1]["ms_per_tile"])
    options = ("--engine", best["engine"], "--threads", str(best["threads"]), "--batch", str(best["batch"]))
    calls = callers(Path(path), engine=best["engine"], threads=best["threads"], batch=best["batch"])
    form = ModelFile.read(Path(path)).format
    detail = f"{form} on {best['engine']}, batch {best['batch']}, {in_words(calls, best['threads'])}"
    return _predict(TUNED, home, Path(path), job, options=options, detail=detail)


def _predict(
    name: str, home: Environment, model: Path, job: Job, *, options: Sequence[str], detail: str
) -> Contestant:
    out = job.folder / name.replace(" ", "-").replace(",", "")
    command = (
        home.program("segrun"), "predict", str(job.raster), "--model", str(model), "-o", str(out), "--overwrite", "--quiet",
        "--overlap", str(job.overlap), *options,
    )  # fmt: skip
    return Contestant(name, home.name, command, out / f"{job.raster.stem}.tif", detail)


def _geodeeps(network: Network, job: Job) -> list[Contestant | Absentee]:
    if ".deepness.onnx" not in network.files:
        return [Absentee(GEODEEP, network.why_not(".deepness.onnx"))]
    found: list[Contestant | Absentee] = []
    for name, pins, detail in (
        (GEODEEP, "geodeep-scipy", "onnxruntime CPU, with scipy's median filter"),
        (f"{GEODEEP}, plain install", "geodeep", "onnxruntime CPU, its own median filter"),
    ):
        home = environment(pins)
        mask = job.folder / f"{pins}.tif"
        # A resolution finer than the picture's keeps it from reading the picture smaller than it is.
        command = (
            home.program("geodeep"), str(job.raster), str(network.files[".deepness.onnx"]), "-t", "mask",
            "-o", str(mask), "-r", "1", "--max-threads", str(job.threads), "-q",
        )  # fmt: skip
        found.append(Contestant(name, pins, command, mask, detail))
    return found


def _loops(network: Network, job: Job) -> list[Contestant | Absentee]:
    one_call = in_words(1, job.threads)
    wanted = (
        (BARE, "onnxruntime", ".onnx", f"session.run, batch 1, {one_call}"),
        ("bare onnxruntime loop int8", "onnxruntime", ".int8.onnx", f"session.run, batch 1, {one_call}"),
        ("OpenVINO fp32", "openvino", ".onnx", f"its own API, f32 hint, {one_call}"),
        ("OpenVINO int8", "openvino", ".int8.onnx", f"its own API, f32 hint, {one_call}"),
        ("LiteRT fp32", "litert", ".tflite", f"interpreter, {one_call}"),
        ("LiteRT int8", "litert", ".int8.tflite", f"interpreter, {one_call}"),
        (KERAS, "keras", ".keras", "tensorflow, batch 8"),
    )
    return [
        _loop(network, job, name, engine=engine, ending=ending, detail=detail)
        for name, engine, ending, detail in wanted
    ]


def _loop(
    network: Network, job: Job, name: str, *, engine: str, ending: str, detail: str
) -> Contestant | Absentee:
    path = network.keras if ending == ".keras" else network.files.get(ending)
    if path is None:
        return Absentee(name, network.why_not(ending))
    home = environment(engine)
    probe = subprocess.run(
        [home.program("python"), "-c", PROBES[engine]], capture_output=True, text=True, check=False
    )
    if probe.returncode != 0:
        last = (probe.stderr.strip().splitlines() or [f"its probe ended with {probe.returncode}"])[-1]
        return Absentee(name, f"{engine}: {last}")
    thresholds = network.thresholds(".onnx" if ending == ".keras" else ending)
    mask = job.folder / f"{name.replace(' ', '-')}.tif"
    command = (
        home.program("python"), LOOP, engine, str(path), str(job.raster), str(mask), "--tile", str(network.tile),
        "--overlap", str(job.overlap), "--threads", str(job.threads), "--thresholds", *(str(value) for value in thresholds),
    )  # fmt: skip
    return Contestant(name, engine, command, mask, detail)


def _private_cache(folder: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
