from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest

from segrun_export.parity import ParityReport, compare, edge_tiles


def reference_scores() -> npt.NDArray[np.float32]:
    """Two tiles with a square of high scores on a low ground."""
    scores = np.full((2, 32, 32, 1), 0.1, np.float32)
    scores[:, 8:20, 8:20] = 0.9
    return scores


def judged(scores: npt.NDArray[np.float32], **changes: object) -> ParityReport:
    arguments: dict[str, object] = {
        "thresholds": (0.5,), "activation": "sigmoid", "precision": "fp32", "engine": "cpu", **changes,
    }  # fmt: skip
    return compare(reference_scores(), scores, **arguments)  # type: ignore[arg-type]


def test_equal_scores_pass() -> None:
    report = judged(reference_scores())
    assert report
    assert (report.flipped, report.iou, report.max_difference) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_one_score_that_is_not_finite_fails_in_every_precision(bad: float, precision: str) -> None:
    scores = reference_scores()
    scores[1, 3, 3, 0] = bad
    report = judged(scores, precision=precision)
    assert not report
    assert "scores are not finite" in report.reasons


def test_all_nan_fails_and_its_report_is_json() -> None:
    report = judged(np.full((2, 32, 32, 1), np.nan, np.float32))
    assert not report
    found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert found["max_difference"] is None
    assert found["passed"] is False


def test_nan_on_an_edge_input_fails() -> None:
    edge = np.full((4, 32, 32, 1), 0.2, np.float32)
    broken = edge.copy()
    broken[2, 0, 0, 0] = np.nan
    assert judged(reference_scores(), edge_reference=edge, edge_scores=edge)
    assert not judged(reference_scores(), edge_reference=edge, edge_scores=broken)


@pytest.mark.parametrize(("precision", "passes"), [("fp32", False), ("int8", True)])
def test_a_difference_on_edge_inputs_counts_in_fp32_alone(precision: str, passes: bool) -> None:
    edge = np.full((4, 32, 32, 1), 0.2, np.float32)
    report = judged(reference_scores(), precision=precision, edge_reference=edge, edge_scores=edge + 0.1)
    assert bool(report) is passes


@pytest.mark.parametrize("value", [0.1, 0.9])
def test_a_reference_of_one_class_is_vacuous(value: float) -> None:
    constant = np.full((2, 32, 32, 1), value, np.float32)
    report = compare(
        constant, constant, thresholds=(0.5,), activation="sigmoid", precision="fp32", engine="cpu"
    )
    assert not report
    assert any("all one class" in reason for reason in report.reasons)


def test_a_constant_artefact_is_vacuous() -> None:
    report = judged(np.full((2, 32, 32, 1), 0.1, np.float32), precision="int8")
    assert any("constant" in reason for reason in report.reasons)


@pytest.mark.parametrize(("shift", "passes"), [(0.9e-4, True), (1.2e-4, False)])
def test_the_difference_gate_of_fp32(shift: float, passes: bool) -> None:
    scores = reference_scores()
    scores[0, 0, 0, 0] += shift
    assert bool(judged(scores)) is passes


@pytest.mark.parametrize(
    ("precision", "pixels", "passes"),
    [("fp16", 1, True), ("fp16", 2, False), ("int8", 4, True), ("int8", 12, False)],
)
def test_the_flip_gates(precision: str, pixels: int, passes: bool) -> None:
    scores = reference_scores()  # 2048 pixels: 0.05 % is one, 0.5 % is ten
    scores[0, 0, :pixels, 0] = 0.6
    assert bool(judged(scores, precision=precision)) is passes


def test_int8_fails_by_iou_even_where_flips_are_few() -> None:
    reference = np.full((1, 64, 64, 1), 0.1, np.float32)
    reference[0, :10, :10] = 0.9
    scores = reference.copy()
    scores[0, 0, :5] = 0.1  # 5 of 4096 pixels, but 5 of the 100 positives
    report = compare(
        reference, scores, thresholds=(0.5,), activation="sigmoid", precision="int8", engine="cpu"
    )
    assert report.reasons == ("IoU against Keras 0.9500 < 0.98",)


def test_int8_fails_where_it_loses_truth() -> None:
    truth = np.zeros((2, 32, 32), np.uint8)
    truth[:, 8:20, 8:20] = 1
    scores = reference_scores()
    scores[0, 8, 8:10] = 0.1
    report = judged(scores, precision="int8", truth=truth)
    assert report.keras_truth_iou == 1.0
    assert any("IoU against truth drops" in reason for reason in report.reasons)


def test_own_thresholds_count_against_truth_only() -> None:
    truth = np.zeros((2, 32, 32), np.uint8)
    truth[:, 8:20, 8:20] = 1
    report = judged(reference_scores(), own_thresholds=(0.95,), truth=truth, precision="fp16")
    assert report.truth_iou == 0.0
    assert report.flipped == 0.0


def test_softmax_flips_are_changes_of_class() -> None:
    reference = np.zeros((1, 8, 8, 3), np.float32)
    reference[..., 0] = 1
    reference[0, :4, :, :] = (0.1, 0.8, 0.1)
    scores = reference.copy()
    scores[0, :4, :2] = (0.1, 0.1, 0.8)
    report = compare(
        reference, scores, thresholds=(0.0, 0.5, 0.5), activation="softmax", precision="fp16", engine="cpu"
    )
    assert report.flipped == 8 / 64
    assert report.iou == pytest.approx((24 / 32 + 0) / 2)


def test_shapes_that_differ_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="one shape"):
        judged(reference_scores()[:1])


def test_edge_tiles_are_the_four_of_the_contract() -> None:
    tiles = edge_tiles(32, 3)
    assert tiles.shape == (4, 32, 32, 3)
    assert (tiles[0].max(), tiles[1].min()) == (0, 255)
    assert tiles[2].std() > 50
    assert tiles[3].astype(int).sum() == 3 * 255
