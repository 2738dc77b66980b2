from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from segrun.cli import run
from segrun.errors import ModelError
from segrun.model_file import with_metadata
from segrun.verify import table, verify
from tests.runtime.grey_model import exported, grey_onnx


def test_a_good_file_passes_on_the_cpu(tmp_path: Path) -> None:
    report = verify(exported(tmp_path / "grey.onnx", grey_onnx()), ["cpu"])
    assert report
    (verdict,) = report.verdicts
    assert verdict.status == "passed"
    assert verdict.findings is not None
    assert verdict.findings.flipped == 0
    assert "passed" in table(report)


def test_engines_that_are_not_here_are_absent_unless_asked_for(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    by_name = {item.engine: item for item in verify(path).verdicts}
    assert by_name["cpu"].status == "passed"
    missing = [name for name, item in by_name.items() if item.status == "absent"]
    if not missing:
        pytest.skip("every engine of segrun is here")
    assert by_name[missing[0]].reason
    report = verify(path, [missing[0]])
    assert not report
    assert report.verdicts[0].status == "failed"


@pytest.mark.parametrize(("precision", "gain", "passes"), [
    ("fp32", 20.001, True), ("fp32", 20.5, False), ("fp16", 20.5, True), ("int8", 24.0, True),
])  # fmt: skip
def test_another_gain_fails_by_difference_in_fp32_alone(
    tmp_path: Path, precision: str, gain: float, passes: bool
) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(gain), like=grey_onnx(20.0), precision=precision)
    assert bool(verify(path, ["cpu"])) is passes


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_a_model_that_turns_bright_to_dark_fails_in_every_precision(tmp_path: Path, precision: str) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(-20.0), like=grey_onnx(20.0), precision=precision)
    report = verify(path, ["cpu"])
    assert not report
    assert "flipped pixels" in report.verdicts[0].reason


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_nan_fails_in_every_precision_and_is_null_in_json(tmp_path: Path, precision: str) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(float("nan")), like=grey_onnx(), precision=precision)
    report = verify(path, ["cpu"])
    assert not report
    assert "not finite" in report.verdicts[0].reason
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["engines"][0]["max_difference"] is None


def test_what_export_found_on_the_golden_tiles_moves_the_gates_of_int8(tmp_path: Path) -> None:
    close = grey_onnx(20.0)
    shifted = close.replace(np.float32(-10).tobytes(), np.float32(-9.5).tobytes())
    assert shifted != close
    strict = exported(tmp_path / "a.onnx", shifted, like=close, precision="int8")
    assert not verify(strict, ["cpu"])
    found = verify(strict, ["cpu"]).verdicts[0].findings
    assert found is not None
    known = {"golden": {"flipped": found.flipped, "iou": found.iou}, "keras_thresholds": [0.5]}
    assert verify(exported(tmp_path / "b.onnx", shifted, like=close, precision="int8", parity=known), ["cpu"])


def test_a_changed_weight_is_detected_before_anything_runs(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    path.write_bytes(path.read_bytes().replace(np.float32(-10).tobytes(), np.float32(-11).tobytes()))
    with pytest.raises(ModelError, match="changed or damaged"):
        verify(path, ["cpu"])


def test_other_golden_tiles_are_detected(tmp_path: Path) -> None:
    path = exported(tmp_path / "a.onnx", grey_onnx())
    other = exported(tmp_path / "b.onnx", grey_onnx(), like=grey_onnx(5.0))
    from segrun.model_file import ModelFile

    golden = ModelFile.read(other).metadata["segrun.golden"]
    path.write_bytes(with_metadata(path.read_bytes(), {"segrun.golden": golden}))
    with pytest.raises(ModelError, match="other golden tiles"):
        verify(path, ["cpu"])


def test_a_truncated_file_is_detected(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelError, match="truncated"):
        verify(path, ["cpu"])


def test_a_foreign_file_cannot_be_verified(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(grey_onnx())
    with pytest.raises(ModelError, match="it has no card"):
        verify(tmp_path / "m.onnx")


def test_another_provider_than_asked_for_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As onnxruntime does it: CUDA is asked for, a warning is all there is, and the CPU runs.
    for module in ("onnx", "opening"):
        monkeypatch.setattr(f"segrun.sessions.{module}.choose", lambda _ort, engine: (engine, "as asked for"))
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("CUDA is really here")
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        report = verify(path, ["cuda"])
    assert not report
    assert "in its place" in report.verdicts[0].reason


def test_the_command_prints_the_table_and_fails_by_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = exported(tmp_path / "good.onnx", grey_onnx())
    bad = exported(tmp_path / "bad.onnx", grey_onnx(5.0), like=grey_onnx(20.0))
    assert run(["verify", str(good), "--engine", "cpu"]) == 0
    assert "passed" in capsys.readouterr().out
    assert run(["verify", str(bad), "--engine", "cpu", "--json", str(tmp_path / "r.json")]) == 1
    printed = capsys.readouterr()
    assert "failed" in printed.out
    assert printed.err.splitlines()[-1].startswith("segrun: ")
    assert json.loads((tmp_path / "r.json").read_text())["passed"] is False
