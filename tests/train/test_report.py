from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.card import ModelClass
from segrun.cli import run as segrun
from segrun.errors import InputError, OutputError
from segrun.pairs import Pair
from segrun.run_record import RunRecord
from segrun_train.report import ReportOptions, report
from tests.train.drawn_pairs import draw_pairs
from tests.train.test_evaluate import small_model

pytest.importorskip("keras", reason="Keras is not installed")
pytest.importorskip("matplotlib", reason="matplotlib is not installed")


def make_run(folder: Path, name: str, pairs: list[Pair], parts: str) -> Path:
    folder.mkdir()
    small_model(folder / "model.keras")
    metrics = {"epochs": 2, "best_epoch": 1}
    RunRecord(name, "unet-lite", (ModelClass("roof", 0.4),), 32, metrics=metrics).write(folder)
    (folder / "history.csv").write_text(
        "epoch,loss,iou,val_loss,learning_rate\n0,1.5,0.1,1.4,0.001\n1,1.2,0.2,,0.001\n"
    )
    lines = ["stem,part,image,mask"]
    words = {"h": "held_out", "i": "inner", "t": "train"}
    lines += [f"{p.stem},{words[c]},{p.image},{p.mask}" for p, c in zip(pairs, parts, strict=True)]
    (folder / "split.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    images, masks = draw_pairs(tmp_path, 4)
    return [Pair(f"p{i}", images / f"p{i}.png", masks / f"p{i}.png") for i in range(4)]


def test_everything_stands_on_one_page_that_needs_no_other_file(tmp_path: Path, pairs: list[Pair]) -> None:
    runs = [
        make_run(tmp_path / "a", "one <b>", pairs, "thhh"),
        make_run(tmp_path / "b", "one <b>", pairs, "htih"),
    ]
    out = tmp_path / "report"
    written = report(runs, ReportOptions(out, pictures=(tmp_path / "images",), rows=2))
    names = {"curves.png", "comparison.png", "unlabelled.png", "worst.png", "reliability.png"}
    assert set(written.files) == names | {"index.html", "report.json"} == {f.name for f in out.iterdir()}
    text = (out / "index.html").read_text()
    sources = re.findall(r"(?:src|href)=['\"]([^'\"]*)", text)
    assert len(sources) == 5
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
    assert "url(" not in text
    assert "http" not in text
    assert "<b>" not in text
    assert "one &lt;b&gt; (2)" in text
    assert "prefers-color-scheme: dark" in text
    for name in names:
        height, width = cv2.imread(str(out / name)).shape[:2]  # type: ignore[union-attr]
        assert min(height, width) > 300
    data = json.loads((out / "report.json").read_text())
    assert [len(item["evaluation"]["pictures"]) for item in data["runs"]] == [3, 2]
    assert written.notes == ()
    report(runs[:1], ReportOptions(out))
    assert not (out / "unlabelled.png").exists()


def test_runs_without_a_common_unseen_picture_say_so(tmp_path: Path, pairs: list[Pair]) -> None:
    runs = [make_run(tmp_path / "a", "a", pairs, "httt"), make_run(tmp_path / "b", "b", pairs, "thtt")]
    written = report(runs, ReportOptions(tmp_path / "report"))
    assert "worst.png" not in written.files
    assert "No picture is unseen by every run" in written.notes[0]
    given = ReportOptions(tmp_path / "report", (tmp_path / "images",), (tmp_path / "masks",))
    written = report(runs, given)
    assert "worst.png" in written.files
    assert written.notes[0].startswith("a was trained on 3 of the pictures")


def test_pictures_that_went_away_leave_the_curves(tmp_path: Path, pairs: list[Pair]) -> None:
    run = make_run(tmp_path / "a", "a", pairs, "hhtt")
    for pair in pairs[:2]:
        pair.image.unlink()
    written = report([run], ReportOptions(tmp_path / "report"))
    assert [name for name in written.files if name.endswith(".png")] == ["curves.png"]
    assert written.results[0].evaluation is None


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, pairs: list[Pair]) -> None:
    run = make_run(tmp_path / "a", "a", pairs, "thhh")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(OutputError, match="not a report"):
        report([run], ReportOptions(tmp_path / "mine"))
    assert [f.name for f in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_what_is_no_run_is_refused(tmp_path: Path, pairs: list[Pair]) -> None:
    with pytest.raises(InputError, match=r"run\.json"):
        report([tmp_path], ReportOptions(tmp_path / "report"))
    with pytest.raises(InputError, match="needs a run"):
        report([], ReportOptions(tmp_path / "report"))
    run = make_run(tmp_path / "a", "a", pairs, "thhh")
    (run / "history.csv").write_text("epoch,loss\n0,high\n")
    with pytest.raises(InputError, match=r"history\.csv is damaged"):
        report([run], ReportOptions(tmp_path / "report"))
    with pytest.raises(ValueError, match="rows"):
        ReportOptions(rows=0)


def test_the_command_ends_with_three_where_a_picture_is_bad(
    tmp_path: Path, pairs: list[Pair], capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(tmp_path / "a", "a", pairs, "thhh")
    out = tmp_path / "report"
    assert segrun(["report", str(run), "--out", str(out)]) == 0
    assert "index.html" in capsys.readouterr().out
    pairs[2].image.write_bytes(b"")
    assert segrun(["report", str(run), "--out", str(out), "--json", "-"]) == 3
    said = capsys.readouterr()
    assert "p2.png" in said.err
    assert json.loads(said.out)["runs"][0]["label"] == "a"


def test_several_classes_are_drawn_in_colours(tmp_path: Path, pairs: list[Pair]) -> None:
    run = make_run(tmp_path / "a", "a", pairs, "thhh")
    small_model(run / "model.keras", classes=3)
    names = tuple(ModelClass(name, 0.0 if name == "ground" else 0.3) for name in ("ground", "roof", "road"))
    RunRecord("a", "unet-lite", names, 32, activation="softmax").write(run)
    for pair in pairs:
        mask = np.zeros((48, 52), np.uint8)
        mask[:20], mask[20:30] = 1, 2
        cv2.imwrite(str(pair.mask), mask)
    written = report([run], ReportOptions(tmp_path / "report"))
    shown = cv2.imread(str(tmp_path / "report" / "comparison.png"))
    assert "reliability.png" in written.files
    assert shown is not None
    # Okabe and Ito's vermilion and sky blue, BGR.
    for colour in ((0, 94, 213), (233, 180, 86)):
        assert (shown == colour).all(axis=-1).sum() > 1000
