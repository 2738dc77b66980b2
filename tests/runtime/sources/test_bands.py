from __future__ import annotations

import pytest

from segrun.formats import UnusableError
from segrun.sources.bands import choose_bands


@pytest.mark.parametrize(
    ("meanings", "wanted", "chosen"),
    [
        (["red", "green", "blue"], 3, (1, 2, 3)),
        (["blue", "green", "red"], 3, (3, 2, 1)),
        (["red", "green", "blue", "alpha"], 3, (1, 2, 3)),
        (["red", "green", "blue", "nir"], 3, (1, 2, 3)),
        (["nir", "red", "green", "blue", "alpha"], 3, (2, 3, 4)),
        (["gray", "undefined", "undefined"], 3, (1, 2, 3)),
        (["gray", "undefined", "undefined", "alpha"], 3, (1, 2, 3)),
        (["gray"], 1, (1,)),
        (["alpha", "gray"], 1, (2,)),
        (["red", "green", "blue", "nir"], 4, (1, 2, 3, 4)),
    ],
)
def test_bands_are_chosen_by_meaning_then_by_number(
    meanings: list[str], wanted: int, chosen: tuple[int, ...]
) -> None:
    assert choose_bands(meanings, wanted) == chosen


@pytest.mark.parametrize(
    ("meanings", "wanted", "cure"),
    [
        (["gray"], 3, "Use a raster of 3 bands"),
        (["palette"], 3, "gdal_translate -expand rgb"),
        (["palette"], 1, "gdal_translate -expand rgb"),
        (["gray", "undefined", "undefined", "undefined"], 3, "-colorinterp red,green,blue"),
        (["red", "red", "green", "blue"], 3, "-colorinterp red,green,blue"),
        (["red", "green", "blue", "alpha"], 4, "Use a raster of 4 bands"),
        (["red", "green", "blue"], 1, "Use a raster of 1 band,"),
        (["cyan", "magenta", "yellow", "black"], 4, "Use a raster"),
    ],
)
def test_what_is_not_plain_is_refused_with_a_cure(meanings: list[str], wanted: int, cure: str) -> None:
    with pytest.raises(UnusableError, match=rf"has {len(meanings)} band.*the model wants {wanted}") as caught:
        choose_bands(meanings, wanted)
    assert cure in str(caught.value)
