"""Claim: Keras's MeanIoU cast the scores to class 0, so it never moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from segrun_train.score_histogram import ScoreHistogram

Scores = NDArray[np.float32]
# float32 cannot tell a sigmoid from 1 beyond a logit of about 16.6.
_LOGITS = np.arange(0, 40, 0.1, dtype=np.float32)


@dataclass(frozen=True)
class Answer:
    """What one way of answering comes to.

    Args:
        name: the way.
        mean_iou: Keras's ``MeanIoU(num_classes=2)``.
        iou: IoU of the roofs at 0.5.
    """

    name: str
    mean_iou: float
    iou: float


@dataclass(frozen=True)
class MeanIoUFound:
    """What the experiment found.

    Args:
        answers: several ways of answering, good and bad.
        half_below_one: half the share of labels that are not exactly 1.
        saturates_at: the lowest logit, to a tenth, whose float32 sigmoid is exactly 1.
    """

    answers: tuple[Answer, ...]
    half_below_one: float
    saturates_at: float


def mean_iou_of(labels: Sequence[Scores], seed: int = 0) -> MeanIoUFound:
    """Give Keras's metric good and bad scores for the same masks.

    Args:
        labels: float32 ``[h, w]`` in [0, 1].
        seed: of the random scores.
    """
    rng = np.random.default_rng(seed)
    ways: dict[str, Callable[[Scores], Scores]] = {
        "0 everywhere": np.zeros_like,
        "random scores": lambda truth: rng.random(truth.shape, np.float32),
        "the truth turned round": lambda truth: 0.999 * (1 - truth),
        "the truth, at most 0.999": lambda truth: 0.999 * truth,
        "the truth, 1.0 included": lambda truth: truth,
    }
    answers = tuple(_answer(name, way, labels) for name, way in ways.items())
    below = sum(int((truth < 1).sum()) for truth in labels) / sum(truth.size for truth in labels)
    with np.errstate(over="ignore"):
        sigmoid = np.float32(1) / (np.float32(1) + np.exp(-_LOGITS))
    return MeanIoUFound(answers, below / 2, float(_LOGITS[sigmoid == 1][0]))


def blends(labels: Sequence[Scores], steps: int = 9, seed: int = 0) -> list[tuple[float, float, float]]:
    """Return ``(share of truth, MeanIoU, IoU at 0.5)`` of scores that go from noise to truth."""
    found = []
    for share in np.linspace(0, 1, steps):
        noise = np.random.default_rng(seed)

        def way(truth: Scores, share: float = float(share), noise: np.random.Generator = noise) -> Scores:
            mixed = share * truth + (1 - share) * noise.random(truth.shape)
            return np.asarray(0.999 * mixed, np.float32)

        answer = _answer("", way, labels)
        found.append((float(share), answer.mean_iou, answer.iou))
    return found


def _answer(name: str, way: Callable[[Scores], Scores], labels: Sequence[Scores]) -> Answer:
    metric, histogram = keras.metrics.MeanIoU(num_classes=2), ScoreHistogram(1)
    for truth in labels:
        scores = np.asarray(way(truth), np.float32)
        metric.update_state(truth[None, ..., None], scores[None, ..., None])
        histogram.add((truth > 0.5).astype(np.uint8)[None, ..., None], scores[None, ..., None])
    return Answer(name, float(metric.result()), histogram.figures(0, 0.5).iou)
