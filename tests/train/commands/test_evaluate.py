from __future__ import annotations

import json
from pathlib import Path

import pytest

from segrun.cli import run
from tests.onnx_models import card, identity_graph, write_model
from tests.train.drawn_pairs import draw_pairs


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    images, masks = draw_pairs(tmp_path, 5)
    model = write_model(tmp_path / "identity.onnx", identity_graph(32), card(32))
    return ["evaluate", "--model", str(model), "--images", str(images), "--masks", str(masks)]


def test_it_prints_classes_and_worst_pictures(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--worst", "2", "--fold", "0/2"]) == 0
    said = capsys.readouterr().out
    assert "3 pictures" in said
    assert "roof " in said
    assert "edge F1" in said
    assert said.count("of its pixels wrong") == 2


def test_without_worst_pictures_there_is_no_heading_for_them(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--worst", "0"]) == 0
    assert "worst" not in capsys.readouterr().out


def test_json_holds_every_picture(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--json", "-", "--exclude", "p0"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sorted(item["stem"] for item in found["pictures"]) == ["p1", "p2", "p3", "p4"]
    assert len(found["all_pixels"][0]["reliability"]["bins"]) == 15
    assert 0 <= found["mean_iou"] <= 1


def test_some_bad_pictures_end_with_three(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "images" / "p1.png").write_bytes(b"")
    assert run(words) == 3
    assert "p1.png" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "code", "said"),
    [
        (["--fold", "a"], 2, "K/N"),
        (["--threads", "9999"], 2, "512"),
        (["--fold", "5/5"], 2, "K/N"),
        (["--held-out", "("], 2, "regular expression"),
        (["--model", "nothing.onnx"], 2, "or one of: roofs"),
        (["--threshold", "2"], 2, "threshold"),
        (["--overlap", "99"], 1, "half a tile|0 to 16"),
        (["--held-out", "^z"], 1, "--held-out names no picture"),
        (["--group-regex", "^p"], 2, "--group-regex needs a split"),
        (["--group-zoom", "19"], 2, "--group-zoom needs a split"),
    ],
)
def test_wrong_use(
    extra: list[str], code: int, said: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    assert run([*words, *extra]) == code
    assert re.search(said, capsys.readouterr().err)
