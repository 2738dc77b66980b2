from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="Keras is not installed")

from segrun_train.notebook import shared_layers as shared_module
from segrun_train.notebook.focal_fit import focal_against_bce
from segrun_train.notebook.grey_cap import perfect_accuracy
from segrun_train.notebook.masks import originals, read_labels
from segrun_train.notebook.mean_iou import blends, mean_iou_of
from segrun_train.notebook.published import (
    FOCAL,
    HISTORIES,
    MEAN_IOU,
    Labels,
    labels_behind,
)
from segrun_train.notebook.twins import count_twins, notebook_split
from tests.train.tiny_network import tiny_network

GREY = np.array([[0, 0, 0, 0], [0, 0.4, 1, 1], [0, 0.6, 1, 1]], np.float32)


def test_the_metric_says_the_same_of_every_answer_below_one() -> None:
    found = mean_iou_of([GREY, GREY.T.copy()])
    # 8 of 12 labels lie below 1; the background's IoU is 8/12, the roofs' is 0.
    assert found.half_below_one == pytest.approx(8 / 12 / 2)
    assert [answer.mean_iou for answer in found.answers[:-1]] == pytest.approx([1 / 3] * 4)
    assert found.answers[-1].mean_iou == 1
    assert [found.answers[0].iou, found.answers[2].iou, found.answers[3].iou] == [0, 0, 1]
    assert found.saturates_at == pytest.approx(16.7, abs=0.11)


def test_the_iou_rises_with_the_truth_where_the_metric_stays() -> None:
    found = blends([GREY] * 3, steps=3)
    assert [share for share, _, _ in found] == [0, 0.5, 1]
    assert len({round(constant, 6) for _, constant, _ in found}) == 1
    assert found[0][2] < found[1][2] <= found[2][2] == 1


def test_the_perfect_answer_misses_the_grey_labels() -> None:
    assert perfect_accuracy([GREY]) == pytest.approx(10 / 12)
    assert perfect_accuracy([np.round(GREY)]) == 1


def test_the_labels_behind_the_printed_figures() -> None:
    labels = labels_behind(0.79, 0.4306)
    assert labels.black + labels.grey + labels.white == pytest.approx(1)
    assert labels.grey == pytest.approx(0.0712)
    assert labels.cap == pytest.approx(0.9288)


def test_the_printed_histories_are_whole() -> None:
    for history in HISTORIES:
        assert len(history.training) == len(history.validation) == len(history.validation_loss)
    assert FOCAL.validation.index(max(FOCAL.validation)) == 35
    assert max(FOCAL.validation) == 0.9017
    assert set(MEAN_IOU.validation) == {0.4306}
    # Patience 6 after the lowest loss is where the second and the third run stop.
    for history in HISTORIES[1:]:
        losses = history.validation_loss
        assert len(losses) - 6 == losses.index(min(losses)) + 1


def test_losses_of_constant_answers_follow_their_formulas() -> None:
    labels = Labels(0.7, 0.1, 0.2)
    found = focal_against_bce(labels, 0.5)
    assert found.bce_at_half == pytest.approx(np.log(2), abs=1e-4)
    weights = 0.8 * 0.7 + 0.5 * 0.1 + 0.2 * 0.2
    assert found.focal_at_half == pytest.approx(weights * 0.25 * np.log(2), abs=1e-4)
    mean = 0.2 + 0.5 * 0.1
    assert found.bce_at_best == pytest.approx(
        -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean)), abs=1e-3
    )
    assert found.score_for_first is not None
    assert 0.5 < found.score_for_first < 1
    assert focal_against_bce(labels, 99.0).score_for_first is None
    assert found.alpha_ignored


def test_the_split_is_scikit_learns_and_keras_s() -> None:
    # RandomState(0).permutation(10) is 2 8 4 9 1 6 7 3 0 5.
    training, validation, shown = (part.tolist() for part in notebook_split(10, 0))
    assert (shown, training, validation) == ([2], [8, 4, 9, 1, 6, 7, 3], [0, 5])
    sizes = [len(part) for part in notebook_split(324, 0)]
    assert sizes == [232, 59, 33]


def test_twins_are_counted_by_their_original() -> None:
    found = count_twins(["a"] * 10, seeds=3)
    assert (found.with_twin, found.validation, found.twins, found.clean) == (2, 2, 7.0, 0)
    alone = count_twins([str(i) for i in range(10)], seeds=3)
    assert (alone.with_twin, alone.twins, alone.clean) == (0, 0.0, 6)


def test_models_of_one_graph_train_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_module, "build", tiny_network)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (64, 64, 3)).astype(np.uint8) for _ in range(2)]
    found = shared_module.shared_layers(
        pictures, [np.asarray(picture[..., 0] > 127, np.float32) for picture in pictures]
    )
    assert found.shared == found.weights == 4
    assert found.first_loss == pytest.approx(found.second_loss, abs=1e-6)
    assert abs(found.first_loss - found.fresh_loss) > 1e-4


def test_the_real_masks_were_grey_before_any_augmentation(shared_data: Path) -> None:
    found = originals(shared_data / "dida")
    assert len(found.stems) == 24
    assert "278" not in found.stems
    assert found.labels.grey == pytest.approx(0.0408, abs=1e-4)
    assert perfect_accuracy(read_labels(found)) == pytest.approx(found.labels.cap, abs=1e-5)
