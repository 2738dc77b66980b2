"""Which bands of a raster a model gets."""

from __future__ import annotations

from collections.abc import Sequence

from segrun.formats import UnusableError

RGB = ("red", "green", "blue")
NO_PLAIN_COLOUR = frozenset([
    "palette", "hue", "saturation", "lightness", "cyan", "magenta", "yellow", "black", "Y", "Cb", "Cr"
])  # fmt: skip


def choose_bands(meanings: Sequence[str], wanted: int) -> tuple[int, ...]:
    """Choose bands by their colour interpretation, else by their number.

    Args:
        meanings: GDAL's colour interpretation of each band: ``red``, ``gray``, ``undefined``, ``alpha`` ...
        wanted: bands that the model takes.
    Returns:
        Band indexes from 1, in the order that the model wants.
    Raises:
        UnusableError: it is not plain which bands are meant.
    """
    colours = [index for index, meaning in enumerate(meanings, 1) if meaning != "alpha"]
    if wanted == len(RGB) and all(meanings.count(name) == 1 for name in RGB):
        return tuple(meanings.index(name) + 1 for name in RGB)
    if len(colours) == wanted and NO_PLAIN_COLOUR.isdisjoint(meanings):
        return tuple(colours)
    if "palette" in meanings:
        cure = "Expand its palette: gdal_translate -expand rgb IN OUT."
    elif len(colours) > wanted == len(RGB):
        cure = "Say which are meant: gdal_translate -b R -b G -b B -colorinterp red,green,blue IN OUT."
    else:
        cure = f"Use a raster of {wanted} band{'s' * (wanted > 1)}, or a model for these."
    raise UnusableError(
        f"has {len(meanings)} band{'s' * (len(meanings) > 1)} ({', '.join(meanings)}), the model wants {wanted}",
        cure,
    )
