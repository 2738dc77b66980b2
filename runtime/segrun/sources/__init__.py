"""Inputs: what there is to do, and how each input is read."""

from __future__ import annotations

from segrun.sources.frame import Frame
from segrun.sources.plan import Planned, plan

__all__ = ["Frame", "Planned", "open_frame", "plan"]


def open_frame(planned: Planned, *, bands: int = 3, input_nodata: int | None = None) -> Frame:
    """Open one planned input.

    Args:
        planned: from ``plan``.
        bands: colour bands that the model wants, alpha not counted.
        input_nodata: pixels that have this value in every band are not valid; it takes the place of the nodata
            value that a raster states, while alpha and mask bands count as before.
    Raises:
        InputError: the input cannot be used as the model needs it.
        MissingExtraError: rasterio is needed and not installed.
    """
    if planned.kind == "raster":
        from segrun.sources.raster import open_raster

        return open_raster(planned, bands=bands, input_nodata=input_nodata)
    from segrun.sources.picture import PictureFrame

    return PictureFrame.open(planned, bands=bands, input_nodata=input_nodata)
