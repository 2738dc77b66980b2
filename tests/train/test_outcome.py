from __future__ import annotations

import pytest

from segrun_train.corpus import Corpus
from segrun_train.outcome import trained_distances
from segrun_train.sample import Sample
from segrun_train.split import Part, Split
from segrun_train.train_options import TrainOptions

CORPUS = Corpus((Sample("a", 0, (), 20.0), Sample("b", 0, (), 45.0), Sample("c", 1, ())), ())


@pytest.mark.parametrize(
    ("parts", "asked", "said"),
    [
        (("train", "train", "train"), None, (30.0, (20.0, 45.0))),
        (("train", "held_out", "inner"), None, (20.0, (20.0, 20.0))),
        (("train", "held_out", "train"), (10.0, 40.0), (20.0, (10.0, 40.0))),
        (("inner", "held_out", "train"), (10.0, 40.0), (None, None)),
        (("inner", "held_out", "train"), None, (None, None)),
    ],
)
def test_the_distances_said_are_those_that_were_trained(
    parts: tuple[Part, ...],
    asked: tuple[float, float] | None,
    said: tuple[float | None, tuple[float, float] | None],
) -> None:
    options = TrainOptions(gsd_cm=(20.0, None), gsd_range_cm=asked)
    assert trained_distances(CORPUS, Split(parts), options) == said
