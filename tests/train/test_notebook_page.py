from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("keras", reason="Keras is not installed")

from segrun.card import ModelClass
from segrun.errors import InputError, OutputError
from segrun.run_record import RunRecord
from segrun_train.commands.notebook import notebook
from segrun_train.notebook import shared_layers as shared_module
from segrun_train.notebook.experiments import Found
from segrun_train.notebook.focal_fit import FocalFound
from segrun_train.notebook.folds import FoldFound, read_folds
from segrun_train.notebook.masks import MaskSet
from segrun_train.notebook.mean_iou import Answer, MeanIoUFound
from segrun_train.notebook.page import page, verdicts
from segrun_train.notebook.published import Labels, labels_behind
from segrun_train.notebook.shared_layers import SharedFound
from segrun_train.notebook.twins import TwinsFound
from segrun_train.notebook.write import write_page
from tests.train.drawn_pairs import draw_pairs
from tests.train.tiny_network import tiny_network

MASKS = MaskSet("a set", Path("i"), Path("m"), ("a", "a_aug001"), Labels(0.8, 0.05, 0.15))
FOUND = Found(
    labels_behind(0.79, 0.4306), labels_behind(0.7895, 0.4295), (MASKS, MASKS, MASKS), 0.93, 1.0,
    MeanIoUFound((Answer("x", 0.43, 0.1), Answer("y", 0.43, 0.9), Answer("z", 1.0, 1.0)), 0.43, 16.7),
    ((0.0, 0.43, 0.1), (1.0, 0.43, 1.0)), SharedFound(66, 66, 0.6, 0.5, 0.5, 12),
    FocalFound(0.69, 0.12, 0.46, 0.04, 0.77, alpha_ignored=True), TwinsFound(232, 59, 59, 9.2, 33, 33, 1000, 0),
    (), 0,
)  # fmt: skip


def test_the_page_says_what_was_not_run() -> None:
    text = page(FOUND)
    assert text.count("| not run yet |") == 1
    assert "nothing is claimed about it" in text
    assert "{" not in text.replace("{}", "")


def test_every_verdict_hangs_on_its_experiment() -> None:
    kept = list(verdicts(FOUND).values())
    assert [word.partition(";")[0] for word in kept] == ["kept", "kept", "kept", "dropped", "kept", "kept"]
    moved = dataclasses.replace(FOUND.mean_iou, half_below_one=0.5)
    uncapped, apart = 1.0, dataclasses.replace(FOUND.shared, second_loss=0.6)
    otherwise = dataclasses.replace(
        FOUND, mean_iou=moved, perfect_grey=uncapped, shared=apart,
        focal=dataclasses.replace(FOUND.focal, score_for_first=0.4), twins=dataclasses.replace(FOUND.twins, with_twin=0),
    )  # fmt: skip
    assert set(verdicts(otherwise).values()) == {"dropped"}


def test_what_was_trained_stands_in_the_table_with_its_mean() -> None:
    done = FoldFound(0, 16, 14, 0.91, 0.3, 0.8, 0.4, 1800.0), FoldFound(1, 12, 6, 0.89, 0.4, 0.6, 0.4, 1500.0)
    text = page(dataclasses.replace(FOUND, folds=done))
    assert "not run yet" not in text
    assert "| fold 0 | 16 (14) | 0.9100 | 0.800 | 0.400 | 30 |" in text
    assert "| mean of 2 |  | 0.9000 | **0.700** | **0.400** |  |" in text
    assert "is 0.300 higher on average" in text
    assert "its effect is measured below" in text


def test_a_finished_fold_is_read_back(tmp_path: Path) -> None:
    assert read_folds(None) == ()
    with pytest.raises(InputError, match=r"folds\.sh notebook"):
        read_folds(tmp_path)
    (tmp_path / "notebook-3.json").write_text('{"all_pixels": [{"at_threshold": {"iou": 0.3}}]}')
    with pytest.raises(InputError, match="without its run"):
        read_folds(tmp_path)
    run = tmp_path / "notebook-3"
    run.mkdir()
    metrics = {
        "epochs": 2, "best_epoch": 0, "inner": {"roof": {"threshold": 0.2, "all_pixels": {"iou": 0.5}}},
    }  # fmt: skip
    RunRecord("x", "unet", (ModelClass("roof"),), 256, metrics=metrics, environment={"seconds": 60.0}).write(
        run
    )
    (run / "history.csv").write_text("epoch,loss,val_accuracy\n0,1,0.83\n1,1,0.84\n")
    assert read_folds(tmp_path) == (FoldFound(3, 2, 1, 0.84, 0.2, 0.5, 0.3, 60.0),)


def test_the_command_writes_the_page_from_pictures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("Augmentor", reason="Augmentor is not installed")
    monkeypatch.setattr(shared_module, "build", tiny_network)
    draw_pairs(tmp_path, 8, side=64)
    for mask in (tmp_path / "masks").glob("*.png"):
        soft = cv2.GaussianBlur(np.asarray(cv2.imread(str(mask), 0), np.uint8), (5, 5), 0)
        cv2.imwrite(str(mask), soft)
    out = tmp_path / "out"
    words = ["--data", str(tmp_path), "--out", str(out), "--sets", str(tmp_path / "runs"), "-q"]
    found = CliRunner().invoke(notebook, words, catch_exceptions=False)
    assert found.exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "notebook-accuracy.png", "notebook-labels.png", "notebook-mean-iou.png", "notebook.md",
    ]  # fmt: skip
    text = (out / "notebook.md").read_text()
    assert "| MeanIoU cast float scores to class 0 | **kept** |" in text
    assert len(list((tmp_path / "runs" / "set-grey" / "masks").iterdir())) == 324


def test_wrong_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="images/"):
        CliRunner().invoke(notebook, ["--data", str(tmp_path)], catch_exceptions=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="writable"):
        write_page(FOUND, tmp_path / "file")
