"""Pictures that a report shows, with what every model says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segrun.model import Model
from segrun.pairs import Pair
from segrun.pictures import read_picture
from segrun_train.evaluate import score
from segrun_train.evaluate_report import EvaluationReport
from segrun_train.missing_ground import masked


@dataclass(frozen=True)
class Answer:
    """What one model says of one picture.

    Args:
        label: of the run.
        score: float32 ``[h, w]`` in [0, 1], that there is any class above the background.
        mask: uint8 ``[h, w]`` class indices.
        iou: mean over the classes present; None without a truth, or where there is nothing to find.
    """

    label: str
    score: NDArray[np.float32]
    mask: NDArray[np.uint8]
    iou: float | None


@dataclass(frozen=True)
class Shown:
    """One picture.

    Args:
        name: of the picture.
        pixels: uint8 ``[h, w, 3]``, as shown.
        truth: uint8 ``[h, w]`` class indices, None where there is none.
        classes: how many there are above the background.
        answers: of every model.
    """

    name: str
    pixels: NDArray[np.uint8]
    truth: NDArray[np.uint8] | None
    classes: int
    answers: tuple[Answer, ...]


def shown_pair(label: str, model: Model, pair: Pair, iou: float | None) -> Shown:
    """Return a picture with its truth and one model's answer.

    Raises:
        InputError: an unusable picture or mask.
    """
    found = score(model, pair, model.card.thresholds)
    answer = Answer(label, any_class(found.prediction.scores), found.prediction.mask, iou)
    return Shown(pair.stem, as_rgb(found.picture.pixels), found.truth, _above(model), (answer,))


def shown_picture(label: str, model: Model, path: Path) -> Shown:
    """Return a picture without a truth, and one model's answer.

    Raises:
        InputError: an unusable picture.
    """
    picture = read_picture(path, bands=len(model.card.bands))
    found = masked(model.predict(picture.pixels), picture.valid)
    answer = Answer(label, any_class(found.scores), found.mask, None)
    return Shown(path.stem, as_rgb(picture.pixels), None, _above(model), (answer,))


def side_by_side(by_model: Sequence[Sequence[Shown]]) -> list[Shown]:
    """Join what several models say of the same pictures, in the order given."""
    return [
        replace(views[0], answers=tuple(answer for view in views for answer in view.answers))
        for views in zip(*by_model, strict=True)
    ]


def worst_first(pairs: Sequence[Pair], evaluations: Sequence[EvaluationReport]) -> list[Pair]:
    """Sort pairs by their mean IoU over all models, the worst first; those with nothing to find come last."""
    ious = [{Path(p.image).resolve(): p.iou for p in report.pictures} for report in evaluations]

    def mean(pair: Pair) -> float:
        found = [table.get(pair.image.resolve()) for table in ious]
        known = [iou for iou in found if iou is not None]
        return sum(known) / len(known) if known else 2.0

    return sorted((pair for pair in pairs if all(pair.image.resolve() in t for t in ious)), key=mean)


def spread_evenly(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """Take ``count`` of the pairs, evenly spread over their order, first and last among them."""
    if len(pairs) <= count:
        return list(pairs)
    return [pairs[round(place)] for place in np.linspace(0, len(pairs) - 1, count)]


def any_class(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the score of any class above the background, float32 ``[h, w]``."""
    return scores[..., 0] if scores.shape[-1] == 1 else np.asarray(1 - scores[..., 0], np.float32)


def as_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return three bands to show: the first three, or the first one thrice."""
    return pixels[..., :3] if pixels.shape[-1] >= 3 else np.repeat(pixels[..., :1], 3, axis=-1)


def _above(model: Model) -> int:
    return max(1, len(model.card.classes) - 1)
