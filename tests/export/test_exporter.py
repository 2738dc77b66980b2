from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from segrun.card import ModelClass
from segrun.cli import run
from segrun.errors import InputError, ModelError, OutputError
from segrun.model_file import ModelFile
from segrun.run_record import RunRecord
from segrun.threshold import mask_from_scores
from segrun_export import ExportReport, Facts, certification, conversion, export
from segrun_export.export_report import table
from segrun_export.facts import sha256_of
from segrun_export.onnx_conversion import onnx_from_keras
from segrun_export.reference import artefact_run
from tests.export.conftest import Drawn, blank, last_conv, small_unet, trained


@pytest.fixture(scope="module")
def exported(
    unet_file: Path, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ExportReport, Path]:
    out = tmp_path_factory.mktemp("dist")
    facts = Facts(classes=("square",), thresholds=(0.4,), gsd_cm=30.0, notices=("drawn",))
    return export(unet_file, drawn.pairs, out, facts=facts), out


def test_a_good_model_passes_and_lies_in_place(exported: tuple[ExportReport, Path]) -> None:
    report, out = exported
    assert report
    assert sorted(path.name for path in out.iterdir()) == ["parity.json", "report.html", "squares.onnx"]
    (parity,) = report.artefacts[0].parity
    assert parity.finite
    assert parity.max_difference <= 1e-4
    assert parity.flipped <= 1e-4
    assert 0.01 < parity.positives < 0.99
    # The network has learnt the squares, so that equality of masks says something.
    assert parity.keras_truth_iou is not None
    assert parity.keras_truth_iou > 0.8


def test_the_card_says_what_the_user_said(exported: tuple[ExportReport, Path], unet_file: Path) -> None:
    _, out = exported
    file = ModelFile.read(out / "squares.onnx")
    file.verify_content()
    card = file.card()
    assert card is not None
    assert card.classes == (ModelClass("square", 0.4, "given at export"),)
    assert (card.tile, card.precision, card.gsd_cm, card.notices) == (64, "fp32", 30.0, ("drawn",))
    assert card.parent_sha256 == sha256_of(unet_file)
    assert card.receptive_field is not None
    assert card.overlap_px == card.receptive_field["overlap_px"] <= 16
    assert card.parity is not None
    assert card.parity["passed"] is True
    assert set(card.parity["engines"]) == {"cpu"}
    golden_text = file.metadata["segrun.golden"]
    assert card.parity["golden_sha256"] == hashlib.sha256(golden_text.encode()).hexdigest()


def test_the_file_is_whole_for_onnx_and_onnxruntime(exported: tuple[ExportReport, Path]) -> None:
    _, out = exported
    path = out / "squares.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    stored = {entry.key: entry.value for entry in model.metadata_props}
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert stored == session.get_modelmeta().custom_metadata_map == ModelFile.read(path).metadata


def test_golden_tiles_replay_on_onnxruntime(exported: tuple[ExportReport, Path]) -> None:
    _, out = exported
    golden = ModelFile.read(out / "squares.onnx").golden()
    assert golden is not None
    session = onnxruntime.InferenceSession(str(out / "squares.onnx"), providers=["CPUExecutionProvider"])
    scores = golden.crop(session.run(["score"], {"image": golden.padded(64)})[0])
    assert float(np.abs(scores - golden.reference).max()) <= 1e-4
    positive = mask_from_scores(golden.reference, (0.4,), "sigmoid").reshape(2, -1).mean(1)
    assert ((positive > 0.05) & (positive < 0.95)).all()


