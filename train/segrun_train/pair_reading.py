"""One picture and its mask from their files, refused where they do not fit each other or the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.errors import InputError
from segrun.pairs import Pair
from segrun.pictures import read_mask, read_picture
from segrun_train.sample import ROOF_ABOVE, Level

NAMED_AT_MOST = 4


def read_level(pair: Pair, *, classes: int, bands: int = 3) -> Level:
    """Read a picture and its mask.

    Args:
        pair: their files.
        classes: 1 for binary masks (grey where antialiased), else the number of classes that indices may name.
        bands: bands of the picture.
    Raises:
        InputError: unusable, of different sizes, or with mask values that do not fit the classes.
    """
    picture, mask = read_picture(pair.image, bands=bands), read_mask(pair.mask)
    if mask.shape != picture.pixels.shape[:2]:
        raise InputError(
            f"{pair.mask} and its picture have different sizes. Received: {mask.shape[1]}x{mask.shape[0]} and "
            f"{picture.pixels.shape[1]}x{picture.pixels.shape[0]}. Draw the mask on the picture's own pixels."
        )
    wrong = value_trouble(mask, classes)
    if wrong is not None:
        raise InputError(f"{pair.mask} {wrong}")
    valid = np.full(mask.shape, 255, np.uint8)
    if picture.valid is not None:
        valid[~picture.valid] = 0
    return Level(picture.pixels, mask, valid)


def value_trouble(mask: NDArray[np.uint8], classes: int) -> str | None:
    """Say what keeps the values of a mask from being what they should be, or None.

    A mask of one class is cut above 127, so values that all lie below would count as empty without a word: indices,
    and masks of other classes. 0 and 1 are refused, too, rather than stretched: everything that reads masks, export
    and other programs among it, is to see one and the same mask.

    Args:
        mask: uint8 [h, w].
        classes: 1 for binary masks, else the number of classes.
    """
    top = int(mask.max(initial=0))
    if classes > 1:
        if top < classes:
            return None
        return (
            f"has a value that fits no class. Received: {top}, classes: {classes}. "
            "Write class indices from 0, or name more classes."
        )
    values = np.flatnonzero(np.bincount(mask.ravel(), minlength=256))
    if top == 0 or (top > ROOF_ABOVE and not are_index_and_nodata(values)):
        return None
    cure = "Save it with 0 and 255, or name its classes."
    if top == 1:
        cure = "Multiply it by 255."
    elif top == 255:
        cure = "Write 255 for the class and 0 elsewhere; mark missing ground in the picture's alpha."
    return f"holds {_named(values)}; masks of one class hold 0 and 255. {cure}"


def are_index_and_nodata(values: Sequence[int] | NDArray[Any]) -> bool:
    """Tell 0, 1 and 255, as in a GeoTIFF of indices with nodata 255, from the many values of an antialiased mask."""
    return {1, 255} <= {int(value) for value in values} <= {0, 1, 255}


def _named(values: NDArray[Any]) -> str:
    shown = [str(value) for value in values[:NAMED_AT_MOST]]
    if len(values) > NAMED_AT_MOST:
        return f"{', '.join(shown)} ... {values[-1]}"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
