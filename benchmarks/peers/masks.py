"""Do the contestants' masks say the same? Nobody shall be fast by being wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.agreement import iou

NODATA = 255


def read_mask(path: Path) -> npt.NDArray[np.uint8]:
    """Return class indices, uint8 [h, w], of a mask's first band; a truth of 0 and 255 becomes 0 and 1.

    Args:
        path: a GeoTIFF.
    """
    import rasterio

    with rasterio.open(path) as raster:
        mask = np.asarray(raster.read(1), np.uint8)
    return np.where(mask == NODATA, 1, mask).astype(np.uint8) if set(np.unique(mask)) <= {0, NODATA} else mask


def agreement(masks: Mapping[str, Path], reference: str, truth: Path | None) -> dict[str, dict[str, float]]:
    """Compare every mask with a reference and with the truth.

    Args:
        masks: by contestant.
        reference: one of them.
        truth: a mask on the same grid; None where there is none.
    Returns:
        By contestant: ``reference`` and, with a truth, ``truth`` IoU; ``positive``, the share of pixels that are not 0.
    """
    known = read_mask(masks[reference])
    real = None if truth is None else read_mask(truth)
    found = {}
    for name, path in masks.items():
        mask = read_mask(path)
        found[name] = {"reference": iou(mask, known), "positive": float((mask > 0).mean())}
        if real is not None:
            found[name]["truth"] = iou(mask, real)
    return found
