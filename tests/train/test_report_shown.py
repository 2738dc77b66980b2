from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import segrun
from segrun.pairs import Pair
from segrun_train.evaluate_report import EvaluationReport, PictureFigures
from segrun_train.report_grids import HIT, INVENTED, MISSED, errors
from segrun_train.report_run import shared_pairs
from segrun_train.report_shown import any_class, as_rgb, shown_picture, spread_evenly, worst_first
from segrun_train.score_histogram import Figures
from tests.onnx_models import card, identity_graph, write_model


def pair(name: str) -> Pair:
    return Pair(name, Path(f"/i/{name}.png"), Path(f"/m/{name}.png"))


def found(ious: dict[str, float | None]) -> EvaluationReport:
    pictures = tuple(
        PictureFigures(n, f"/i/{n}.png", "", (Figures(v or 0, 0, 0, 0, 1),), (), (v is not None,), 0.0)
        for n, v in ious.items()
    )
    return EvaluationReport("", "", "", "", 32, 0, 0, (), (), pictures, ())


def test_the_worst_is_the_one_with_the_lowest_mean_over_the_models() -> None:
    pairs = [pair(name) for name in "abcd"]
    first = found({"a": 0.5, "b": 0.1, "c": None, "d": 0.2})
    second = found({"a": 0.1, "b": 0.9, "c": None})
    assert [p.stem for p in worst_first(pairs, [first, second])] == ["a", "b", "c"]
    assert [p.stem for p in worst_first(pairs, [first])] == ["b", "d", "a", "c"]


def test_only_what_every_run_left_unseen_is_shared() -> None:
    assert [p.stem for p in shared_pairs([[pair("b"), pair("a")], [pair("a"), pair("c"), pair("b")]])] == [
        "b",
        "a",
    ]


@pytest.mark.parametrize(("count", "places"), [(2, [0, 9]), (3, [0, 4, 9]), (20, list(range(10)))])
def test_a_sample_reaches_from_the_worst_to_the_best(count: int, places: list[int]) -> None:
    pairs = [pair(str(i)) for i in range(10)]
    assert [int(p.stem) for p in spread_evenly(pairs, count)] == places


def test_errors_are_coloured() -> None:
    truth, mask = np.array([[1, 1, 0, 0]], np.uint8), np.array([[1, 0, 1, 0]], np.uint8)
    drawn = errors(np.full((1, 4, 3), 100, np.uint8), truth, mask)[0].astype(float)
    for place, colour in enumerate((HIT, MISSED, INVENTED)):
        assert drawn[place] == pytest.approx(0.35 * 100 + 0.65 * np.array(colour), abs=1)
    assert drawn[3].tolist() == [100, 100, 100]


def test_scores_and_bands_of_every_number_can_be_shown() -> None:
    assert any_class(np.array([[[0.2, 0.5, 0.3]]], np.float32))[0, 0] == pytest.approx(0.8)
    assert any_class(np.array([[[0.2]]], np.float32))[0, 0] == pytest.approx(0.2)
    assert (
        as_rgb(np.zeros((2, 2, 1), np.uint8)).shape
        == as_rgb(np.zeros((2, 2, 5), np.uint8)).shape
        == (2, 2, 3)
    )


def test_an_answer_leaves_out_ground_without_a_picture(tmp_path: Path) -> None:
    pixels = np.full((32, 32, 4), 255, np.uint8)
    pixels[:8, :, 3] = 0
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    with segrun.load(write_model(tmp_path / "identity.onnx", identity_graph(32), card(32))) as model:
        (answer,) = shown_picture("m", model, tmp_path / "a.png").answers
    assert not answer.mask[:8].any()
    assert answer.mask[8:].all()
    assert answer.score[:8].max() == 0
