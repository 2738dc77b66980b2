from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import SegrunError
from segrun.model_file import ModelFile
from segrun.predict import PredictOptions
from segrun.predict_session import plan_inputs
from segrun.preload import open_while_loading
from segrun.sessions.onnx import OnnxSession
from tests.runtime.test_predict import draw, save


def open_for_a_picture(folder: Path, model: Path) -> None:
    options = PredictOptions(out=folder / "out")
    save(folder / "a.png", draw(64, 64))
    open_while_loading(plan_inputs([folder / "a.png"], options), ModelFile.read(model), options)


def test_a_session_is_closed_where_loading_fails_beside_it(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[OnnxSession] = []

    def close(session: OnnxSession) -> None:
        closed.append(session)

    monkeypatch.setattr(OnnxSession, "close", close)

    def fail(*_: object) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file")

    monkeypatch.setattr("segrun.preload._load", fail)
    with pytest.raises(ImportError, match="libGL"):
        open_for_a_picture(tmp_path, identity_model)
    assert len(closed) == 1


def test_an_engine_that_fails_is_named(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise SegrunError("no engine")

    monkeypatch.setattr("segrun.preload.open_side_by_side", fail)
    with pytest.raises(SegrunError, match="no engine"):
        open_for_a_picture(tmp_path, identity_model)
