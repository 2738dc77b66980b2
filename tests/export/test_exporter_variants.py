from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest

from segrun.cli import run
from segrun.errors import InputError, ModelError
from segrun.model_file import ModelFile
from segrun_export import ExportReport, Quantisation, Variant, export
from segrun_export.export_report import table
from segrun_export.variants import FORMATS, PRECISIONS
from tests.export.conftest import Drawn, blank, last_conv


@pytest.fixture(scope="module")
def every_variant(
    unet_file: Path, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ExportReport, Path]:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert, the litert extra, is not installed")
    out = tmp_path_factory.mktemp("variants")
    variants = [Variant(kind, precision) for kind in FORMATS for precision in PRECISIONS]
    return export(unet_file, drawn.pairs, out, variants=variants), out


@pytest.mark.parametrize("index", range(6))
def test_every_format_and_precision_passes_its_gates(
    every_variant: tuple[ExportReport, Path], index: int
) -> None:
    report, out = every_variant
    artefact = report.artefacts[index]
    assert artefact, table(report)
    assert artefact.path is not None
    assert artefact.path.parent == out
    file = ModelFile.read(artefact.path)
    file.verify_content()
    card = file.card()
    assert card is not None
    assert file.golden() is not None
    assert card.precision == artefact.variant.precision
    assert card.content_sha256 == artefact.content_sha256
    assert card.parity is not None
    assert card.parity["engines"].keys() >= set(artefact.variant.required)


def test_smaller_precisions_make_smaller_weights_and_whole_number_arithmetic(
    every_variant: tuple[ExportReport, Path],
) -> None:
    operators = {item.variant.suffix: item.operators for item in every_variant[0].artefacts}
    assert operators[".int8.onnx"]["QuantizeLinear"] >= 3
    assert operators[".int8.onnx"]["DequantizeLinear"] >= 3
    assert "QuantizeLinear" not in operators[".onnx"]
    assert operators[".int8.tflite"].keys() >= {"QUANTIZE", "DEQUANTIZE"}


def test_int8_onnx_is_u8s8_with_a_scale_for_each_channel(every_variant: tuple[ExportReport, Path]) -> None:
    model = onnx.load(every_variant[1] / "squares.int8.onnx")
    kinds = {item.name: item for item in model.graph.initializer}
    activations = [node for node in model.graph.node if node.op_type == "QuantizeLinear"]
    assert {kinds[node.input[2]].data_type for node in activations} == {onnx.TensorProto.UINT8}
    weights = [
        node
        for node in model.graph.node
        if node.op_type == "DequantizeLinear" and len(getattr(kinds.get(node.input[0]), "dims", ())) == 4
    ]
    assert len(weights) >= 3  # first and last may have stayed in float
    assert {kinds[node.input[0]].data_type for node in weights} == {onnx.TensorProto.INT8}
    assert max(kinds[node.input[1]].dims[0] for node in weights) == 16


def spent(found: dict[str, Any]) -> float:
    """Return the share of int8's gates that a trial used up."""
    return float(max(found["flipped"] / 0.005, (1 - found["iou"]) / 0.02))


def test_a_calibration_close_to_the_best_was_taken(every_variant: tuple[ExportReport, Path]) -> None:
    for index in (2, 5):
        settings = every_variant[0].artefacts[index].settings
        tried = settings["tried"]
        assert [item["calibration"] for item in tried[:4]] == ["minmax", "percentile", "entropy", "cubic"]
        least = min(spent(item) for item in tried)
        assert spent(settings) <= 1.2 * least or len(settings["keep_float"]) > 0
        assert settings["rounded_layers"] == 5


def test_a_tampered_tflite_file_is_detected(every_variant: tuple[ExportReport, Path], tmp_path: Path) -> None:
    content = bytearray((every_variant[1] / "squares.tflite").read_bytes())
    kernel = content.rindex(b"min_runtime_version") - 200
    content[kernel] ^= 0x01
    changed = tmp_path / "squares.tflite"
    changed.write_bytes(content)
    with pytest.raises(ModelError, match=r"changed or damaged|truncated"):
        ModelFile.read(changed).verify_content()


