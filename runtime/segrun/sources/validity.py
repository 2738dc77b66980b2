"""Which pixels hold data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def differs_from(pixels: npt.NDArray[np.uint8], nodata: Sequence[int | None]) -> npt.NDArray[np.bool_]:
    """Say where at least one band holds another value than its nodata value.

    Args:
        pixels: uint8 [h, w, bands].
        nodata: one value for each band; None where a band has none.
    Returns:
        bool [h, w].
    """
    valid = np.zeros(pixels.shape[:2], np.bool_)
    for band, value in enumerate(nodata):
        valid |= True if value is None else pixels[..., band] != value
    return valid


def both(
    first: npt.NDArray[np.bool_] | None, second: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.bool_] | None:
    """Join two statements of validity, None meaning all valid."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def none_if_all(valid: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_] | None:
    """Return None in place of a mask that leaves nothing out."""
    return None if valid is None or valid.all() else valid
