"""Re-choosing the thresholds of an artefact, so that its masks stay those of Keras."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segrun.agreement import iou
from segrun.card import Activation, ModelClass
from segrun.threshold import mask_from_scores

_STEPS = 40
_REACH = 0.1


def matched_classes(
    classes: Sequence[ModelClass],
    reference: npt.NDArray[np.float32],
    scores: npt.NDArray[np.float32],
    activation: Activation,
) -> tuple[ModelClass, ...]:
    """Choose each threshold so that the artefact's mask is closest to the one Keras gives at its own threshold.

    Matching Keras, not truth, keeps what training chose on many more pictures than the few tiles seen here.
    Of equal thresholds the one nearest to Keras's is taken.

    Args:
        classes: with Keras's thresholds.
        reference: float32 [n, h, w, k], Keras.
        scores: float32 [n, h, w, k], the artefact.
        activation: of the model.
    """
    wanted = mask_from_scores(reference, [item.threshold for item in classes], activation)
    chosen = [item.threshold for item in classes]
    for index in range(0 if activation == "sigmoid" else 1, len(classes)):
        start = classes[index].threshold
        offsets = sorted(np.linspace(-_REACH, _REACH, 2 * _STEPS + 1), key=abs)
        candidates = [round(float(start + offset), 4) for offset in offsets if 0 < start + offset < 1]
        best = (-1.0, start)
        for candidate in candidates or [start]:
            tried = [*chosen[:index], candidate, *chosen[index + 1 :]]
            found = iou(mask_from_scores(scores, tried, activation), wanted)
            if found > best[0]:
                best = (found, candidate)
        chosen[index] = best[1]
    return tuple(
        item
        if threshold == item.threshold
        else dataclasses.replace(
            item,
            threshold=threshold,
            threshold_source=f"matched to Keras's mask at {item.threshold:g} on {len(scores)} tiles",
        )
        for item, threshold in zip(classes, chosen, strict=True)
    )
