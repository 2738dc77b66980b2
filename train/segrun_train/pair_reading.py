"""One picture and its mask from their files, refused where they do not fit each other or the classes."""

from __future__ import annotations

import numpy as np

from segrun.errors import InputError
from segrun.mask_values import value_trouble
from segrun.pairs import Pair
from segrun.pictures import read_mask, read_picture
from segrun_train.sample import Level, binary


def read_level(pair: Pair, *, classes: int, bands: int = 3, binary_too: bool = False) -> Level:
    """Read a picture and its mask.

    Args:
        pair: their files.
        classes: 1 for binary masks (grey where antialiased), else the number of classes that indices may name.
        bands: bands of the picture.
        binary_too: of two classes a mask may be binary, too: one with a value above 1 is cut to indices.
    Raises:
        InputError: unusable, of different sizes, or with mask values that do not fit the classes.
    """
    picture, mask = read_picture(pair.image, bands=bands), read_mask(pair.mask)
    if mask.shape != picture.pixels.shape[:2]:
        raise InputError(
            f"{pair.mask} and its picture have different sizes. Received: {mask.shape[1]}x{mask.shape[0]} and "
            f"{picture.pixels.shape[1]}x{picture.pixels.shape[0]}. Draw the mask on the picture's own pixels."
        )
    is_binary = binary_too and classes == 2 and int(mask.max(initial=0)) > 1
    wrong = value_trouble(mask, 1 if is_binary else classes)
    if wrong is not None:
        raise InputError(f"{pair.mask} {wrong}")
    if is_binary:
        mask = binary(mask)
    valid = np.full(mask.shape, 255, np.uint8)
    if picture.valid is not None:
        valid[~picture.valid] = 0
    return Level(picture.pixels, mask, valid)
