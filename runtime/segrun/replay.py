"""Golden tiles on an engine: what came out, and how it compares with Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.agreement import GATES, iou
from segrun.card import Activation, Precision
from segrun.golden import GoldenTiles
from segrun.threshold import mask_from_scores

# Golden scores are stored in steps of 1/65535.
STEP = 0.5 / 65535 + 1e-7


@dataclass(frozen=True)
class Findings:
    """A comparison on the golden crops.

    Args:
        finite: whether every score is a finite number.
        max_difference: of the scores; None where one is not finite.
        flipped: share of pixels whose class differs from Keras's.
        iou: of the mask against Keras's.
    """

    finite: bool
    max_difference: float | None
    flipped: float
    iou: float

    def reasons(self, precision: Precision, exported: dict[str, Any] | None) -> tuple[str, ...]:
        """Say why this is not the model that was exported; each gate is written so that NaN fails.

        Two crops hold more edges than whole tiles do, so export's own findings on them move the gates of fp16 and int8.

        Args:
            precision: of the file.
            exported: what export found on the same crops, from the certificate; None where it says nothing.
        """
        gates = GATES[precision]
        known = exported or {"flipped": 0.0, "iou": 1.0}
        flips = gates.flipped + (float(known["flipped"]) if precision != "fp32" else 0.0)
        reasons = []
        if not self.finite:
            reasons.append("scores are not finite")
        if gates.max_difference is not None:
            limit = gates.max_difference + STEP
            if self.max_difference is None or not self.max_difference <= limit:
                reasons.append(f"max difference {_text(self.max_difference)} > {gates.max_difference:g}")
        if not self.flipped <= flips:
            reasons.append(f"flipped pixels {100 * self.flipped:.3g} % > {100 * flips:.3g} %")
        if gates.iou is not None:
            least = min(gates.iou, float(known["iou"]) - 0.005)
            if not self.iou >= least:
                reasons.append(f"IoU against Keras {self.iou:.4f} < {least:.4f}")
        return tuple(reasons)


def compared(
    golden: GoldenTiles,
    scores: npt.NDArray[np.float32],
    thresholds: Sequence[float],
    activation: Activation,
) -> Findings:
    """Compare an engine's scores with Keras's.

    Args:
        golden: with Keras's scores.
        scores: float32 [2, tile, tile, k], what the engine made of ``golden.padded(tile)``.
        thresholds: Keras's.
        activation: of the model.
    """
    cut = golden.crop(scores)
    finite = bool(np.isfinite(cut).all())
    masks = [mask_from_scores(item, thresholds, activation) for item in (golden.reference, cut)]
    return Findings(
        finite=finite,
        max_difference=float(np.abs(cut - golden.reference).max()) if finite else None,
        flipped=float((masks[0] != masks[1]).mean()),
        iou=iou(masks[1], masks[0]),
    )


def _text(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2g}"