def test_named_layers_stay_in_float(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    quantisation = Quantisation("minmax", ("last",))
    report = export(
        unet_file,
        drawn.pairs,
        tmp_path,
        variants=[Variant("onnx", "int8")],
        quantisation=quantisation,
        tiles=8,
    )
    assert report
    settings = report.artefacts[0].settings
    assert (settings["calibration"], settings["keep_float"], len(settings["tried"])) == (
        "minmax",
        ["last"],
        1,
    )
    model = onnx.load(tmp_path / "squares.int8.onnx")
    weight = last_conv(model).input[1]
    assert weight in {item.name for item in model.graph.initializer}


def test_named_layers_of_tflite_stay_in_float_too(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert, the litert extra, is not installed")
    kinds = {}
    for name, kept in (("all", ("last",)), ("few", ("first", "last"))):
        report = export(
            unet_file, drawn.pairs, tmp_path / name, variants=[Variant("tflite", "int8")],
            quantisation=Quantisation("percentile", kept), tiles=8,
        )  # fmt: skip
        assert report
        kinds[name] = int8_kernels(tmp_path / name / "squares.int8.tflite")
    # Five convolutions, of which one or two stay in float.
    assert (kinds["all"], kinds["few"]) == (4, 3)


def int8_kernels(path: Path) -> int:
    from tensorflow.lite.python import schema_py_generated as schema

    graph = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0).subgraphs[0]
    return sum(
        tensor.type == schema.TensorType.INT8
        and len(tensor.shape) == 4
        and len(tensor.quantization.scale) > 1
        for tensor in graph.tensors
    )


def test_without_masks_all_but_truth_is_judged(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    code = run(
        ["export", "--model", str(unet_file), "--images", str(drawn.images), "--out", str(tmp_path), "-q",
         "--tiles", "4", "--precision", "fp16", "--calibration-images", str(drawn.images)]
    )  # fmt: skip
    assert code == 1  # the same pictures cannot prove and calibrate
    report = export(unet_file, [pair.image for pair in drawn.pairs], tmp_path, tiles=4)
    assert report
    (parity,) = report.artefacts[0].parity
    assert (parity.truth_iou, parity.keras_truth_iou) == (None, None)
    assert 0.01 < parity.positives < 0.99
    assert "IoU" in (tmp_path / "report.html").read_text()


def test_calibration_pictures_prove_nothing(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    images = [pair.image for pair in drawn.pairs]
    report = export(
        unet_file, drawn.pairs[:2], tmp_path, calibration_pictures=images[2:], tiles=4, variants=[Variant("onnx", "int8")]
    )  # fmt: skip
    assert report
    assert {name.partition("@")[0] for name in report.tiles} == {"0", "1"}
    assert report.roles == "--images prove, --calibration-images calibrate"


def test_a_layer_to_keep_that_is_not_there_is_refused(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Received: nowhere. Use first, last, or a part of"):
        export(
            unet_file, drawn.pairs, tmp_path / "dist", variants=[Variant("onnx", "int8")],
            quantisation=Quantisation("minmax", ("nowhere",)),
        )  # fmt: skip
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_calibration_tiles_of_one_colour_are_refused(
    unet_file: Path, drawn: Drawn, tmp_path: Path, kind: Any
) -> None:
    with pytest.raises(InputError, match="at least 4 calibration tiles that show something"):
        export(
            unet_file, drawn.pairs, tmp_path / "dist", variants=[Variant(kind, "int8")], tiles=2,
            calibration_pictures=[blank(tmp_path, bands=(3,))],
        )  # fmt: skip
    assert not (tmp_path / "dist").exists()


def test_an_edited_threshold_is_detected_in_every_format(
    every_variant: tuple[ExportReport, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("squares.onnx", "squares.tflite"):
        content = (every_variant[1] / name).read_bytes()
        assert content.count(b'"threshold":0.5,') == 1
        (tmp_path / name).write_bytes(content.replace(b'"threshold":0.5,', b'"threshold":0.6,'))
        assert run(["verify", str(tmp_path / name)]) == 1
        (line,) = capfd.readouterr().err.splitlines()
        assert "edited after its export. Received: thresholds [0.6], certified [0.5]" in line
