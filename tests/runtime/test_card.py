from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from segrun.card import ModelCard, ModelClass
from segrun.errors import ModelError

CARD = ModelCard(
    name="roofs", tile=256, classes=(ModelClass("roof", 0.41, "best F1 on 20 tiles"),), gsd_cm=15.0,
    gsd_range_cm=(8.0, 30.0), notices=("(c) somebody",), training_data=({"name": "x", "pairs": 3},),
    parity={"engine": "cpu", "flips": 0.0},
)  # fmt: skip


def test_a_card_comes_back_from_its_json() -> None:
    assert ModelCard.from_json(CARD.to_json(), where="m") == CARD
    assert ModelCard.from_json(CARD.to_json(), where="m").to_json() == CARD.to_json()


def test_unknown_fields_of_a_later_minor_version_are_passed_over() -> None:
    fields = {**json.loads(CARD.to_json()), "contract": "1.7", "novelty": 1}
    assert ModelCard.from_json(json.dumps(fields), where="m").name == "roofs"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contract": "2.0"}, "another model contract"),
        ({"classes": [{"name": "roof", "threshold": 1.5}]}, "damaged card"),
        ({"tile": 0}, "damaged card"),
        ({"activation": "relu"}, "damaged card"),
        ({"classes": "roof"}, "damaged card"),
    ],
)
def test_cards_that_cannot_be_used_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ModelCard.from_json(json.dumps({**json.loads(CARD.to_json()), **change}), where="unet.onnx")


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"contract": "1.0"}'])
def test_text_that_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"unet\.onnx"):
        ModelCard.from_json(text, where="unet.onnx")


@pytest.mark.parametrize(
    "changes", [{"overlap_px": 200}, {"classes": ()}, {"activation": "softmax"}, {"overlap_px": -1}]
)
def test_fields_that_contradict_each_other_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Received"):
        dataclasses.replace(CARD, **changes)


@pytest.mark.parametrize(("stated", "taken"), [(0, 0), (40, 40), (64, 64), (100, 64)])
def test_the_automatic_overlap_is_the_cards_and_a_quarter_tile_at_most(stated: int, taken: int) -> None:
    card = ModelCard("m", 256, (ModelClass("roof"),), overlap_px=stated)
    assert card.auto_overlap_px == taken
