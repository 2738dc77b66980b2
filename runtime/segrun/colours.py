"""One colour for each class, the same in palettes, colour tables and overlays."""

from __future__ import annotations

import colorsys
import functools

import numpy as np
import numpy.typing as npt

# Source: Okabe and Ito, Color Universal Design (2008): eight colours that colour-blind people can tell apart, black
# being the background here.
OKABE_ITO = (
    (213, 94, 0),
    (86, 180, 233),
    (240, 228, 66),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (0, 114, 178),
)
GOLDEN_RATIO = 0.618034
MOST_CLASSES = 254


@functools.lru_cache(maxsize=4)
def class_colours(foreground: int) -> npt.NDArray[np.uint8]:
    """Return the colours of the background and of all classes.

    Args:
        foreground: classes beside the background, 1 to 254: index 255 means no data.
    Returns:
        uint8 [foreground + 1, 3], RGB, read-only; row 0 is the background, black.
    Raises:
        ValueError: more classes than a uint8 mask can hold, or none.
    """
    if not 1 <= foreground <= MOST_CLASSES:
        raise ValueError(f"a mask holds 1 to {MOST_CLASSES} classes. Received: foreground={foreground}.")
    more = [_spread(index) for index in range(foreground - len(OKABE_ITO))]
    colours = np.array([(0, 0, 0), *OKABE_ITO[:foreground], *more], np.uint8)
    colours.flags.writeable = False
    return colours


def _spread(index: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(index * GOLDEN_RATIO % 1.0, 0.55 + 0.4 * (index % 2), 0.95)
    return round(red * 255), round(green * 255), round(blue * 255)
