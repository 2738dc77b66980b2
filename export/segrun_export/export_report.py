"""What an export made and what parity found, as data; texts and tables are made from it."""

from __future__ import annotations

import contextlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.text_table import aligned
from segrun_export.parity import ParityReport
from segrun_export.receptive_field import ReceptiveField
from segrun_export.variants import Variant


@dataclass(frozen=True)
class Artefact:
    """One exported file; true when parity holds on every engine that it must run on.

    Args:
        path: where it lies; None where it failed and was not kept.
        variant: format and precision.
        size_bytes: of the file.
        operators: how often each operator stands in it.
        settings: what was chosen for it, calibration for example.
        content_sha256: as the model contract defines it.
        thresholds: in its card.
        parity: one report for each engine that ran it.
        not_certified: why an engine has no report, by its name.
        ms_per_tile: median time of each engine, one tile a call, measured in passing.
        worst_tile: number of the tile that differs most, and float32 [tile, tile, k], the artefact's scores for it.
    """

    path: Path | None
    variant: Variant
    size_bytes: int
    operators: dict[str, int]
    settings: dict[str, Any]
    content_sha256: str
    thresholds: tuple[float, ...]
    parity: tuple[ParityReport, ...]
    not_certified: dict[str, str]
    ms_per_tile: dict[str, float]
    worst_tile: tuple[int, npt.NDArray[np.float32]]

    def __bool__(self) -> bool:
        passed = {report.engine for report in self.parity if report}
        return passed.issuperset(self.variant.required)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "file": None if self.path is None else self.path.name,
            "format": self.variant.format,
            "precision": self.variant.precision,
            "passed": bool(self),
            "size_bytes": self.size_bytes,
            "nodes": sum(self.operators.values()),
            "operators": self.operators,
            "settings": self.settings,
            "content_sha256": self.content_sha256,
            "thresholds": list(self.thresholds),
            "parity": [report.to_dict() for report in self.parity],
            "not_certified": self.not_certified,
            "ms_per_tile": {engine: round(value, 3) for engine, value in self.ms_per_tile.items()},
        }


@dataclass(frozen=True)
class ExportReport:
    """The outcome of one export; true when every artefact passed.

    Args:
        model: the ``.keras`` file.
        model_sha256: of it.
        artefacts: everything that was made.
        tiles: names of the real tiles that were compared.
        roles: how proof and calibration pictures were told apart.
        receptive_field: how far a pixel's score depends on its surroundings.
        seconds: wall time.
        versions: of the libraries that took part.
    """

    model: Path
    model_sha256: str
    artefacts: tuple[Artefact, ...]
    tiles: tuple[str, ...]
    roles: str
    receptive_field: ReceptiveField
    seconds: float
    versions: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.artefacts) and all(self.artefacts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why artefacts failed, one line for each failed comparison on an engine that must pass."""
        return tuple(
            f"{artefact.variant.format} {artefact.variant.precision} on {report.engine}: {'; '.join(report.reasons)}"
            for artefact in self.artefacts
            for report in artefact.parity
            if not report and report.engine in artefact.variant.required
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "model": self.model.name,
            "model_sha256": self.model_sha256,
            "passed": bool(self),
            "seconds": round(self.seconds, 2),
            "versions": self.versions,
            "tiles": list(self.tiles),
            "roles": self.roles,
            "receptive_field": self.receptive_field.to_dict(),
            "artefacts": [artefact.to_dict() for artefact in self.artefacts],
        }


def table(report: ExportReport) -> str:
    """Return the parity table as aligned text, one line for each artefact and engine, then what could not run."""
    header = (
        "file", "engine", "MB", "ms/tile", "max diff", "p99.9", "flipped %", "IoU", "truth IoU", "verdict",
    )  # fmt: skip
    rows = [header, *(row for artefact in report.artefacts for row in _rows(artefact))]
    missing = {
        f"not certified for {engine}, {problem}"
        for artefact in report.artefacts
        for engine, problem in artefact.not_certified.items()
    }
    return "\n".join([*aligned(rows), *sorted(missing)])


def _rows(artefact: Artefact) -> list[tuple[str, ...]]:
    name = (
        artefact.path.name if artefact.path else f"({artefact.variant.precision} {artefact.variant.format})"
    )
    size = f"{artefact.size_bytes / 1e6:.2f}"
    return [
        (
            name,
            parity.engine,
            size,
            f"{artefact.ms_per_tile[parity.engine]:.1f}",
            f"{parity.max_difference:.1e}",
            f"{parity.p999_difference:.1e}",
            f"{100 * parity.flipped:.4f}",
            f"{parity.iou:.4f}",
            "-" if parity.truth_iou is None else f"{parity.truth_iou:.4f}",
            "passed" if parity else "FAILED",
        )
        for parity in artefact.parity
    ]


def versions() -> dict[str, str]:
    """Return the versions of the libraries that take part in an export."""
    found = {}
    for name in (
        "segrun",
        "keras",
        "tensorflow",
        "tf2onnx",
        "onnx",
        "onnxruntime",
        "ai-edge-litert",
        "numpy",
    ):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found
