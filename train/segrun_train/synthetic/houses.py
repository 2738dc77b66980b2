"""Buildings: wings and roof shapes."""

from __future__ import annotations

import numpy as np

from segrun_train.synthetic.look import Look
from segrun_train.synthetic.roof_details import roof_details
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.style import Style
from segrun_train.synthetic.world import Building, Colour, RoofMaterial, RoofShape, Wing

_WALLS: tuple[Colour, ...] = (
    (214, 206, 188),
    (228, 224, 214),
    (190, 172, 142),
    (172, 128, 106),
    (200, 196, 190),
)


def draw_shape(style: Style, rng: np.random.Generator) -> RoofShape:
    """Draw a roof shape by the style's weights."""
    left = float(rng.random()) * sum(style.shapes.values())
    for shape, weight in style.shapes.items():
        left -= weight
        if left < 0:
            return shape
    return "gable"


def draw_material(look: Look, shape: RoofShape, rng: np.random.Generator) -> RoofMaterial:
    """Draw one of the settlement's coverings that suits the shape; the first is the commonest."""
    choice = look.roofs_flat if shape == "flat" else look.roofs_pitched
    return choice[min(int(rng.exponential(3.5)), len(choice) - 1)]


def build(
    site: Site, place: tuple[float, float, float], size: tuple[float, float], shape: RoofShape, eave_m: float,
    *, annexe: float = 0.4,
) -> Building:  # fmt: skip
    """Draw one building.

    Args:
        site: its materials and dice.
        place: ground row, column (metres) and direction of its length (radians).
        size: length and width, metres; the ridge runs along the longer.
        shape: roof shape of the main wing.
        eave_m: height of its eaves.
        annexe: probability of a second wing (L-shape, porch, lower part).
    """
    rng = site.rng
    half_along, half_across = size[0] / 2, size[1] / 2
    slope = (
        0.0
        if shape == "flat"
        else float(rng.uniform(0.14, 0.3) if shape == "shed" else rng.uniform(0.35, 0.95))
    )
    if min(size) > 15:
        slope *= 0.35
    wings = [Wing(0, 0, half_along, half_across, shape, eave_m, slope, turned=half_across > half_along)]
    if rng.random() < annexe:
        wings.append(_second_wing(wings[0], rng))
    material = draw_material(site.look, shape, rng)
    details = tuple(roof_details(wings[0], material, rng))
    return Building(*place, tuple(wings), material, _WALLS[rng.integers(len(_WALLS))], details)


def _second_wing(main: Wing, rng: np.random.Generator) -> Wing:
    """An L or T wing across the main one, at most as wide, ending outside it; flat mains get flat parts."""
    long, wide = main.half_along, main.half_across
    side = float(rng.choice([-1, 1]))
    if main.shape == "flat" or rng.random() < 0.25:
        half = float(rng.uniform(0.35, 0.7)) * long
        reach = float(rng.uniform(0.8, 1.8))
        shape: RoofShape = "flat" if main.shape == "flat" else "shed"
        at = float(rng.uniform(-1, 1)) * (long - half)
        lower = main.eave_m * float(rng.uniform(0.5, 0.9))
        return Wing(
            at, side * (wide + reach * 0.9), half, reach, shape, lower, 0.0 if shape == "flat" else 0.12
        )
    half_width = min(wide, long) * float(rng.uniform(0.6, 0.95))
    length = wide / 2 + float(rng.uniform(1.5, 4.5))
    at = float(rng.choice([-1, 1, rng.uniform(-0.6, 0.6)])) * (long - half_width)
    return Wing(at, side * length, half_width, length, main.shape, main.eave_m, main.slope, turned=True)
