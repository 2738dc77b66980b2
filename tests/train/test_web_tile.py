from __future__ import annotations

import pytest

from segrun_train.web_tile import WebTile


def test_a_name_tells_the_tile() -> None:
    assert WebTile.of("OAM-309612-261632-19") == WebTile(309612, 261632, 19)
    assert WebTile.of("satImage_012") is None


@pytest.mark.parametrize(
    ("stem", "width", "wanted"), [("OAM-386695-220241-19", 512, 13.2), ("OAM-1238454-1046529-21", 256, 7.46)]
)
def test_the_ground_distance_is_that_of_the_latitude(stem: str, width: int, wanted: float) -> None:
    tile = WebTile.of(stem)
    assert tile is not None
    assert tile.gsd_cm(width) == pytest.approx(wanted, abs=0.03)


def test_a_parent_holds_its_children() -> None:
    assert WebTile(619225, 523265, 20).parent(19) == WebTile(309612, 261632, 19)
    assert WebTile(3, 5, 4).parent(9) == WebTile(3, 5, 4)
