from __future__ import annotations

from pathlib import Path

import pytest

from segrun_train.history import Events, write_history


def test_the_table_has_every_column_that_any_epoch_has(tmp_path: Path) -> None:
    write_history(tmp_path, [{"epoch": 0, "loss": 1 / 3}, {"epoch": 1, "loss": 0.25, "val_loss": 2.0}])
    assert (tmp_path / "history.csv").read_text() == "epoch,loss,val_loss\n0,0.3333333,\n1,0.25,2\n"


def test_events_are_written_where_tensorflow_is(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    Events(tmp_path).write({"epoch": 0, "loss": 0.5})
    (events,) = (tmp_path / "tensorboard").iterdir()
    assert b"loss" in events.read_bytes()


def test_without_tensorflow_there_are_no_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    Events(tmp_path).write({"epoch": 0, "loss": 0.5})
    assert not list(tmp_path.iterdir())
