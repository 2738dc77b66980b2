from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segrun.card import ModelClass
from segrun.errors import InputError
from segrun.run_record import RunRecord
from segrun_train import TrainOptions, train
from segrun_train.corpus import list_corpus
from segrun_train.fingerprint import fingerprint_of, recipe_of
from segrun_train.split import split_rules, split_samples, write_split
from tests.train.drawn_pairs import draw_pairs


@dataclasses.dataclass(frozen=True)
class Place:
    folder: Path
    options: TrainOptions

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def record(self) -> RunRecord:
        return RunRecord.read(self.run)

    def train(self, **words: Any) -> RunRecord:
        wanted = dataclasses.replace(self.options, **{"resume": True, **words})
        return train([self.folder / "images"], [self.folder / "masks"], self.run, wanted)


@pytest.fixture
def finished(tmp_path: Path) -> Place:
    """What a finished run leaves, but for the model."""
    images, masks = draw_pairs(tmp_path, 6)
    (tmp_path / "away.txt").write_text("p0\n")
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "model.keras").write_text("weights")
    options = TrainOptions(
        overrides={"network": "unet-lite", "epochs": 2}, tile=32, name="run", network_options={"widths": (4, 8, 8, 8, 8)},
        held_out=(str(tmp_path / "away.txt"),), init=tmp_path / "start",
    )  # fmt: skip
    corpus = list_corpus([images], [masks])
    (tmp_path / "run").mkdir()
    write_split(
        corpus.samples,
        split_samples(corpus.samples, **split_rules(options, corpus.samples)),
        tmp_path / "run",
    )
    record = RunRecord(
        "run", "unet-lite", (ModelClass("roof"),), 32,
        recipe=recipe_of(options), training_data=corpus.description,
    )  # fmt: skip
    record.write(tmp_path / "run")
    return Place(tmp_path, options)


def test_a_finished_run_is_returned_where_the_same_is_asked_for(
    finished: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finished.train() == finished.record()
    assert finished.train(workers=0, state_every_s=9.0, exclude=("elsewhere",)) == finished.record()
    monkeypatch.chdir(finished.folder)
    assert finished.train(held_out=("away.txt",), init=Path("start")) == finished.record()
    assert finished.train(held_out=("^p0$",), init=Path("start/model.keras")) == finished.record()
    shutil.rmtree("start")
    assert finished.train() == finished.record()
    shutil.move("run", "moved")
    moved = dataclasses.replace(finished.options, resume=True, name="moved")
    assert train([Path("images")], [Path("masks")], Path("moved"), moved).name == "run"


def test_a_finished_run_of_an_earlier_revision_is_returned(finished: Place) -> None:
    path = finished.run / "run.json"
    found = json.loads(path.read_text())
    for key in ("init_sha256", "grey_truth", "train_only", "group_zoom"):
        del found["recipe"][key]
    path.write_text(json.dumps(found))
    assert finished.train() == finished.record()
    with pytest.raises(InputError, match=r"another group_zoom\. Received: 9, there: None"):
        finished.train(group_zoom=9)
    with pytest.raises(InputError, match=r"another init\. Received: other, there: start"):
        finished.train(init=finished.folder / "other")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"overrides": {"network": "unet-lite", "epochs": 3}}, "another epochs. Received: 3, there: 2"),
        ({"fold": (1, 3), "held_out": ()}, r"another fold. Received: \[1, 3\], there: None"),
        ({"held_out": ("^p1$",)}, r"another split. Received: 4 train, 1 inner, 1 held_out \("),
        ({"name": "other"}, "another name"),
        ({"notices": ("(c) nobody",)}, "another notices"),
        ({"exclude": ("p5",)}, "another (split|training_data)"),
    ],
)
def test_a_finished_run_is_refused_where_another_is_asked_for(
    changes: dict[str, Any], said: str, finished: Place
) -> None:
    with pytest.raises(InputError, match=f"holds a run with {said}") as found:
        finished.train(**changes)
    assert "--overwrite" in str(found.value)
    assert "\n" not in str(found.value)


def test_other_pictures_and_other_weights_are_noticed_under_the_same_name(finished: Place) -> None:
    (finished.folder / "start" / "model.keras").write_text("others")
    with pytest.raises(InputError, match="another init_sha256"):
        finished.train()
    (finished.folder / "start" / "model.keras").write_text("weights")
    shutil.copy(finished.folder / "masks" / "p3.png", finished.folder / "masks" / "p2.png")
    with pytest.raises(InputError, match="another training_data"):
        finished.train()


def test_overwriting_wins_over_resuming(finished: Place) -> None:
    with pytest.raises(InputError, match=r"not a \.keras file"):
        finished.train(overwrite=True)


@pytest.mark.parametrize("revision", ["now", "earlier"])
def test_a_refused_resume_leaves_the_table_of_the_split(revision: str, finished: Place) -> None:
    options = dataclasses.replace(finished.options, init=None)
    corpus = list_corpus([finished.folder / "images"], [finished.folder / "masks"])
    split = split_samples(corpus.samples, **split_rules(options, corpus.samples))
    fingerprint = fingerprint_of(corpus, split, options, "tensorflow")
    if revision == "earlier":
        del fingerprint["split"]
    (finished.run / "run.json").unlink()
    (finished.run / "state").mkdir()
    text = json.dumps({"fingerprint": fingerprint})
    np.savez(finished.run / "state" / "epoch.npz", json=np.frombuffer(text.encode(), np.uint8))
    before = (finished.run / "split.csv").read_text()
    (finished.folder / "away.txt").write_text("p1" + os.linesep)
    with pytest.raises(InputError, match="another split"):
        finished.train(init=None)
    assert (finished.run / "split.csv").read_text() == before
