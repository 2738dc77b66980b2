"""What an evaluation found, as data and as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from segrun_train.metrics import ClassMetrics
from segrun_train.score_histogram import Figures

EXIT_PARTLY = 3


@dataclass(frozen=True)
class PictureFigures:
    """How well one picture was met.

    Args:
        stem: its name.
        image: path of the picture.
        mask: path of its mask.
        all_pixels: figures of each class above the background.
        valid_pixels: the same without the pixels of alpha 0.
        present: whether a class is in the mask or was said to be.
        wrong: share of all pixels whose class is not the true one.
    """

    stem: str
    image: str
    mask: str
    all_pixels: tuple[Figures, ...]
    valid_pixels: tuple[Figures, ...]
    present: tuple[bool, ...]
    wrong: float

    @property
    def iou(self) -> float | None:
        """Mean IoU over the classes present; None where there is none to find and none was said."""
        found = [item.iou for item, here in zip(self.all_pixels, self.present, strict=True) if here]
        return sum(found) / len(found) if found else None

    def badness(self) -> tuple[float, float, str]:
        """Sort key: the worst picture first, the more wrong one among equals, empty ones last."""
        return (2.0 if self.iou is None else self.iou, -self.wrong, self.stem)


@dataclass(frozen=True)
class Failure:
    """A picture that could not be used, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class EvaluationReport:
    """What a model came to on pictures with masks.

    Args:
        model: the file.
        sha256: of the file.
        name: of the model.
        engine: that ran.
        tile: side of a tile, pixels.
        overlap_px: of neighbouring tiles.
        trained: how many of the pictures trained the model, as far as a ``split.csv`` beside it tells.
        all_pixels: each class above the background, over all pixels: the headline.
        valid_pixels: the same without the pixels of alpha 0.
        pictures: worst first.
        failures: pictures that could not be used.
    """

    model: str
    sha256: str
    name: str
    engine: str
    tile: int
    overlap_px: int
    trained: int
    all_pixels: tuple[ClassMetrics, ...]
    valid_pixels: tuple[ClassMetrics, ...]
    pictures: tuple[PictureFigures, ...]
    failures: tuple[Failure, ...]

    @property
    def mean_iou(self) -> float:
        """Mean over the classes above the background, at their thresholds, over all pixels."""
        return sum(item.at_threshold.iou for item in self.all_pixels) / len(self.all_pixels)

    @property
    def exit_code(self) -> int:
        """0, or 3 where some pictures could not be used."""
        return EXIT_PARTLY if self.failures else 0

    def as_json(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        pictures = [{**dataclasses.asdict(item), "iou": item.iou} for item in self.pictures]
        return {**dataclasses.asdict(self), "pictures": pictures, "mean_iou": self.mean_iou}

    def lines(self, worst: int = 5) -> Iterator[str]:
        """Yield the figures by class, and the worst pictures, as lines of text.

        Args:
            worst: how many pictures.
        """
        yield f"{self.name} on {self.engine}, {len(self.pictures)} pictures"
        yield f"{'class':16}{'at':>7}{'IoU':>8}{'F1':>8}{'prec.':>8}{'recall':>8}{'edge F1':>9}{'ECE':>8}"
        for title, classes in (("", self.all_pixels), (" (valid px)", self.valid_pixels)):
            for item in classes:
                yield _line(item.name + title, item.threshold, item.at_threshold) + (
                    f"{item.boundary.f1:9.3f}{item.reliability.ece:8.3f}"
                )
                yield _line("  at its best", item.best_threshold, item.at_best)
        if not worst:
            return
        yield f"worst pictures, of {len(self.pictures)}:"
        for picture in self.pictures[:worst]:
            iou = "nothing there" if picture.iou is None else f"IoU {picture.iou:.3f}"
            yield f"  {picture.stem}: {iou}, {picture.wrong:.1%} of its pixels wrong"


def _line(name: str, threshold: float, figures: Figures) -> str:
    values = (figures.iou, figures.f1, figures.precision, figures.recall)
    return f"{name[:16]:16}{threshold:7.2f}" + "".join(f"{value:8.3f}" for value in values)
