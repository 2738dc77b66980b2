from __future__ import annotations

import json
from pathlib import Path

import pytest

from segrun.card import ModelClass
from segrun.errors import InputError
from segrun.run_record import RunRecord

RECORD = RunRecord(
    name="roofs", network="unet-lite", classes=(ModelClass("roof", 0.4, "inner split"),), tile=256, gsd_cm=15.0,
    gsd_range_cm=(8.0, 30.0), notices=("line",), recipe={"seed": 1}, metrics={"iou": 0.6}, model_sha256="ab",
)  # fmt: skip


def test_a_record_comes_back(tmp_path: Path) -> None:
    RECORD.write(tmp_path)
    assert RunRecord.read(tmp_path) == RECORD


def test_a_folder_without_a_record_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="segrun train"):
        RunRecord.read(tmp_path)


@pytest.mark.parametrize(
    "change", [{"schema": 99}, {"classes": [{"name": "x", "threshold": 7}]}, {"classes": 3}]
)
def test_a_record_that_cannot_be_used_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    RECORD.write(tmp_path)
    path = tmp_path / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=r"run\.json"):
        RunRecord.read(tmp_path)
