"""The metadata keys of Deepness, as far as segrun reads them: text that programs wrote in several ways.

Source: https://github.com/PUTvision/qgis-plugin-deepness (model_type, class_names, standardization_mean, ...).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from segrun.errors import ModelError


def number(text: str | None, default: float) -> float:
    """Read a number that may stand in quotes or brackets; ``default`` where there is none."""
    try:
        return default if text is None else float(text.strip().strip("[]\"'"))
    except ValueError:
        return default


def numbers(text: str | None, count: int, default: float) -> list[float]:
    """Read a list of ``count`` numbers, which must not be guessed: ``default`` for each where the key is absent.

    Raises:
        ModelError: the key is there and holds something else.
    """
    if not text:
        return [default] * count
    try:
        values = [float(part) for part in text.strip().strip("[]").split(",")]
    except ValueError:
        values = []
    if len(values) != count:
        raise ModelError(
            f"{count} numbers are wanted in the model's metadata. Received: {text}. Write the keys again."
        )
    return values


def class_names(metadata: Mapping[str, str], classes: int) -> list[str]:
    """Read the names of the classes, in channel order; plain ones where the file has none."""
    try:
        stated = json.loads(metadata.get("class_names", "{}"))
        names = [str(stated[str(index)]) for index in range(classes)]
    except (ValueError, KeyError, TypeError):
        names = ["class 1"] if classes == 1 else ["background", *(f"class {i}" for i in range(1, classes))]
    return names
