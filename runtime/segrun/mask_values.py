"""Which values a mask may hold, so that all who read masks see one and the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A mask of one class is cut here: antialiased masks hold every value, and not each of them reaches 255.
CLASS_ABOVE = 127
NAMED_AT_MOST = 4


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
    if top == 0 or (top > CLASS_ABOVE and not are_index_and_nodata(values)):
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
