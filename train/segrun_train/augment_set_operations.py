"""Augmentor's operations, applied so that picture, validity and mask stay what they are."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.errors import MissingExtraError

Plane = npt.NDArray[np.uint8]
POSITIVE_ABOVE = 127
# Where less than this much of a pixel comes from the picture, it counts as missing.
_COVERED_ABOVE = 200


@dataclass(frozen=True)
class AugmentPlan:
    """How strongly pictures are changed; each step happens with probability ``chance``.

    The notebook names the steps (small rotation, flips, zoom in) but not their amounts; these are ours.

    Args:
        chance: probability of each step.
        max_turn_deg: largest rotation to either side, whole degrees from 1 to 25.
        zoom: smallest and largest enlargement.
    """

    chance: float = 0.5
    max_turn_deg: int = 10
    zoom: tuple[float, float] = (1.05, 1.35)

    def __post_init__(self) -> None:
        if not 0 < self.chance <= 1:
            raise ValueError(f"chance must lie in (0, 1]. Received: {self.chance}.")
        if not 1 <= self.max_turn_deg <= 25:
            raise ValueError(
                f"max_turn_deg must lie in 1..25, Augmentor's range. Received: {self.max_turn_deg}."
            )
        if not 1 < self.zoom[0] <= self.zoom[1]:
            raise ValueError(f"zoom must enlarge: 1 < low <= high. Received: {self.zoom}.")


@dataclass(frozen=True)
class Layers:
    """What moves together.

    Args:
        pixels: uint8 [h, w, 3], RGB.
        valid: uint8 [h, w], 255 where there is data, else 0.
        mask: uint8 [h, w].
    """

    pixels: Plane
    valid: Plane
    mask: Plane


def augmentor_operations(plan: AugmentPlan) -> list[Any]:
    """Return Augmentor's operations in the notebook's order.

    Raises:
        MissingExtraError: Augmentor is not installed.
    """
    try:
        from Augmentor import Operations
    except ImportError as error:
        raise MissingExtraError("writing an augmented set", "train") from error
    return [
        Operations.RotateRange(plan.chance, plan.max_turn_deg, plan.max_turn_deg),
        Operations.Flip(plan.chance, "LEFT_RIGHT"),
        Operations.Flip(plan.chance, "TOP_BOTTOM"),
        Operations.Zoom(plan.chance, *plan.zoom),
    ]


def augmented(
    layers: Layers, operations: Sequence[Any], seed: str, *, classes: int, grey_masks: bool
) -> Layers:
    """Change one picture and its mask together, by at least one operation.

    Augmentor turns and enlarges masks as if they were pictures, which makes them grey; here they are made binary again
    after every operation (indices: the class that covers most), unless ``grey_masks`` keeps the flaw.

    Args:
        layers: the original.
        operations: of ``augmentor_operations``.
        seed: one seed always gives the same result; Python's and numpy's global generators are left as they were.
        classes: 1 for a binary mask, more for class indices.
        grey_masks: keep Augmentor's own interpolated masks.
    """
    with _seeded(seed):
        chosen: list[Any] = []
        while not chosen:
            chosen = [step for step in operations if random.random() < step.probability]  # noqa: S311 - pictures
        for step in chosen:
            layers = _one_step(layers, step, classes=classes, grey_masks=grey_masks)
    return layers


def _one_step(layers: Layers, step: Any, *, classes: int, grey_masks: bool) -> Layers:
    from PIL import Image

    if classes > 1:
        masks = [np.where(layers.mask == index, np.uint8(255), np.uint8(0)) for index in range(classes)]
    else:
        masks = [layers.mask]
    planes = [layers.pixels, layers.valid, *masks]
    moved = [
        np.asarray(picture, np.uint8)
        for picture in step.perform_operation([Image.fromarray(p) for p in planes])
    ]
    pixels, valid, masks = moved[0], moved[1], moved[2:]
    if classes > 1:
        mask = np.argmax(np.stack(masks), axis=0).astype(np.uint8)
    else:
        mask = masks[0] if grey_masks else binary(masks[0])
    covered = np.where(valid > _COVERED_ABOVE, np.uint8(255), np.uint8(0))
    return Layers(pixels, covered, mask)


def binary(mask: Plane) -> Plane:
    """Return 255 where a mask is above 127, else 0."""
    return np.where(mask > POSITIVE_ABOVE, np.uint8(255), np.uint8(0))


@contextmanager
def _seeded(seed: str) -> Iterator[None]:
    """Seed the global generators that Augmentor draws from, and put them back afterwards."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
