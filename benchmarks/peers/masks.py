"""Do the contestants' masks say the same? Nobody shall be fast by being wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.agreement import iou

NODATA = 255
Mask = npt.NDArray[np.uint8]


def read_mask(path: Path, *, nodata_is: int) -> Mask:
    """Return class indices, uint8 [h, w], of a mask's first band.

    Args:
        path: a GeoTIFF.
        nodata_is: what 255 becomes: 1 in a truth, which marks its class so; 0 in a contestant's mask, where it is no data.
    """
    import rasterio

    with rasterio.open(path) as raster:
        mask = np.asarray(raster.read(1), np.uint8)
    return np.where(mask == NODATA, nodata_is, mask).astype(np.uint8)


def likeness(mask: Mask, other: Mask) -> float:
    """Return the IoU of the positive classes; two masks without any are the same, which is 1."""
    return iou(mask, other) if mask.any() or other.any() else 1.0


def agreement(masks: Mapping[str, Path], reference: str, truth: Path | None) -> dict[str, dict[str, float]]:
    """Compare every mask with a reference and with the truth.

    Args:
        masks: by contestant.
        reference: one of them.
        truth: a mask on the same grid; None where there is none.
    Returns:
        By contestant: ``reference`` and, with a truth, ``truth`` IoU; ``positive``, the share of pixels that are not 0.
    """
    known = read_mask(masks[reference], nodata_is=0)
    real = None if truth is None else read_mask(truth, nodata_is=1)
    found = {}
    for name, path in masks.items():
        mask = read_mask(path, nodata_is=0)
        found[name] = {"reference": likeness(mask, known), "positive": float((mask > 0).mean())}
        if real is not None:
            found[name]["truth"] = likeness(mask, real)
    return found
