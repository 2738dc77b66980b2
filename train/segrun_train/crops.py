"""Training batches: random augmented crops, each a function of (seed, epoch, index) alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from segrun_train.augmentation import Augmentation
from segrun_train.colour import recolour
from segrun_train.geometry import cut, draw_scale, draw_turn
from segrun_train.prefetch import Prefetcher
from segrun_train.sample import Sample
from segrun_train.targets import IGNORED

Truth = NDArray[np.uint8 | np.float32]
Batch = tuple[NDArray[np.uint8], Truth]


@dataclass(frozen=True)
class CropPlan:
    """How crops are drawn.

    Args:
        tile: side of a crop, pixels.
        batch: crops in a batch.
        augmentation: what may happen to a crop.
        steps: batches in an epoch; None shows every picture once an epoch.
        shares: weight of each source folder, in their order; empty takes pictures alike. Needs ``steps``.
        gsd_range_cm: draw each crop's ground distance from this range, where the picture's own is known.
        grey_mask: masks hold grey values (one class), not class indices.
        grey_truth: hand grey values on as shares in [0, 1] instead of cutting them at 127.
        seed: of everything random.
    """

    tile: int
    batch: int
    augmentation: Augmentation
    steps: int | None = None
    shares: tuple[float, ...] = ()
    gsd_range_cm: tuple[float, float] | None = None
    grey_mask: bool = True
    grey_truth: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.batch < 1 or (self.steps is not None and self.steps < 1):
            raise ValueError(
                f"batch and steps must be positive. Received: batch={self.batch}, steps={self.steps}."
            )
        if self.shares and self.steps is None:
            raise ValueError("shares of folders need a number of steps. Received: steps=None.")
        if any(share < 0 for share in self.shares):
            raise ValueError(f"shares must not be negative. Received: {self.shares}.")


class TrainingCrops(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """Batches of one epoch after the other; set ``epoch`` before each.

    Args:
        samples: the training pictures.
        plan: how crops are drawn.
        workers: threads that make batches ahead.
        devices: share every batch, so a smaller last one is filled up to a multiple of this with crops that do not count.
    """

    def __init__(
        self, samples: Sequence[Sample], plan: CropPlan, *, workers: int = 0, devices: int = 1
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.samples = samples
        self.plan = plan
        self.devices = devices
        self._epoch = 0
        self._chances = _chances(samples, plan.shares)
        self._prefetcher = Prefetcher(self._make, workers, ahead=2 * workers + 2)
        self._order = self._new_order()

    @property
    def epoch(self) -> int:
        """The epoch whose batches come next."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        if epoch != self._epoch:
            self._prefetcher.clear()
        self._epoch = epoch
        self._order = self._new_order()

    def __len__(self) -> int:
        return self.plan.steps or math.ceil(len(self.samples) / self.plan.batch)

    def __getitem__(self, index: int) -> Batch:
        """Return uint8 pixels ``[n, tile, tile, bands]`` and class indices ``[n, tile, tile, 1]``."""
        return self._prefetcher.take(index, len(self))

    def close(self) -> None:
        """Stop the threads."""
        self._prefetcher.close()

    def crop(self, epoch: int, number: int, picture: int) -> Batch:
        """Make one crop of one picture."""
        plan, sample = self.plan, self.samples[picture]
        rng = np.random.default_rng([plan.seed, epoch, number])
        scale = draw_scale(rng, plan.augmentation, sample.gsd_cm, plan.gsd_range_cm)
        turn = draw_turn(rng, plan.augmentation)
        place = (float(rng.random()), float(rng.random()))
        pixels, classes = cut(
            sample, plan.tile, scale, turn, place, grey_mask=plan.grey_mask, grey_truth=plan.grey_truth
        )
        return recolour(pixels, rng, plan.augmentation), classes

    def _new_order(self) -> NDArray[np.intp]:
        """Draw the pictures of the epoch, as many as it has crops."""
        rng = np.random.default_rng([self.plan.seed, self._epoch])
        count = len(self.samples)
        if self.plan.steps is None:
            return rng.permutation(count)
        return rng.choice(count, self.plan.steps * self.plan.batch, p=self._chances)

    def _make(self, index: int) -> Batch:
        epoch, order = self._epoch, self._order
        start = index * self.plan.batch
        chosen = order[start : start + self.plan.batch]
        made = [self.crop(epoch, start + offset, int(picture)) for offset, picture in enumerate(chosen)]
        made += [(made[0][0], np.full_like(made[0][1], IGNORED))] * (-len(made) % self.devices)
        return np.stack([pixels for pixels, _ in made]), np.stack([classes for _, classes in made])[..., None]


def _chances(samples: Sequence[Sample], shares: tuple[float, ...]) -> NDArray[np.float64]:
    """Return each picture's chance: folders by their share, pictures of a folder alike."""
    if not shares:
        return np.full(len(samples), 1 / len(samples))
    sources = np.array([sample.source for sample in samples])
    if int(sources.max()) >= len(shares):
        raise ValueError(
            f"one share for each folder. Received: {len(shares)} shares, {int(sources.max()) + 1} folders."
        )
    counts = np.bincount(sources, minlength=len(shares))
    weights = np.array([shares[source] / counts[source] for source in sources], np.float64)
    if weights.sum() <= 0:
        raise ValueError(f"some share must be above 0. Received: {shares}.")
    return np.asarray(weights / weights.sum())
