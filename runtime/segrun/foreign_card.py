"""The card of a model that brings none."""

from __future__ import annotations

from collections.abc import Mapping

from segrun.card import RGB, ModelCard, ModelClass
from segrun.deepness_keys import class_names, number
from segrun.face import Face

# Of a model whose reach nobody measured: as much as any model takes by itself.
UNKNOWN_PERCENT = 25.0


def card_of_foreign(face: Face, metadata: Mapping[str, str], name: str) -> ModelCard:
    """Write the card that a foreign model lacks, from its face and, where present, Deepness's metadata keys.

    Source: https://github.com/PUTvision/qgis-plugin-deepness (class_names, seg_thresh, tiles_overlap, resolution).
    """
    names = class_names(metadata, face.classes)
    threshold = number(metadata.get("seg_thresh"), 0.5)
    source = "seg_thresh of the model file" if "seg_thresh" in metadata else "default"
    overlap_percent = number(metadata.get("tiles_overlap"), UNKNOWN_PERCENT)
    resolution = metadata.get("resolution")
    return ModelCard(
        name=name,
        tile=face.tile,
        classes=tuple(
            ModelClass(label, 0.0 if face.classes > 1 and index == 0 else threshold, source)
            for index, label in enumerate(names)
        ),
        activation="sigmoid" if face.classes == 1 else "softmax",
        bands=RGB if face.bands == 3 else tuple(f"band {i + 1}" for i in range(face.bands)),
        gsd_cm=None if resolution is None else number(resolution, 0.0) or None,
        overlap_px=min(round(face.tile * overlap_percent / 100), face.tile // 2),
    )
