"""Keras against one artefact, in mask space as well as in numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.agreement import GATES, Gates, Mask, iou
from segrun.card import Activation, Precision
from segrun.threshold import mask_from_scores

Scores = npt.NDArray[np.float32]
# Scores closer together than this over all tiles are a constant, not an answer to the pictures.
_CONSTANT = 1e-3


@dataclass(frozen=True)
class ParityReport:
    """What a comparison found; true when the artefact passed. Differences are infinite where a score is not finite.

    Args:
        precision: of the artefact.
        engine: that ran it.
        tiles: number of real tiles compared.
        finite: whether every score is a finite number, edge inputs included.
        max_difference: of the scores on real tiles.
        mean_difference: the same, mean.
        p999_difference: the same, 99.9th percentile.
        edge_difference: largest difference on the edge inputs.
        flipped: share of pixels whose class differs at Keras's thresholds.
        iou: of the artefact's mask against Keras's.
        positives: share of positive pixels in Keras's mask.
        truth_iou: of the artefact's mask, at its own thresholds, against truth; None without truth.
        keras_truth_iou: of Keras's mask against truth.
        gates: what had to be kept.
        reasons: why it failed; empty when it passed.
    """

    precision: Precision
    engine: str
    tiles: int
    finite: bool
    max_difference: float
    mean_difference: float
    p999_difference: float
    edge_difference: float
    flipped: float
    iou: float
    positives: float
    truth_iou: float | None
    keras_truth_iou: float | None
    gates: Gates
    reasons: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON can hold it: null where a number is not finite."""
        fields = dataclasses.asdict(self)
        fields["reasons"] = list(self.reasons)
        fields["passed"] = bool(self)
        return {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in fields.items()
        }


def compare(
    reference: Scores,
    scores: Scores,
    *,
    thresholds: Sequence[float],
    activation: Activation,
    precision: Precision,
    engine: str,
    own_thresholds: Sequence[float] | None = None,
    truth: Mask | None = None,
    edge_reference: Scores | None = None,
    edge_scores: Scores | None = None,
) -> ParityReport:
    """Compare an artefact's scores with Keras's.

    Args:
        reference: float32 [n, h, w, k], Keras.
        scores: float32 [n, h, w, k], the artefact.
        thresholds: Keras's, one for each class.
        activation: of the model.
        precision: chooses the gates.
        engine: that ran the artefact.
        own_thresholds: the artefact's, for the comparison with truth; Keras's where None.
        truth: uint8 [n, h, w] class indices.
        edge_reference: Keras's scores on the edge inputs, judged for finiteness, in fp32 also for difference.
        edge_scores: the artefact's.
    Raises:
        ValueError: the shapes differ.
    """
    if reference.shape != scores.shape:
        raise ValueError(f"both must have one shape. Received: {reference.shape} and {scores.shape}.")
    keras_mask = mask_from_scores(reference, thresholds, activation)
    mask = mask_from_scores(scores, thresholds, activation)
    finite = all(
        bool(np.isfinite(item).all())
        for item in (reference, scores, edge_reference, edge_scores)
        if item is not None
    )
    difference = np.abs(reference.astype(np.float64) - scores) if finite else np.full(1, np.inf)
    edge_difference = 0.0
    if edge_reference is not None and edge_scores is not None:
        edge_difference = float(np.abs(edge_reference - edge_scores).max()) if finite else math.inf
    own_mask = mask if own_thresholds is None else mask_from_scores(scores, own_thresholds, activation)
    report = ParityReport(
        precision=precision,
        engine=engine,
        tiles=reference.shape[0],
        finite=finite,
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        p999_difference=float(np.quantile(difference, 0.999)) if finite else math.inf,
        edge_difference=edge_difference,
        flipped=float((mask != keras_mask).mean()),
        iou=iou(mask, keras_mask),
        positives=float((keras_mask > 0).mean()),
        truth_iou=None if truth is None else iou(own_mask, truth),
        keras_truth_iou=None if truth is None else iou(keras_mask, truth),
        gates=GATES[precision],
        reasons=(),
    )
    spread = float(np.ptp(scores)) if finite else 0.0
    return dataclasses.replace(report, reasons=tuple(_reasons(report, spread)))


def edge_tiles(tile: int, bands: int) -> npt.NDArray[np.uint8]:
    """Return inputs that no picture shows: all 0, all 255, noise, one bright pixel; uint8 [4, tile, tile, b]."""
    tiles = np.zeros((4, tile, tile, bands), np.uint8)
    tiles[1] = 255
    tiles[2] = np.random.default_rng(0).integers(0, 256, tiles[2].shape, np.uint8)
    tiles[3, tile // 2, tile // 2] = 255
    return tiles


def _reasons(report: ParityReport, spread: float) -> list[str]:
    """Name every gate that does not hold; each is written as ``not (value <= gate)``, so that NaN fails."""
    reasons = []
    if not report.finite:
        reasons.append("scores are not finite")
    if not 0 < report.positives < 1:
        reasons.append("vacuous: Keras's mask is all one class on every tile")
    if report.finite and not spread > _CONSTANT:
        reasons.append("vacuous: the artefact's scores are constant")
    return [*reasons, *_score_reasons(report), *_mask_reasons(report)]


def _score_reasons(report: ParityReport) -> list[str]:
    gate = report.gates.max_difference
    if gate is None:
        return []
    found = (("", report.max_difference), (" on edge inputs", report.edge_difference))
    return [f"max difference{where} {value:.2g} > {gate:.2g}" for where, value in found if not value <= gate]


def _mask_reasons(report: ParityReport) -> list[str]:
    gates = report.gates
    reasons = []
    if not report.flipped <= gates.flipped:
        reasons.append(f"flipped pixels {100 * report.flipped:.3g} % > {100 * gates.flipped:.3g} %")
    if gates.iou is not None and not report.iou >= gates.iou:
        reasons.append(f"IoU against Keras {report.iou:.4f} < {gates.iou}")
    if gates.truth_drop is not None and report.truth_iou is not None and report.keras_truth_iou is not None:
        drop = report.keras_truth_iou - report.truth_iou
        if not drop <= gates.truth_drop:
            reasons.append(f"IoU against truth drops by {drop:.4f} > {gates.truth_drop}")
    return reasons
