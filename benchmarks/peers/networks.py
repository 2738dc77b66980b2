"""One network in every file that a contestant needs: exported from a RUN folder, or found beside an exported file."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.alternating import SEGRUN
from segrun.card import ModelCard
from segrun.errors import ModelError
from segrun.model_file import ModelFile

SUFFIXES = (".onnx", ".int8.onnx", ".tflite", ".int8.tflite", ".deepness.onnx")
# GeoDeep's file must state a resolution; it is overruled when it runs, so that it sees the pixels that all others see.
SOME_GSD_CM = 15.0


@dataclass(frozen=True)
class Network:
    """The files of one network.

    Args:
        name: of the network.
        tile: side of a tile, pixels.
        files: by ending, those that proved equal to Keras.
        refused: by ending, why a file is not among them.
        keras: the ``.keras`` file; None where only exported files were given.
        started: whether its training started from weights of another one; None where that is not known.
    """

    name: str
    tile: int
    files: Mapping[str, Path]
    refused: Mapping[str, str] = field(default_factory=dict)
    keras: Path | None = None
    started: bool | None = None

    @property
    def trained_on(self) -> tuple[str, ...]:
        """Names of the folders whose pictures it learned from; empty where its card does not say."""
        return tuple(str(item["name"]) for item in _card(self.files[".onnx"]).training_data if "name" in item)

    def thresholds(self, ending: str) -> tuple[float, ...]:
        """Return the thresholds that a file ships with."""
        return _card(self.files[ending]).thresholds

    def why_not(self, ending: str) -> str:
        """Say why there is no file of an ending."""
        return self.refused.get(ending, f"no *{ending} was given")


def name_of(model: Path) -> str:
    """Return the name that a RUN folder's or an exported file's network will have."""
    return model.resolve().name if model.is_dir() else _stem(model)


def network_from_file(path: Path) -> Network:
    """Take an exported file and its sisters of the same name in the same folder.

    Raises:
        ModelError: not a file that segrun exported.
    """
    stem = _stem(path)
    found = {suffix: path.with_name(stem + suffix) for suffix in SUFFIXES}
    files = {suffix: sister for suffix, sister in found.items() if sister.is_file()}
    if ".onnx" not in files:
        raise ModelError(f"the fp32 file is missing. Received: {path}. Put {stem}.onnx beside it.")
    refused = _refused(path.parent / "parity.json", stem)
    return Network(stem, _card(files[".onnx"]).tile, files, refused)


def network_from_run(
    run: Path, work: Path, *, overlap: int, images: Sequence[Path], masks: Sequence[Path]
) -> Network:
    """Export a RUN folder's network in every form, once: an export of the same network is taken again.

    Args:
        run: with ``model.keras``, ``run.json`` and, where no pictures are given, ``split.csv``.
        work: folder for exports.
        overlap: of neighbouring tiles, pixels.
        images: folders of pictures to prove and calibrate with; empty takes those that it was trained with.
        masks: their masks.
    Raises:
        ModelError: the network could not be exported.
    """
    facts = json.loads((run / "run.json").read_text(encoding="utf-8"))
    out = work / f"{name_of(run)}-{facts['model_sha256'][:8]}-{overlap}"
    if not (out / "parity.json").is_file():
        pictures = (images, masks) if images else trained_with(run)
        words = [word for folder in pictures[0] for word in ("--images", str(folder))]
        words += [word for folder in pictures[1] for word in ("--masks", str(folder))]
        words += ["--format", "onnx", "--format", "tflite", "--precision", "fp32", "--precision", "int8"]
        words += ["--profile", "deepness", "--overlap", str(overlap), "--out", str(out), "--overwrite"]
        if facts.get("gsd_cm") is None:
            words += ["--gsd-cm", str(SOME_GSD_CM)]
        _segrun("export", "--model", str(run / "model.keras"), *words)
    fp32 = out / f"{facts['name']}.onnx"
    found = network_from_file(fp32)
    started = facts["recipe"].get("init") is not None if "recipe" in facts else None
    return Network(name_of(run), found.tile, found.files, found.refused, run / "model.keras", started)


def trained_with(run: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders of pictures and of masks that ``split.csv`` names."""
    with (run / "split.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    folders = dict.fromkeys((Path(row["image"]).parent, Path(row["mask"]).parent) for row in rows)
    return [pair[0] for pair in folders], [pair[1] for pair in folders]


def _stem(path: Path) -> str:
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return path.name


def _refused(parity: Path, stem: str) -> dict[str, str]:
    if not parity.is_file():
        return {}
    report = json.loads(parity.read_text(encoding="utf-8"))
    found = {}
    for artefact in report["artefacts"]:
        if not artefact["passed"]:
            reasons = [reason for item in artefact["parity"] for reason in item["reasons"]]
            precision = "" if artefact["precision"] == "fp32" else f".{artefact['precision']}"
            ending = f"{precision}.{artefact['format']}"
            if artefact["file"] is not None:
                ending = artefact["file"].replace(".failed.", ".").removeprefix(stem)
            found[ending] = f"parity gate failed: {'; '.join(reasons)}"
    return found


def _card(path: Path) -> ModelCard:
    card = ModelFile.read(path).card()
    if card is None:
        raise ModelError(f"{path} has no card. Name a file that segrun export wrote.")
    return card


def _segrun(*words: str) -> None:
    """Run a command in this environment, which has the export extra; files that failed parity are no failure here."""
    done = subprocess.run([*SEGRUN, *words, "--quiet"], capture_output=True, text=True, check=False)
    out = Path(words[words.index("--out") + 1])
    if not (out / "parity.json").is_file():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"the network could not be exported. Received: {last}")
