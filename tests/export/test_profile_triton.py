from __future__ import annotations

from pathlib import Path

from segrun.card import ModelCard, ModelClass
from segrun.model_file import ModelFile
from segrun_export import export
from segrun_export.profile_triton import triton_config, write_triton
from tests.export.conftest import Drawn


def test_the_repository_holds_the_proven_file(unet_file: Path, drawn: Drawn, tmp_path: Path) -> None:
    assert export(unet_file, drawn.pairs, tmp_path, triton=True, tiles=4)
    served = tmp_path / "triton" / "squares"
    assert (served / "1" / "model.onnx").read_bytes() == (tmp_path / "squares.onnx").read_bytes()
    assert sorted(path.name for path in (tmp_path / "triton").iterdir()) == ["squares"]
    ModelFile.read(served / "1" / "model.onnx").verify_content()


def test_the_config_says_names_types_and_sizes_without_the_batch() -> None:
    text = triton_config(ModelCard("roofs", 256, (ModelClass("roof"),)))
    for part in (
        'name: "roofs"',
        'platform: "onnxruntime_onnx"',
        'name: "image" data_type: TYPE_UINT8 dims: [ 256, 256, 3 ]',
        'name: "score" data_type: TYPE_FP32 dims: [ 256, 256, 1 ]',
    ):
        assert part in text
    assert text.count("{") == text.count("}")
    assert text.count("[") == text.count("]")


def test_an_earlier_model_is_replaced_whole(tmp_path: Path) -> None:
    card = ModelCard("m", 64, (ModelClass("a"),))
    for content in (b"old", b"new"):
        (tmp_path / "m.onnx").write_bytes(content)
        write_triton(tmp_path / "m.onnx", card, tmp_path / "repository")
    assert (tmp_path / "repository" / "m" / "1" / "model.onnx").read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "repository").iterdir()] == ["m"]
