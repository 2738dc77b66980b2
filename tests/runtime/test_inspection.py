from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from segrun.cli import run
from segrun.inspection import inspect_model, lines
from tests.runtime.grey_model import exported, grey_onnx


def test_a_card_is_shown(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(), gsd_cm=12.5, notices=("CC-BY-4.0 the authors",))
    found = inspect_model(path)
    assert found.intact is True
    assert found.engines["cpu"] == ""
    text = "\n".join(lines(found))
    for part in (
        "model grey, fp32",
        "tile 64 px",
        "12.5 cm/px",
        "class bright: threshold 0.5",
        "CC-BY-4.0 the authors",
    ):
        assert part in text


def test_a_changed_file_is_shown_with_a_warning(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    path.write_bytes(path.read_bytes().replace(np.float32(-10).tobytes(), np.float32(-11).tobytes()))
    found = inspect_model(path)
    assert found.intact is False
    assert "WARNING: the file was changed" in "\n".join(lines(found))


def test_a_foreign_model_is_shown_as_one(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(grey_onnx())
    found = inspect_model(tmp_path / "m.onnx")
    assert found.card is None
    assert "no segrun card: a foreign model" in lines(found)


def test_the_command_prints_and_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    assert run(["inspect", str(path), "--json", "-"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["card"]["name"] == "grey"
    assert report["golden_tiles"] is True
    assert run(["inspect", str(path)]) == 0
    assert "engine cpu: loads here" in capsys.readouterr().out
