from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from segrun.card import CARD_KEY, GOLDEN_KEY, ModelCard, ModelClass, card_sha256
from segrun.errors import ModelError
from segrun.golden import GoldenTiles
from segrun.model_file import ModelFile, content_sha256, with_metadata


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A contract-shaped ONNX model of one Cast, one Mul and one Sigmoid over the channel mean."""
    helper = onnx.helper
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["image"], ["float"], to=onnx.TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["float"], ["grey"], axes=[3]),
            helper.make_node("Mul", ["grey", "scale"], ["small"]),
            helper.make_node("Sigmoid", ["small"], ["score"]),
        ],
        "grey",
        [helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, ["n", 64, 64, 3])],
        [helper.make_tensor_value_info("score", onnx.TensorProto.FLOAT, ["n", 64, 64, 1])],
        [onnx.numpy_helper.from_array(np.full(1, 1 / 255, np.float32), "scale")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def complete(plain: bytes) -> bytes:
    card = ModelCard(
        name="grey", tile=64, classes=(ModelClass("roof"),), content_sha256=content_sha256(plain)
    )
    golden = GoldenTiles.of(np.zeros((2, 64, 64, 3), np.uint8), np.full((2, 64, 64, 1), 0.5, np.float32))
    return with_metadata(plain, {CARD_KEY: card.to_json(), GOLDEN_KEY: golden.encode()})


def stored(folder: Path, content: bytes, name: str = "m.onnx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_metadata_do_not_change_the_content_hash(plain: bytes, tmp_path: Path) -> None:
    once = ModelFile.read(stored(tmp_path, complete(plain)))
    assert once.format == "onnx"
    assert once.content_sha256 == content_sha256(plain) == hashlib.sha256(plain).hexdigest()
    once.verify_content()


def test_card_and_golden_tiles_come_back(plain: bytes, tmp_path: Path) -> None:
    file = ModelFile.read(stored(tmp_path, complete(plain)))
    card, golden = file.card(), file.golden()
    assert card is not None
    assert golden is not None
    assert (card.name, card.tile, golden.side) == ("grey", 64, 64)


def test_other_entries_are_kept_and_own_ones_replaced(plain: bytes) -> None:
    content = with_metadata(with_metadata(plain, {"a": "1", "b": "2"}), {"b": "ü" * 300})
    model = onnx.load_from_string(content)
    assert {entry.key: entry.value for entry in model.metadata_props} == {"a": "1", "b": "ü" * 300}
    onnx.checker.check_model(model, full_check=True)


def test_onnxruntime_reads_the_same_metadata(plain: bytes, tmp_path: Path) -> None:
    path = stored(tmp_path, complete(plain))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map == ModelFile.read(path).metadata


def test_a_foreign_file_has_no_card_and_passes(plain: bytes, tmp_path: Path) -> None:
    file = ModelFile.read(stored(tmp_path, plain))
    assert file.card() is None
    assert file.golden() is None
    file.verify_content()


def test_every_changed_byte_outside_the_metadata_is_detected(plain: bytes, tmp_path: Path) -> None:
    content = complete(plain)
    end_of_graph = content.index(b"segrun")
    missed = []
    for offset in range(0, end_of_graph - 16, 3):
        changed = bytearray(content)
        changed[offset] ^= 0x01
        try:
            ModelFile.read(stored(tmp_path, bytes(changed))).verify_content()
        except ModelError:
            continue
        missed.append(offset)
    assert missed == []


def test_a_file_cut_anywhere_is_detected_or_lost_its_card(plain: bytes, tmp_path: Path) -> None:
    content = complete(plain)
    for length in range(1, len(content), 7):
        path = stored(tmp_path, content[:length])
        try:
            file = ModelFile.read(path)
            file.verify_content()
        except ModelError:
            continue
        # Cut exactly between two fields: what is left is a whole file that lacks its last entries.
        assert file.golden() is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.onnx", b"", "is empty"),
        ("b.onnx", b"<html>not found</html>", "not an ONNX file"),
        ("c.keras", b"PK\x03\x04rest", "Run segrun export on it first"),
        ("d.onnx", bytes(1000), "not an ONNX file"),
        ("e.onnx", b"\x08\x08", "no version or no graph"),
    ],
)
def test_wrong_files_are_one_line_with_the_name(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        ModelFile.read(stored(tmp_path, content, name))
    assert name in str(caught.value)


def test_a_missing_file_and_a_folder_are_model_errors(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        ModelFile.read(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="directory"):
        ModelFile.read(tmp_path)


def test_a_key_that_stands_twice_is_refused(plain: bytes, tmp_path: Path) -> None:
    twice = with_metadata(plain, {"k": "1"})
    tail = twice[len(plain) :]
    with pytest.raises(ModelError, match="'k' twice"):
        ModelFile.read(stored(tmp_path, twice + tail))


def test_a_card_without_a_content_hash_does_not_pass(plain: bytes, tmp_path: Path) -> None:
    card = ModelCard(name="grey", tile=64, classes=(ModelClass("roof"),))
    file = ModelFile.read(stored(tmp_path, with_metadata(plain, {CARD_KEY: card.to_json()})))
    with pytest.raises(ModelError, match="card says none"):
        file.verify_content()


@pytest.mark.parametrize(
    "change", [{"classes": (ModelClass("roof", 0.7),)}, {"gsd_cm": 5.0}, {"overlap_px": 0}]
)
def test_a_card_edited_after_its_certificate_is_detected(
    plain: bytes, tmp_path: Path, change: dict[str, Any]
) -> None:
    card = ModelCard(
        name="grey", tile=64, classes=(ModelClass("roof", 0.29),), content_sha256=content_sha256(plain)
    )
    certified = dataclasses.replace(
        card, parity={"thresholds": [0.29], "card_sha256": card_sha256(card.to_json())}
    )
    good = ModelFile.read(stored(tmp_path, with_metadata(plain, {CARD_KEY: certified.to_json()})))
    good.verify_content()
    edited = dataclasses.replace(certified, **change)
    file = ModelFile.read(stored(tmp_path, with_metadata(plain, {CARD_KEY: edited.to_json()})))
    with pytest.raises(ModelError, match=r"edited after its export.*certified \[0.29\].*predict --threshold"):
        file.verify_content()


def test_a_card_with_fields_of_a_later_contract_keeps_its_hash(plain: bytes, tmp_path: Path) -> None:
    card = ModelCard(
        name="grey", tile=64, classes=(ModelClass("roof"),), content_sha256=content_sha256(plain)
    )
    fields = {**json.loads(card.to_json()), "later": 1.25}
    fields["parity"] = {"card_sha256": card_sha256(json.dumps(fields))}
    file = ModelFile.read(stored(tmp_path, with_metadata(plain, {CARD_KEY: json.dumps(fields, indent=1)})))
    file.verify_content()
