"""Tell an input from a later version of it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from segrun.errors import InputError

# Statistics and smaller copies, which viewers write; no mask depends on them.
LEFT_BY_VIEWERS = (".aux.xml", ".ovr")


def fingerprint(path: Path) -> str:
    """Return what changes when an input does, without reading pixels: its size and modification time.

    A VRT holds no pixels of its own: the files that it shows count too, those of a VRT inside it among them.

    Raises:
        InputError: the file is gone or not to be looked at.
    """
    try:
        own = _version(path)
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error.strerror}). Check the path and its permissions."
        ) from error
    if path.suffix.lower() != ".vrt":
        return own
    import hashlib

    shown = hashlib.sha256()
    for file in sorted(_shown_by(path, {path})):
        # What lies in an archive or on a server has no time that is cheap to ask for.
        with contextlib.suppress(OSError):
            shown.update(f"{_version(file)} ".encode())
    return f"{own}-{shown.hexdigest()[:16]}"


def _version(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def _shown_by(vrt: Path, known: set[Path]) -> set[Path]:
    import rasterio

    from segrun.gdal import gdal_env, gdal_errors, place_not_needed

    try:
        with gdal_env(), place_not_needed(), rasterio.open(vrt) as dataset:
            # GDAL leaves out what is gone, so that this changes a fingerprint too.
            found = {Path(name) for name in dataset.files if not name.endswith(LEFT_BY_VIEWERS)} - known
    except gdal_errors():
        return set()  # whoever opens it says what is wrong with it
    known |= found
    for file in found:
        if file.suffix.lower() == ".vrt":
            found = found | _shown_by(file, known)
    return found