def test_one_changed_weight_is_detected(exported: tuple[ExportReport, Path], tmp_path: Path) -> None:
    _, out = exported
    content = bytearray((out / "squares.onnx").read_bytes())
    content[len(content) // 8] ^= 0x10
    changed = tmp_path / "squares.onnx"
    changed.write_bytes(content)
    with pytest.raises(ModelError, match=r"changed or damaged|truncated"):
        ModelFile.read(changed).verify_content()


def test_parity_json_holds_the_findings(exported: tuple[ExportReport, Path]) -> None:
    report, out = exported
    found = json.loads((out / "parity.json").read_text())
    assert found == json.loads(json.dumps(report.to_dict()))
    assert found["artefacts"][0]["parity"][0]["engine"] == "cpu"
    assert "squares.onnx" in table(report)


def test_exporting_twice_gives_the_same_bytes_but_for_nothing(
    unet_file: Path, drawn: Drawn, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        assert export(unet_file, drawn.pairs, tmp_path / name, tiles=4)
    one, other = ((tmp_path / name / "squares.onnx").read_bytes() for name in ("a", "b"))
    assert one == other


def broken(change: Callable[[Any], None]) -> Callable[[Any], bytes]:
    """Return a converter whose result is changed afterwards, as a faulty conversion would."""

    def convert(model: Any) -> bytes:
        proto = onnx.load_from_string(onnx_from_keras(model))
        change(proto)
        return bytes(proto.SerializeToString())

    return convert


def last_kernel(proto: Any, factor: float) -> None:
    (conv,) = (node for node in proto.graph.node if node.op_type == "Conv" and node == last_conv(proto))
    for item in proto.graph.initializer:
        if item.name == conv.input[1]:
            item.CopyFrom(
                onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(item) * np.float32(factor), item.name)
            )


@pytest.mark.parametrize(
    ("factor", "reason"),
    [(1.01, "max difference"), (np.nan, "not finite"), (0.0, "constant")],
)
@pytest.mark.parametrize("keep", [False, True])
def test_a_wrong_conversion_leaves_no_file_in_place(
    unet_file: Path,
    drawn: Drawn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    factor: float,
    reason: str,
    keep: bool,
) -> None:
    monkeypatch.setattr(conversion, "onnx_from_keras", broken(lambda proto: last_kernel(proto, factor)))
    out = tmp_path / "dist"
    report = export(unet_file, drawn.pairs, out, tiles=4, keep_failed=keep)
    assert not report
    assert any(reason in line for line in report.reasons)
    kept = sorted(path.name for path in out.iterdir()) if out.exists() else []
    assert kept == (["failed.parity.json", "failed.report.html", "squares.failed.onnx"] if keep else [])


def test_a_failed_export_leaves_the_earlier_one_as_it_was(
    unet_file: Path, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export(unet_file, drawn.pairs, tmp_path, tiles=4)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(conversion, "onnx_from_keras", broken(lambda proto: last_kernel(proto, 1.5)))
    assert not export(unet_file, drawn.pairs, tmp_path, tiles=4, overwrite=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_existing_target_is_refused_unless_told(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "squares.onnx").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"squares\.onnx exists already. Use --overwrite"):
        export(unet_file, drawn.pairs, tmp_path)
    assert (tmp_path / "squares.onnx").read_bytes() == b"mine"
    assert export(unet_file, drawn.pairs, tmp_path, tiles=4, overwrite=True)


def test_a_full_disk_is_an_output_error(
    unet_file: Path, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(OutputError, match="too little space"):
        export(unet_file, drawn.pairs, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_a_folder_that_is_a_file_is_an_output_error(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "dist").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write into"):
        export(unet_file, drawn.pairs, tmp_path / "dist")


@pytest.mark.parametrize(("bias", "found"), [(-20, "no pixel"), (20, "every pixel"), (np.nan, "not finite")])
def test_a_model_of_one_answer_cannot_be_proven(
    keras: Any, drawn: Drawn, tmp_path: Path, capfd: pytest.CaptureFixture[str], bias: float, found: str
) -> None:
    model = small_unet(keras)
    weights = model.get_weights()
    weights[-1] = np.full(1, bias, np.float32)
    model.set_weights(weights)
    model.save(tmp_path / "blind.keras")
    code = run(
        ["export", "--model", str(tmp_path / "blind.keras"), "--images", str(drawn.images), "--masks", str(drawn.masks),
         "--out", str(tmp_path / "dist"), "-q"]
    )  # fmt: skip
    assert code == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("segrun: ")
    assert found in line
    assert not (tmp_path / "dist").exists()


def test_the_run_record_is_believed_and_options_come_first(unet: Any, drawn: Drawn, tmp_path: Path) -> None:
    unet.save(tmp_path / "model.keras")
    record = RunRecord(
        name="sq", network="small", classes=(ModelClass("square", 0.3, "best F1 on the inner split"),), tile=64,
        notices=("CC-BY",), gsd_cm=25.0, gsd_range_cm=(20.0, 30.0), training_data=({"name": "drawn", "pairs": 6},),
        model_sha256=sha256_of(tmp_path / "model.keras"),
    )  # fmt: skip
    record.write(tmp_path)
    assert export(tmp_path / "model.keras", drawn.pairs, tmp_path / "dist", facts=Facts(gsd_cm=22.0), tiles=4)
    card = ModelFile.read(tmp_path / "dist" / "sq.onnx").card()
    assert card is not None
    assert card.classes == record.classes
    assert (card.gsd_cm, card.gsd_range_cm, card.notices) == (22.0, (20.0, 30.0), ("CC-BY",))
    assert card.training_data == record.training_data


@pytest.mark.parametrize(
    ("change", "message"),
    [({"model_sha256": "0" * 64}, "describes another model"), ({"tile": 128}, "contradicts the model")],
)
def test_a_run_record_of_another_model_is_refused(
    unet: Any, drawn: Drawn, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    unet.save(tmp_path / "model.keras")
    record = RunRecord(name="sq", network="small", classes=(ModelClass("square"),), tile=64)
    dataclasses.replace(record, **change).write(tmp_path)
    with pytest.raises(ModelError, match=message):
        export(tmp_path / "model.keras", drawn.pairs, tmp_path / "dist")


@pytest.mark.parametrize("facts", [Facts(classes=("a", "b")), Facts(thresholds=(0.2, 0.3))])
def test_facts_that_do_not_fit_the_model_are_refused(
    unet_file: Path, drawn: Drawn, tmp_path: Path, facts: Facts
) -> None:
    with pytest.raises(ModelError, match=r"output channels|besides the background"):
        export(unet_file, drawn.pairs, tmp_path / "dist", facts=facts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--name", "../squares"], "a model's name is no path"),
        (["--gsd-range-cm", "30", "20"], "from low to high"),
        (["--overlap", "40"], "Received: 40. Use 16."),
    ],
)
def test_options_that_make_no_sense_are_one_line(
    unet_file: Path,
    drawn: Drawn,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    code = run(
        ["export", "--model", str(unet_file), "--images", str(drawn.images), "--masks", str(drawn.masks),
         "--out", str(tmp_path / "dist"), "-q", *options]
    )  # fmt: skip
    assert code == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert message in line
    assert not (tmp_path / "dist").exists()


def test_masks_without_positives_are_refused(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no mask has positives"):
        export(unet_file, [dataclasses.replace(drawn.pairs[0], mask=blank(tmp_path))], tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@pytest.mark.usefixtures("float32_after")
def test_a_model_trained_in_mixed_precision_passes(keras: Any, drawn: Drawn, tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    trained(keras, small_unet(keras)).save(tmp_path / "mixed.keras")
    keras.config.set_dtype_policy("float32")
    assert export(tmp_path / "mixed.keras", drawn.pairs, tmp_path / "dist", tiles=4)


def test_a_softmax_model_passes(keras: Any, tmp_path: Path) -> None:
    import cv2

    from segrun.pairs import find_pairs
    from tests.export.conftest import drawn_pair

    trained(keras, small_unet(keras, classes=2)).save(tmp_path / "soft.keras")
    for seed in range(3):
        picture, mask = drawn_pair(seed)
        for name, content in (("images", picture[..., ::-1]), ("masks", (mask > 0).astype(np.uint8))):
            (tmp_path / name).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / name / f"{seed}.png"), content)
    pairs = find_pairs([tmp_path / "images"], [tmp_path / "masks"])
    report = export(
        tmp_path / "soft.keras", pairs, tmp_path / "dist", facts=Facts(classes=("ground", "square"))
    )
    assert report
    card = ModelFile.read(tmp_path / "dist" / "soft.onnx").card()
    assert card is not None
    assert [item.name for item in card.classes] == ["ground", "square"]
    truth_iou = report.artefacts[0].parity[0].keras_truth_iou
    assert truth_iou is not None
    assert truth_iou > 0.8


def test_the_command_writes_the_file_and_prints_the_table(
    unet_file: Path, drawn: Drawn, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "export", "--model", str(unet_file), "--images", str(drawn.images), "--masks", str(drawn.masks),
        "--out", str(tmp_path / "dist"), "--tiles", "4",
    ]  # fmt: skip
    assert run([*arguments, "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")
    assert run(arguments) == 1
    assert "exists already" in capfd.readouterr().err
    assert run([*arguments, "--overwrite", "--json", "-"]) == 0
    printed = capfd.readouterr()
    assert json.loads(printed.out)["passed"] is True
    assert "squares.onnx" in printed.err


def test_a_failed_gate_is_exit_code_1_with_the_table(
    unet_file: Path,
    drawn: Drawn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(conversion, "onnx_from_keras", broken(lambda proto: last_kernel(proto, 1.5)))
    code = run(
        ["export", "--model", str(unet_file), "--images", str(drawn.images), "--masks", str(drawn.masks),
         "--out", str(tmp_path / "dist"), "--tiles", "4", "-q"]
    )  # fmt: skip
    error = capfd.readouterr().err
    assert code == 1
    assert "FAILED" in error
    assert error.splitlines()[-1].startswith("segrun: an exported file does not compute what Keras computes")
    assert not (tmp_path / "dist").exists()


def test_an_optional_engine_that_fails_leaves_the_file_in_place(
    unet_file: Path, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_arithmetic(path: Path, pixels: Any, engine: str, **options: Any) -> Any:
        run = artefact_run(path, pixels, "cpu", **options)
        return run if engine == "cpu" else dataclasses.replace(run, scores=run.scores * np.float32(0.7))

    monkeypatch.setattr(certification, "choose", lambda _ort, engine: (engine, "stands in for a real one"))
    monkeypatch.setattr(certification, "artefact_run", other_arithmetic)
    report = export(unet_file, drawn.pairs, tmp_path, tiles=4)
    assert report
    assert "FAILED" in table(report)
    card = ModelFile.read(tmp_path / "squares.onnx").card()
    assert card is not None
    assert card.parity is not None
    assert card.parity["passed"] is True
    assert card.parity["engines"]["cpu"]["passed"] is True
    assert card.parity["engines"]["openvino"]["passed"] is False
