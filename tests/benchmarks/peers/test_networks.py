from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from benchmarks.peers.networks import name_of, network_from_file, network_from_run, trained_with
from segrun.card import ModelClass
from segrun.errors import ModelError
from tests.onnx_models import card, identity_graph, write_model


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    for name, threshold in (("roofs.onnx", 0.3), ("roofs.int8.onnx", 0.4)):
        chosen = dataclasses.replace(card(64), classes=(ModelClass("roof", threshold),))
        write_model(tmp_path / name, identity_graph(64), chosen)
    (tmp_path / "other.tflite").touch()
    return tmp_path


def test_sisters_are_found_with_their_own_thresholds(dist: Path) -> None:
    found = network_from_file(dist / "roofs.int8.onnx")
    assert (found.name, found.tile, sorted(found.files)) == ("roofs", 64, [".int8.onnx", ".onnx"])
    assert found.thresholds(".onnx") == (0.3,)
    assert found.thresholds(".int8.onnx") == (0.4,)
    assert found.keras is None
    assert found.why_not(".tflite") == "no *.tflite was given"


def test_a_file_that_failed_parity_says_why(dist: Path) -> None:
    failed = {
        "passed": False,
        "precision": "int8",
        "format": "tflite",
        "parity": [{"reasons": ["IoU 0.9 < 0.98"]}],
    }
    artefacts = [{**failed, "file": None}, {**failed, "file": "roofs.int8.failed.onnx"}]
    (dist / "parity.json").write_text(json.dumps({"artefacts": artefacts}))
    found = network_from_file(dist / "roofs.onnx")
    assert found.why_not(".int8.tflite") == "parity gate failed: IoU 0.9 < 0.98"
    assert found.why_not(".int8.onnx") == "parity gate failed: IoU 0.9 < 0.98"


def test_the_fp32_file_must_be_there(tmp_path: Path) -> None:
    path = write_model(tmp_path / "roofs.int8.onnx", identity_graph(64), card(64))
    with pytest.raises(ModelError, match=r"Put roofs\.onnx beside it"):
        network_from_file(path)


def test_pictures_are_those_of_the_training(tmp_path: Path) -> None:
    rows = ["stem,part,image,mask", "a,train,x/images/a.png,x/masks/a.png", "b,inner,x/images/b.png,x/masks/b.png",
            "c,train,y/i/c.png,y/m/c.png"]  # fmt: skip
    (tmp_path / "split.csv").write_text("\n".join(rows) + "\n")
    assert trained_with(tmp_path) == ([Path("x/images"), Path("y/i")], [Path("x/masks"), Path("y/m")])


def test_an_export_is_taken_again_and_a_failed_one_is_told(dist: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text(
        json.dumps({"name": "roofs", "model_sha256": "12345678abc", "gsd_cm": 15.0})
    )
    kept = tmp_path / "work" / "run-12345678-32"
    kept.mkdir(parents=True)
    (kept / "parity.json").write_text('{"artefacts": []}')
    (dist / "roofs.onnx").rename(kept / "roofs.onnx")
    found = network_from_run(run, tmp_path / "work", overlap=32, images=(), masks=())
    assert found.files[".onnx"] == kept / "roofs.onnx"
    assert found.keras == run / "model.keras"
    assert found.started is None
    with pytest.raises(ModelError, match="could not be exported"):
        network_from_run(run, tmp_path / "work", overlap=16, images=[tmp_path], masks=[tmp_path])


def test_a_network_says_what_it_learned_from(tmp_path: Path) -> None:
    chosen = dataclasses.replace(card(64), training_data=({"name": "dida", "pairs": 2}, {"pairs": 1}))
    write_model(tmp_path / "roads.onnx", identity_graph(64), chosen)
    assert network_from_file(tmp_path / "roads.onnx").trained_on == ("dida",)


@pytest.mark.parametrize(("init", "started"), [(None, False), ("weights", True)])
def test_a_run_says_whether_it_started_from_weights(
    dist: Path, tmp_path: Path, init: str | None, started: bool
) -> None:
    run = tmp_path / "runs" / "roofs"
    run.mkdir(parents=True)
    facts = {"name": "roofs", "model_sha256": "12345678abc", "recipe": {"init": init}}
    (run / "run.json").write_text(json.dumps(facts))
    kept = tmp_path / "work" / "roofs-12345678-32"
    kept.mkdir(parents=True)
    (kept / "parity.json").write_text('{"artefacts": []}')
    (dist / "roofs.onnx").rename(kept / "roofs.onnx")
    found = network_from_run(run, tmp_path / "work", overlap=32, images=(), masks=())
    assert found.started is started
    assert found.name == name_of(run) == name_of(Path("x/roofs.int8.onnx")) == "roofs"
