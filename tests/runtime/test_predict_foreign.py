"""Runs of models that do not say of themselves how they want their pixels."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from segrun.errors import OutputError
from segrun.face import FaceHints
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from tests.onnx_models import identity_graph
from tests.runtime.test_predict import draw, read, save


def told(input_scale: float) -> SessionOptions:
    return SessionOptions(hints=FaceHints(input_scale=input_scale))


def test_a_run_with_another_hint_is_another_run(tmp_path: Path) -> None:
    model = tmp_path / "foreign.onnx"
    model.write_bytes(identity_graph(64, dtype=TensorProto.FLOAT))
    pixels = draw(64, 64)
    source = save(tmp_path / "a.png", pixels)
    options = PredictOptions(out=tmp_path / "out", session=told(0.5))
    predict(model, [source], options)
    corrected = dataclasses.replace(options, session=told(1.0))
    with pytest.raises(OutputError, match="other input_scale"):
        predict(model, [source], corrected)
    predict(model, [source], dataclasses.replace(corrected, overwrite=True))
    np.testing.assert_array_equal(read(tmp_path / "out/a.png"), np.where(pixels[..., 0] >= 128, 255, 0))


def test_runs_without_hints_know_each_other_whatever_hints_there_are(
    tmp_path: Path, identity_model: Path
) -> None:
    source = save(tmp_path / "a.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out")
    predict(identity_model, [source], options)
    head = (tmp_path / "out/.segrun/journal.jsonl").read_text().splitlines()[0]
    assert not {field.name for field in dataclasses.fields(FaceHints)} & set(json.loads(head)["run"])
    assert predict(identity_model, [source], options).kept == 1
