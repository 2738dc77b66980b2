from __future__ import annotations

import pytest

from segrun.face import Face
from segrun.foreign_card import card_of_foreign


def test_a_file_that_says_nothing_gets_a_plain_card() -> None:
    card = card_of_foreign(Face("x", "y", tile=256, bands=3, classes=1), {}, "found")
    assert (card.name, card.tile, card.activation, card.overlap_px) == ("found", 256, "sigmoid", 64)
    assert card.thresholds == (0.5,)
    assert card.gsd_cm is None


def test_other_bands_are_counted_and_overlap_stays_possible() -> None:
    card = card_of_foreign(Face("x", "y", tile=64, bands=5, classes=3), {"tiles_overlap": "90"}, "five")
    assert card.bands == ("band 1", "band 2", "band 3", "band 4", "band 5")
    assert card.activation == "softmax"
    assert (card.overlap_px, card.auto_overlap_px) == (32, 16)


@pytest.mark.parametrize(("resolution", "gsd"), [("12.5", 12.5), ("0", None), ("unknown", None)])
def test_a_ground_distance_is_a_positive_number(resolution: str, gsd: float | None) -> None:
    card = card_of_foreign(Face("x", "y", tile=64, bands=3, classes=1), {"resolution": resolution}, "m")
    assert card.gsd_cm == gsd
