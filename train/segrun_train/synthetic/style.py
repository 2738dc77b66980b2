"""Settlement styles: what is built where, and under which roofs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segrun_train.synthetic.world import Building, Colour, RoofMaterial, RoofShape

__all__ = ["STYLES", "Building", "Style", "pick_style", "roof_material"]


@dataclass(frozen=True)
class Style:
    """A kind of settlement.

    Args:
        name: what the user calls it.
        weight: how often it is drawn when none is named; 0 for never.
        block_m: shorter and longer side of a block between streets, metres.
        road_m: narrowest and widest carriageway, metres.
        walk_m: pavement width, metres; 0 for none.
        unpaved: probability that minor streets are dirt.
        bend: how much streets bend, 0 to 1.
        uses: land use and its weight.
        trees_per_are: trees on 100 square metres of open lot.
        pitched: roof covering and weight for roofs with a slope.
        flat: roof covering and weight for flat roofs.
        shapes: roof shape and weight.
        grid: streets lie at equal distances; else blocks are cut where it suits.
        motorway: a motorway crosses the scene.
    """

    name: str
    weight: float
    block_m: tuple[float, float]
    road_m: tuple[float, float]
    walk_m: float
    unpaved: float
    bend: float
    uses: dict[str, float]
    trees_per_are: float
    pitched: dict[str, float]
    flat: dict[str, float]
    shapes: dict[RoofShape, float]
    grid: bool = False
    motorway: bool = False


_US_PITCHED = {
    "shingle": 6.0,
    "concrete tile": 2.5,
    "slate": 2.5,
    "brown tile": 1.5,
    "felt": 1.0,
    "grey sheet": 0.5,
}
_US_FLAT = {"membrane": 3.0, "bitumen": 2.0, "felt": 2.0, "gravel": 1.5, "concrete": 1.5, "white sheet": 0.6}
_US_SHAPES: dict[RoofShape, float] = {"gable": 6, "hip": 2, "flat": 3.5, "half-hip": 0.3}
_TILES = {"red tile": 3.0, "orange tile": 2.0, "brown tile": 2.0, "slate": 2.5, "concrete tile": 2.0}

STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Style(
            "suburb", 0.30, (46, 100), (5, 7.5), 1.6, 0.1, 1.0,
            {"lots": 10, "park": 0.7, "wood": 0.5, "car park": 0.2, "halls": 0.2},
            0.8, {**_TILES, "shingle": 3.0, "sheet": 0.4}, {"gravel": 2, "bitumen": 2, "membrane": 1},
            {"gable": 5, "hip": 4, "half-hip": 1, "flat": 1.2, "shed": 0.3},
        ),
        Style(
            "town", 0.22, (42, 85), (5, 10), 2.2, 0.05, 0.6,
            {"perimeter": 5, "packed": 4.5, "park": 0.5, "car park": 0.6, "lots": 0.8},
            0.3, {**_TILES, "sheet": 1.2, "blue sheet": 0.6}, {"gravel": 1.5, "bitumen": 1.5, "membrane": 1, "concrete": 4},
            {"gable": 4, "hip": 2, "flat": 5, "shed": 1},
        ),
        Style(
            "village", 0.14, (70, 150), (3.5, 5.5), 0.0, 0.5, 1.0,
            {"farms": 8, "field": 2, "lots": 2, "wood": 0.8},
            0.45, {**_TILES, "rusty sheet": 0.8, "sheet": 0.6}, {"gravel": 1, "bitumen": 1},
            {"gable": 7, "hip": 2, "half-hip": 1.5, "shed": 0.6},
        ),
        Style(
            "industrial", 0.22, (95, 190), (7, 11), 1.5, 0.05, 0.2,
            {"halls": 9, "car park": 0.9, "offices": 0.8, "field": 0.3},
            0.15, {"sheet": 4, "grey sheet": 4, "blue sheet": 0.5, "white sheet": 2},
            {"gravel": 3, "bitumen": 3, "membrane": 2, "concrete": 2, "felt": 3, "panels": 2, "sedum": 0.4},
            {"flat": 6, "gable": 4},
        ),
        Style(
            "informal", 0.14, (30, 65), (3.0, 6.0), 0.0, 0.85, 1.0,
            {"shacks": 8, "compounds": 4, "park": 0.6, "field": 0.3},
            0.5, {"rusty sheet": 4, "sheet": 3, "red sheet": 2.5, "white sheet": 0.7, "blue sheet": 0.6, "orange tile": 0.8},
            {"concrete": 3, "sheet": 1}, {"gable": 5, "hip": 1.6, "shed": 3, "flat": 0.6},
        ),
        Style(
            "offices", 0.13, (65, 130), (6, 11), 2.2, 0.02, 0.3,
            {"offices": 9, "car park": 0.8, "park": 0.6, "halls": 0.7},
            0.35, {"sheet": 3, "grey sheet": 3, "slate": 1},
            {"gravel": 4, "bitumen": 2, "membrane": 2, "concrete": 3, "felt": 2, "panels": 2, "sedum": 1},
            {"flat": 9, "gable": 1},
        ),
        Style(
            "grid", 0.0, (84, 170), (8.5, 18), 4.6, 0.04, 0.12,
            {"alleys": 10, "parking": 1.2, "halls": 1.2, "park": 0.6, "offices": 0.5, "perimeter": 0.3},
            0.35, _US_PITCHED, _US_FLAT, _US_SHAPES, grid=True,
        ),
        Style(
            "motorway", 0.0, (84, 170), (8.5, 17), 4.2, 0.04, 0.12,
            {"alleys": 6, "halls": 3.5, "parking": 2.0, "park": 0.8, "wood": 0.5, "offices": 0.8, "lots": 1.0, "field": 0.4},
            0.4, _US_PITCHED, _US_FLAT, _US_SHAPES, grid=True, motorway=True,
        ),
    )
}  # fmt: skip

_COVERINGS: dict[str, RoofMaterial] = {
    "red tile": RoofMaterial((164, 78, 58), (112, 62, 52), 0.35, 0.06, 8, course_m=0.34),
    "orange tile": RoofMaterial((192, 116, 78), (140, 90, 68), 0.35, 0.06, 9, course_m=0.34),
    "brown tile": RoofMaterial((118, 92, 78), (88, 76, 66), 0.4, 0.06, 7, course_m=0.34),
    "slate": RoofMaterial((84, 85, 92), (104, 104, 100), 0.3, 0.05, 6, course_m=0.3),
    "concrete tile": RoofMaterial((132, 126, 118), (104, 100, 94), 0.4, 0.06, 7, course_m=0.34),
    "shingle": RoofMaterial((126, 116, 106), (98, 94, 90), 0.35, 0.05, 8, course_m=0.2),
    "sheet": RoofMaterial((172, 174, 176), (146, 138, 128), 0.4, 0.06, 4, seam_m=0.9, seam=0.07, ridge=1.05),
    "rusty sheet": RoofMaterial(
        (168, 146, 128), (136, 82, 56), 0.95, 0.08, 6, seam_m=0.85, seam=0.16, ridge=0.95
    ),
    "blue sheet": RoofMaterial(
        (54, 112, 178), (70, 110, 150), 0.3, 0.05, 4, seam_m=1.0, seam=0.05, ridge=1.1
    ),
    "red sheet": RoofMaterial((174, 72, 72), (150, 84, 76), 0.4, 0.06, 4, seam_m=1.0, seam=0.05, ridge=1.08),
    "white sheet": RoofMaterial(
        (226, 226, 222), (196, 192, 184), 0.4, 0.03, 3, seam_m=1.2, seam=0.03, ridge=0.95
    ),
    "gravel": RoofMaterial((160, 154, 144), (132, 128, 118), 0.5, 0.05, 8, rim=1.14),
    "bitumen": RoofMaterial((104, 104, 104), (126, 124, 120), 0.5, 0.06, 5, rim=1.25),
    "membrane": RoofMaterial((222, 221, 216), (190, 186, 176), 0.5, 0.03, 3, rim=1.03),
    "grey sheet": RoofMaterial(
        (122, 127, 134), (112, 112, 112), 0.3, 0.05, 4, seam_m=0.9, seam=0.05, ridge=1.05, rib=0.03
    ),
    "felt": RoofMaterial((114, 117, 122), (134, 132, 128), 0.5, 0.07, 6, seam_m=1.0, seam=0.06, rim=1.3),
    "panels": RoofMaterial((150, 148, 142), (120, 118, 112), 0.5, 0.07, 6, seam_m=4.5, seam=0.06, rim=1.2),
    "sedum": RoofMaterial((124, 122, 92), (146, 112, 88), 0.8, 0.1, 9, rim=1.35),
    "concrete": RoofMaterial((178, 170, 158), (132, 126, 116), 0.7, 0.08, 8, rim=1.1),
}


def pick_style(name: str | None, rng: np.random.Generator) -> Style:
    """Return the named style, or one drawn by weight for None.

    Raises:
        ValueError: no style has this name.
    """
    if name is not None:
        if name not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}. Received: {name!r}.")
        return STYLES[name]
    drawn = [style for style in STYLES.values() if style.weight]
    weights = np.array([style.weight for style in drawn])
    return drawn[int(rng.choice(len(weights), p=weights / weights.sum()))]


def roof_material(covering: str, rng: np.random.Generator) -> RoofMaterial:
    """Return a roof covering whose colour, stains and texture vary as roofs of one kind do."""
    base = _COVERINGS[covering]
    brightness = rng.normal(1, 0.11)
    colour = _varied(base.colour, brightness, rng)
    return RoofMaterial(
        colour, _varied(base.other, brightness, rng), float(np.clip(base.mix * rng.uniform(0.2, 1.4), 0, 1)),
        base.blotch * rng.uniform(0.5, 1.6), base.grain * rng.uniform(0.5, 1.3), base.course_m,
        base.seam_m * rng.uniform(0.8, 1.5), base.seam * rng.uniform(0.5, 1.5), base.ridge, base.rim, base.rib,
    )  # fmt: skip


def _varied(colour: Colour, brightness: float, rng: np.random.Generator) -> Colour:
    red, green, blue = (channel * brightness * rng.normal(1, 0.035) for channel in colour)
    return (min(red, 245.0), min(green, 245.0), min(blue, 245.0))
