from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from segrun.cli import run
from segrun.errors import ModelError
from segrun.lint import lint
from segrun.onnx_facts import operator_sets
from tests.runtime.grey_model import exported, grey_onnx

GOOD_KEYS = {
    "model_type": '"Segmentor"', "class_names": '{"0": "background", "1": "roof"}', "resolution": "20", "tiles_size": "64",
    "tiles_overlap": "15", "seg_thresh": "0.5",
}  # fmt: skip


def deepness_onnx(
    shape: tuple[Any, ...] = (1, 3, 64, 64), channels: int = 2, *, last: str = "Softmax"
) -> Any:
    """Build an NCHW float model of one convolution."""
    helper = onnx.helper
    rng = np.random.default_rng(0)
    nodes = [helper.make_node("Conv", ["input", "w"], ["logits"])]
    nodes.append(helper.make_node(last, ["logits"], ["output"], **({"axis": 1} if last == "Softmax" else {})))
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, [shape[0], channels, *shape[2:]])],
        [onnx.numpy_helper.from_array(rng.normal(0, 3, (channels, 3, 1, 1)).astype(np.float32), "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def stored(folder: Path, model: Any, keys: dict[str, str] | None = None) -> Path:
    onnx.helper.set_model_props(model, keys or {})
    path = folder / "m.onnx"
    onnx.save(model, path)
    return path


def messages(path: Path, target: str) -> list[str]:
    return [item.message for item in lint(path) if item.target == target and item.severity == "error"]


def test_our_own_file_runs_here_and_not_in_deepness(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    assert [item for item in lint(path) if item.target == "segrun"] == []
    found = " ".join(messages(path, "deepness"))
    for part in ("NHWC", "tensor(uint8)", "one sigmoid channel", "no model_type", "no resolution"):
        assert part in found


def test_a_file_made_for_deepness_is_clean_there(tmp_path: Path) -> None:
    path = stored(tmp_path, deepness_onnx(), GOOD_KEYS)
    assert [item for item in lint(path) if item.target == "deepness"] == []
    assert messages(path, "segrun") == []


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({"class_names": '{"0": "roof"}'}, "class_names has 1 names for 2 channels"),
        ({"class_names": "roof"}, "class_names is not JSON"),
    ],
)
def test_class_names_that_do_not_fit(tmp_path: Path, keys: dict[str, str], part: str) -> None:
    assert any(
        part in line
        for line in messages(stored(tmp_path, deepness_onnx(), {**GOOD_KEYS, **keys}), "deepness")
    )


def test_one_channel_finds_nothing_in_geodeep(tmp_path: Path) -> None:
    path = stored(tmp_path, deepness_onnx(channels=1, last="Sigmoid"), GOOD_KEYS)
    assert any("one sigmoid channel" in line for line in messages(path, "deepness"))


def test_a_dynamic_size_needs_a_key(tmp_path: Path) -> None:
    keys = {key: value for key, value in GOOD_KEYS.items() if key != "tiles_size"}
    path = stored(tmp_path, deepness_onnx(("n", 3, "h", "w")), keys)
    assert any("size is dynamic" in line for line in messages(path, "deepness"))
    assert any("Choose one with --tile" in line for line in messages(path, "segrun"))


def test_logits_are_recognised_by_their_values(tmp_path: Path) -> None:
    path = stored(tmp_path, deepness_onnx(last="Identity"), GOOD_KEYS)
    assert any("--output-is logits" in line for line in messages(path, "segrun"))


def test_independent_sigmoids_are_recognised(tmp_path: Path) -> None:
    path = stored(tmp_path, deepness_onnx(last="Sigmoid"), GOOD_KEYS)
    assert any("several sigmoid channels" in line for line in messages(path, "segrun"))


def test_a_float_input_of_unknown_range_is_asked_for(tmp_path: Path) -> None:
    assert any("--input-scale" in line for line in messages(stored(tmp_path, deepness_onnx()), "segrun"))


def test_operator_sets_are_read_without_onnx(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(grey_onnx(opset=13))
    assert operator_sets(tmp_path / "m.onnx") == {"": 13}


def test_a_file_that_is_no_model_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"<html>")
    with pytest.raises(ModelError):
        lint(tmp_path / "m.onnx")


def test_the_command_counts_and_fails_by_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    assert run(["lint", str(path), "--for", "segrun"]) == 0
    assert "0 errors" in capsys.readouterr().out
    assert run(["lint", str(path)]) == 0
    assert "deepness: error" in capsys.readouterr().out
    assert run(["lint", str(path), "--for", "deepness", "--json", str(tmp_path / "r.json")]) == 1
    assert json.loads((tmp_path / "r.json").read_text())["errors"] >= 4
