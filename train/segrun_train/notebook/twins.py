"""Claim: the random split put augmented twins of training pictures into validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_TEST_SHARE, _VALIDATION_SHARE = 0.1, 0.2


@dataclass(frozen=True)
class TwinsFound:
    """What the notebook's split does to a set.

    Args:
        training: pictures that train.
        validation: pictures that Keras's ``validation_split`` sets aside.
        with_twin: validation pictures of which a copy made from the same original trains.
        twins: such copies, mean over the validation pictures.
        shown: pictures that the notebook shows as results (``x_val``), which neither train nor validate.
        shown_with_twin: those of them with a copy in training.
        seeds: further seeds tried.
        clean: validation pictures without a twin, over all seeds.
    """

    training: int
    validation: int
    with_twin: int
    twins: float
    shown: int
    shown_with_twin: int
    seeds: int
    clean: int


def count_twins(sources: Sequence[str], seeds: int = 1000) -> TwinsFound:
    """Split as the notebook does (seed 0), and with more seeds.

    Args:
        sources: the original of each picture, in the order of the file names.
        seeds: how many.
    """
    names = np.asarray(sources)
    training, validation, shown = notebook_split(len(names), 0)
    of_each = [int((names[training] == name).sum()) for name in names[validation]]
    clean = 0
    for seed in range(1, seeds + 1):
        train, val, _ = notebook_split(len(names), seed)
        clean += int((~np.isin(names[val], names[train])).sum())
    return TwinsFound(
        len(training), len(validation), sum(count > 0 for count in of_each), float(np.mean(of_each)), len(shown),
        int(np.isin(names[shown], names[training]).sum()), seeds, clean,
    )  # fmt: skip


def notebook_split(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return training, validation and shown places as the notebook's two calls choose them.

    Source: scikit-learn's ``train_test_split(test_size=0.1, random_state=seed)`` takes the first ``ceil(0.1 n)`` of
        ``RandomState(seed).permutation(n)`` for the test; Keras's ``validation_split=0.2`` takes the last fifth.
    """
    order = np.random.RandomState(seed).permutation(count)
    shown = int(np.ceil(_TEST_SHARE * count))
    rest = order[shown:]
    cut = int(len(rest) * (1 - _VALIDATION_SHARE))
    return rest[:cut], rest[cut:], order[:shown]
