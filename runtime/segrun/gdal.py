"""How GDAL is used here: a bounded cache, no lines on the terminal, and no warning about rasters that lie nowhere."""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from segrun.c_stderr import hush

CACHE_MIB = 64
# GDAL's messages are raised as errors too; without a handler Python would print them on stderr as a last resort.
logging.getLogger("rasterio").addHandler(logging.NullHandler())
# Python's warning filters are one list for all threads; two threads that change and restore it must not overlap.
_FILTERS = threading.Lock()


def rasterio_is_here() -> bool:
    """Say whether the extra ``geo`` is installed, without importing it."""
    return importlib.util.find_spec("rasterio") is not None


def gdal_errors() -> tuple[type[Exception], ...]:
    """Return what rasterio raises: most of GDAL's errors come wrapped, some come bare."""
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    return RasterioError, CPLE_BaseError


@contextmanager
def gdal_env() -> Iterator[None]:
    """Bound GDAL's block cache, which would take 5 % of the machine's memory, and keep libtiff off the terminal.

    GDAL reads the bound once, at its first block: every call that touches blocks goes through here. A user's own
    GDAL_CACHEMAX stands.
    """
    import rasterio

    options = {} if "GDAL_CACHEMAX" in os.environ else {"GDAL_CACHEMAX": CACHE_MIB}
    with hush(), rasterio.Env(**options):
        yield


@contextmanager
def place_not_needed() -> Iterator[None]:
    """Open or create a raster without a warning when it lies nowhere: it gets a mask that lies nowhere."""
    from rasterio.errors import NotGeoreferencedWarning

    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield
