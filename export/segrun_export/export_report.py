"""What an export made and what parity found, as data; texts and tables are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.card import Precision
from segrun.model_file import ModelFormat
from segrun_export.parity import ParityReport


@dataclass(frozen=True)
class Artefact:
    """One exported file.

    Args:
        path: where it lies; None where it failed and was not kept.
        format: of the file.
        precision: of its weights and activations.
        size_bytes: of the file.
        operators: how often each operator stands in it.
        content_sha256: as the model contract defines it.
        thresholds: in its card.
        parity: one report for each engine that had to pass.
    """

    path: Path | None
    format: ModelFormat
    precision: Precision
    size_bytes: int
    operators: dict[str, int]
    content_sha256: str
    thresholds: tuple[float, ...]
    parity: tuple[ParityReport, ...]

    def __bool__(self) -> bool:
        return bool(self.parity) and all(self.parity)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "file": None if self.path is None else self.path.name,
            "format": self.format,
            "precision": self.precision,
            "passed": bool(self),
            "size_bytes": self.size_bytes,
            "nodes": sum(self.operators.values()),
            "operators": self.operators,
            "content_sha256": self.content_sha256,
            "thresholds": list(self.thresholds),
            "parity": [report.to_dict() for report in self.parity],
        }


@dataclass(frozen=True)
class ExportReport:
    """The outcome of one export; true when every artefact passed.

    Args:
        model: the ``.keras`` file.
        model_sha256: of it.
        artefacts: everything that was made.
        tiles: names of the real tiles that were compared.
        seconds: wall time.
        versions: of the libraries that took part.
    """

    model: Path
    model_sha256: str
    artefacts: tuple[Artefact, ...]
    tiles: tuple[str, ...]
    seconds: float
    versions: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.artefacts) and all(self.artefacts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why artefacts failed, one line for each failed comparison."""
        return tuple(
            f"{artefact.format} {artefact.precision} on {report.engine}: {'; '.join(report.reasons)}"
            for artefact in self.artefacts
            for report in artefact.parity
            if not report
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
            "artefacts": [artefact.to_dict() for artefact in self.artefacts],
        }


def table(report: ExportReport) -> str:
    """Return the parity table as aligned text, one line for each artefact and engine."""
    header = (
        "file",
        "precision",
        "engine",
        "MB",
        "max diff",
        "p99.9",
        "flipped %",
        "IoU",
        "truth IoU",
        "verdict",
    )
    rows = [header]
    for artefact in report.artefacts:
        for parity in artefact.parity:
            truth = "-" if parity.truth_iou is None else f"{parity.truth_iou:.4f}"
            rows.append(
                (
                    artefact.path.name if artefact.path else f"({artefact.format})",
                    artefact.precision,
                    parity.engine,
                    f"{artefact.size_bytes / 1e6:.2f}",
                    f"{parity.max_difference:.1e}",
                    f"{parity.p999_difference:.1e}",
                    f"{100 * parity.flipped:.4f}",
                    f"{parity.iou:.4f}",
                    truth,
                    "passed" if parity else "FAILED",
                )
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
