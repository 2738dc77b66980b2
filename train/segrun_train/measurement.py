"""Scores of a trained model over pictures, thresholds chosen from them, and what they come to."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from segrun.card import ModelClass
from segrun.progress import Progress
from segrun_train.missing_ground import as_written
from segrun_train.score_histogram import ScoreHistogram
from segrun_train.targets import IGNORED
from segrun_train.tiles import GridTiles


@dataclass(frozen=True)
class Measurement:
    """Histograms of one part of the pictures.

    Args:
        everywhere: over all pixels: the headline. Pixels of alpha 0 are background there, as ``segrun predict`` writes them.
        valid: without the pixels of alpha 0.
    """

    everywhere: ScoreHistogram
    valid: ScoreHistogram

    def report(self, classes: tuple[ModelClass, ...]) -> dict[str, Any]:
        """Return the figures of each class at its threshold and at 0.5, over all pixels and over the valid ones."""
        above = classes if len(classes) == 1 else classes[1:]
        return {
            item.name: {
                "threshold": item.threshold,
                "all_pixels": dataclasses.asdict(self.everywhere.figures(index, item.threshold)),
                "valid_pixels": dataclasses.asdict(self.valid.figures(index, item.threshold)),
                "all_pixels_at_half": dataclasses.asdict(self.everywhere.figures(index, 0.5)),
                "valid_pixels_at_half": dataclasses.asdict(self.valid.figures(index, 0.5)),
            }
            for index, item in enumerate(above)
        }


def measure(
    model: keras.Model, tiles: GridTiles, classes: int, progress: Progress | None, stage: str
) -> Measurement:
    """Run a model over tiles; memory does not grow with their number."""
    everywhere, valid = ScoreHistogram(classes), ScoreHistogram(classes)
    for index in range(len(tiles)):
        pixels, truth, is_valid = tiles.with_validity(index)
        scores = as_written(np.asarray(model.predict_on_batch(pixels), np.float32), is_valid[..., 0])
        classes_there = np.asarray(truth, np.uint8)
        everywhere.add(classes_there, scores)
        valid.add(np.where(is_valid, classes_there, np.uint8(IGNORED)), scores)
        if progress is not None:
            progress(stage, index + 1, len(tiles))
    return Measurement(everywhere, valid)


def classes_with_thresholds(
    names: tuple[str, ...], chosen_on: Measurement, pictures: str
) -> tuple[ModelClass, ...]:
    """Give each class the threshold of its highest IoU over valid pixels.

    Args:
        names: of the classes, the background among them where there are several.
        chosen_on: what the model says of some pictures.
        pictures: which ones, in a few words.
    """
    above = names if len(names) == 1 else names[1:]
    chosen = tuple(
        ModelClass(name, chosen_on.valid.best_threshold(index), f"highest IoU on {pictures}")
        for index, name in enumerate(above)
    )
    return chosen if len(names) == 1 else (ModelClass(names[0], 0.0, "background"), *chosen)
