from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun.card import ModelClass
from segrun.threshold import mask_from_scores
from segrun_train.metrics import Meter, measured_classes
from segrun_train.targets import IGNORED


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), classes=st.integers(1, 4), threshold=st.floats(0.1, 0.9))
def test_the_figures_are_those_of_brute_force(seed: int, classes: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    names = tuple(ModelClass(f"c{i}", threshold if i or classes == 1 else 0.0) for i in range(classes))
    meter = Meter(names)
    truths, masks = [], []
    for _ in range(3):
        shape = (int(rng.integers(2, 12)), int(rng.integers(2, 12)))
        values = np.append(np.arange(max(classes, 2)), IGNORED).astype(np.uint8)
        truth = rng.choice(values, shape)
        scores = rng.random((*shape, classes)).astype(np.float32)
        activation = "sigmoid" if classes == 1 else "softmax"
        mask = mask_from_scores(scores, [item.threshold for item in names], activation)  # type: ignore[arg-type]
        meter.add(truth, scores, mask)
        truths.append(truth.ravel())
        masks.append(mask.ravel())
    truth, mask = np.concatenate(truths), np.concatenate(masks)
    truth, mask = truth[truth != IGNORED], mask[truth != IGNORED]
    for place, found in enumerate(meter.metrics()):
        true, said = truth == place + 1, mask == place + 1
        figures = found.at_threshold
        assert figures.pixels == len(truth)
        assert figures.iou == pytest.approx((true & said).sum() / max(1, (true | said).sum()))
        assert figures.precision == pytest.approx((true & said).sum() / max(1, said.sum()))
        assert figures.recall == pytest.approx((true & said).sum() / max(1, true.sum()))
        assert figures.f1 == pytest.approx(2 * (true & said).sum() / max(1, true.sum() + said.sum()))


def test_a_roof_half_found() -> None:
    truth = np.zeros((8, 8), np.uint8)
    truth[2:6, 2:6] = 1
    scores = np.where(truth, 0.4, 0.1).astype(np.float32)
    scores[2:6, 2:4] = 0.9
    scores[0, 0] = 0.9
    meter = Meter((ModelClass("roof", 0.5),))
    (own,) = meter.add(truth, scores[..., None], (scores >= 0.5).astype(np.uint8))
    (found,) = meter.metrics()
    assert own == found.at_threshold
    assert found.at_threshold.iou == pytest.approx(8 / 17)
    assert found.at_threshold.precision == pytest.approx(8 / 9)
    assert found.at_threshold.recall == pytest.approx(8 / 16)
    assert 0.1 < found.best_threshold <= 0.4
    assert found.at_best.iou == pytest.approx(16 / 17)
    # The stray pixel lies sqrt(8) < 3 px from the roof's corner, and the unfound half 2 px from the found one.
    assert found.boundary.precision == found.boundary.recall == found.boundary.f1 == 1
    assert found.reliability.ece == pytest.approx((abs(9 * 0.9 - 8) + 8 * 0.6 + 47 * 0.1) / 64)


def test_the_background_of_several_classes_is_not_measured() -> None:
    names = (ModelClass("ground", 0.0), ModelClass("roof"), ModelClass("road"))
    assert [item.name for item in measured_classes(names)] == ["roof", "road"]
    assert [item.name for item in measured_classes(names[1:2])] == ["roof"]
