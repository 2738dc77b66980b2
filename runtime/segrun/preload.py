"""Load what a run will need while its engine is being opened, and before its memory is measured."""

from __future__ import annotations

from collections.abc import Sequence

from segrun.ahead import Ahead
from segrun.gdal import gdal_env, rasterio_is_here
from segrun.model_file import ModelFile
from segrun.predict_options import PredictOptions
from segrun.predict_session import open_side_by_side
from segrun.sessions import Session
from segrun.sources import Planned


def open_while_loading(
    planned: Sequence[Planned], file: ModelFile, options: PredictOptions
) -> tuple[Session, int]:
    """Open a model for these inputs, as ``open_side_by_side`` does, and load meanwhile what reads and writes them.

    onnxruntime lets go of Python's lock while it prepares a network, and OpenCV takes as long to load.

    Raises:
        SegrunError: as ``open_side_by_side``.
        ImportError: a library of the system is missing.
    """
    with Ahead(lambda: _load(planned, options)) as loading:
        session, callers = open_side_by_side(planned, file, options)
    try:
        loading.result()
    except BaseException:
        session.close()
        raise
    return session, callers


def _load(planned: Sequence[Planned], options: PredictOptions) -> None:
    """Import what is asked for again where it is used; where an extra is missing, that is said there."""
    import segrun.predict_run

    kinds = {item.kind for item in planned}
    if "picture" in kinds:
        import segrun.sinks.png
        import segrun.sources.picture
    if "raster" in kinds:
        import segrun.sinks.geotiff
        import segrun.sources.raster
        import segrun.strips
    if options.overlay:
        import segrun.overlay
    if options.scores:
        import segrun.score_raster  # noqa: F401
    if rasterio_is_here() and (options.scores or "raster" in kinds):
        with gdal_env():
            pass  # registers GDAL's drivers, which takes most of its memory
