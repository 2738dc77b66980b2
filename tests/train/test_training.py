from __future__ import annotations

import csv
import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest

from segrun.errors import InputError, ModelError, OutputError
from segrun.run_record import RunRecord
from segrun_train import TrainOptions, train
from tests.train.drawn_pairs import draw_pairs

TINY: dict[str, Any] = {
    "network": "unet-lite", "epochs": 3, "steps": 3, "batch": 4, "learning_rate": 3e-3
}  # fmt: skip


def options(**changes: Any) -> TrainOptions:
    overrides = {**TINY, **changes.pop("overrides", {})}
    return TrainOptions(overrides=overrides, network_options={"widths": (4, 8, 8, 8, 8)}, tile=32, **changes)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    images, masks = draw_pairs(tmp_path_factory.mktemp("pairs"), 8)
    return [images], [masks]


def history(run: Path) -> list[dict[str, str]]:
    with (run / "history.csv").open() as handle:
        return [
            {key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(handle)
        ]


def weights(run: Path) -> list[Any]:
    return list(keras.models.load_model(run / "model.keras", compile=False).get_weights())


def blocks(**changes: Any) -> TrainOptions:
    return options(held_out=("^p[01]$",), gsd_cm=(20.0,), notices=("(c) nobody",), name="blocks", **changes)


@dataclasses.dataclass(frozen=True)
class Finished:
    run: Path
    record: RunRecord
    stages: list[str]


@pytest.fixture(scope="module")
def finished(pairs: tuple[list[Path], list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Finished:
    run = tmp_path_factory.mktemp("finished") / "run"
    stages: list[str] = []
    record = train(*pairs, run, blocks(), lambda stage, _done, _total: stages.append(stage))
    return Finished(run, record, stages)


def test_a_run_folder_holds_what_the_design_says(finished: Finished) -> None:
    run, record = finished.run, finished.record
    assert {path.name for path in run.iterdir()} == {
        "model.keras", "run.json", "history.csv", "split.csv", "tensorboard"
    }  # fmt: skip
    assert RunRecord.read(run).metrics == record.metrics
    assert (record.name, record.tile, record.gsd_cm, record.notices) == ("blocks", 32, 20.0, ("(c) nobody",))
    assert record.model_sha256 == hashlib.sha256((run / "model.keras").read_bytes()).hexdigest()
    assert record.metrics["pictures"] == {"train": 5, "inner": 1, "held_out": 2}
    assert record.metrics["held_out"]["roof"]["all_pixels"]["pixels"] == 2 * 48 * 52
    assert record.classes[0].threshold == record.metrics["inner"]["roof"]["threshold"]
    assert record.environment["backend"] == "tensorflow"
    rows = history(run)
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert {"loss", "iou", "accuracy", "val_loss", "val_iou", "learning_rate"} <= set(rows[0])
    best = min(range(3), key=lambda epoch: float(rows[epoch]["val_loss"]))
    assert record.metrics["best_epoch"] == best
    assert {"epochs", "steps of the epoch", "choosing thresholds", "measuring"} <= set(finished.stages)


def test_it_learns_what_is_easy(pairs: tuple[list[Path], list[Path]], tmp_path: Path) -> None:
    wanted = options(
        overrides={"epochs": 8, "steps": 15, "augment": "notebook", "learning_rate": 1e-2, "ema": 0.8},
        fold=(0, 4),
    )
    record = train(*pairs, tmp_path / "run", wanted)
    assert record.metrics["held_out"]["roof"]["all_pixels"]["iou"] > 0.6


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.train.test_training import blocks
from segrun_train import train
epochs = []
def progress(stage, done, total):
    if stage == "epochs":
        epochs.append(done)
    if stage == "steps of the epoch" and epochs == [0, 1, 2] and done == 2:
        os.kill(os.getpid(), signal.SIGKILL)
folder, out = Path(sys.argv[1]), Path(sys.argv[2])
train([folder / "images"], [folder / "masks"], out, blocks(state_every_s=0.0), progress)
"""


def test_a_killed_run_resumes_to_the_same_weights(
    pairs: tuple[list[Path], list[Path]], finished: Finished, tmp_path: Path
) -> None:
    root = Path(__file__).resolve().parents[2]
    killed = tmp_path / "killed"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(pairs[0][0].parent), str(killed)],
        cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False, capture_output=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    assert len(history(killed)) == 2
    with pytest.raises(OutputError, match="--resume"):
        train(*pairs, killed, blocks())
    with pytest.raises(InputError, match="another seed"):
        train(*pairs, killed, blocks(seed=5, resume=True))
    resumed = train(*pairs, killed, blocks(resume=True, workers=0))
    for mine, theirs in zip(weights(killed), weights(finished.run), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert history(killed) == history(finished.run)
    assert resumed.metrics == finished.record.metrics
    assert not (killed / "state").exists()
    assert train(*pairs, killed, blocks(resume=True)) == RunRecord.read(killed)


def test_early_stopping_keeps_the_best_epoch(pairs: tuple[list[Path], list[Path]], tmp_path: Path) -> None:
    wanted = options(
        overrides={
            "epochs": 30,
            "patience": 2,
            "learning_rate": 0.5,
            "cosine": False,
            "ema": None,
            "steps": 1,
        }
    )
    record = train(*pairs, tmp_path / "run", wanted)
    losses = [float(row["val_loss"]) for row in history(tmp_path / "run")]
    assert len(losses) < 30
    assert len(losses) == record.metrics["best_epoch"] + 3
    assert record.metrics["best_loss"] == pytest.approx(min(losses), rel=1e-5)


def test_several_classes_train_with_a_softmax(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 4)
    for path in masks.iterdir():
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert mask is not None
        indices = (np.asarray(mask) > 0).astype(np.uint8)
        indices[:6] = 2
        cv2.imwrite(str(path), indices)
    wanted = options(
        classes=("ground", "block", "edge"),
        precision="mixed_bfloat16",
        overrides={"epochs": 1, "loss": "dice"},
    )
    record = train([images], [masks], tmp_path / "run", wanted)
    assert record.activation == "softmax"
    assert [item.name for item in record.classes] == ["ground", "block", "edge"]
    assert set(record.metrics["inner"]) == {"block", "edge"}
    model = keras.models.load_model(tmp_path / "run" / "model.keras", compile=False)
    assert model.output_shape == (None, 32, 32, 3)
    assert {layer.compute_dtype for layer in model.layers} <= {"float32", "uint8"}


def test_grey_masks_can_be_trained_on_as_the_notebook_did(
    pairs: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    for path in pairs[1][0].iterdir():
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert mask is not None
        cv2.imwrite(str(masks / path.name), np.asarray(mask) // 2 + 100)
    notebook = {"recipe": "accuracy", "grey_truth": True}
    record = train(pairs[0], [masks], tmp_path / "run", options(**notebook, overrides={"ema": None}))
    rows = history(tmp_path / "run")
    # No pixel of such a mask is 0 or 1, so none is ever met; yet the figures at the end are of the binary mask.
    assert {row["accuracy"] for row in rows} == {"0"}
    assert record.metrics["inner"]["roof"]["all_pixels"]["recall"] > 0
    with pytest.raises(ValueError, match="one class"):
        options(grey_truth=True, classes=("ground", "roof"))


def test_a_run_can_start_from_another(
    pairs: tuple[list[Path], list[Path]], finished: Finished, tmp_path: Path
) -> None:
    still = {"epochs": 1, "steps": 1, "learning_rate": 1e-12, "validation": 0.0, "ema": None}
    record = train(*pairs, tmp_path / "second", options(init=finished.run, seed=9, overrides=still))
    # All but the moving statistics of the normalisation, which any step moves.
    for mine, theirs in zip(weights(tmp_path / "second"), weights(finished.run), strict=True):
        if mine.ndim == 4:
            np.testing.assert_allclose(mine, theirs, atol=1e-6)
    assert "inner" not in record.metrics
    assert record.classes[0].threshold == record.metrics["train"]["roof"]["threshold"]
    assert record.classes[0].threshold_source == "highest IoU on the training pictures"
    other = dataclasses.replace(options(), init=finished.run, network_options={})
    with pytest.raises(InputError, match="another network"):
        train(*pairs, tmp_path / "third", other)
    assert not (tmp_path / "third").exists()
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(InputError, match=r"not a \.keras file"):
        train(*pairs, tmp_path / "fourth", options(init=tmp_path / "text.keras"))


def test_a_taken_folder_and_an_unusable_start_are_said_before_pictures_are_read(
    pairs: tuple[list[Path], list[Path]], finished: Finished, tmp_path: Path
) -> None:
    stages: list[str] = []
    (tmp_path / "text.keras").write_text("no model")
    for out, changes, kind, said in (
        (finished.run, {}, OutputError, "--overwrite"),
        (tmp_path, {"overwrite": True}, OutputError, "not a run"),
        (pairs[1][0], {"overwrite": True}, OutputError, "place of an input"),
        (pairs[1][0].parent, {"overwrite": True}, OutputError, "place of an input"),
        (tmp_path / "run", {"init": tmp_path / "text.keras"}, InputError, "not a .keras file"),
    ):
        with pytest.raises(kind, match=said):
            train(*pairs, out, options(**changes), lambda stage, _done, _total: stages.append(stage))
    assert not stages
    assert not (tmp_path / "run").exists()


def test_a_loss_that_runs_away_is_said(pairs: tuple[list[Path], list[Path]], tmp_path: Path) -> None:
    wild = {"learning_rate": 1e38, "optimizer": "adam", "cosine": False, "epochs": 9, "loss": "bce"}
    with pytest.raises(ModelError, match="Lower --learning-rate"):
        train(*pairs, tmp_path / "run", options(overrides=wild))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"overrides": {"loss": "mse"}}, "unknown loss"),
        ({"overrides": {"augment": "wild"}}, "unknown augmentation"),
        ({"overrides": {"network": "unet"}}, "multiple of 64"),
        ({"shares": (1.0, 2.0)}, "one share for each folder"),
        ({"gsd_cm": (1.0, 2.0)}, "one for each"),
        ({"held_out": ("(",)}, "regular expression"),
        ({"fold": (5, 5)}, "Received: 5/5"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_read(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=said):
        train([tmp_path / "none"], [tmp_path / "none"], tmp_path / "run", options(**changes))
    assert not (tmp_path / "run").exists()
