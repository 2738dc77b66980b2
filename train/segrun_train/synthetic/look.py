"""What all of one scene shares: the sun, the season, the soil, the camera, the roofs of the settlement."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from segrun_train.synthetic.light import Sun
from segrun_train.synthetic.sensor import Sensor, dimmed, draw_sensor
from segrun_train.synthetic.style import Style, roof_material
from segrun_train.synthetic.world import ROAD, Colour, Ground, RoofMaterial

_LAWNS: tuple[Colour, ...] = ((104, 124, 70), (92, 116, 66), (120, 130, 82), (84, 104, 60), (112, 132, 62))
_DRY: tuple[Colour, ...] = ((150, 140, 104), (136, 126, 90), (126, 128, 84))
_SOILS: tuple[Colour, ...] = (
    (150, 130, 104),
    (172, 152, 122),
    (128, 112, 92),
    (186, 140, 104),
    (196, 128, 90),
)
_RED_SOILS: tuple[Colour, ...] = (
    (190, 138, 100),
    (196, 126, 86),
    (178, 140, 108),
    (204, 164, 128),
    (170, 150, 126),
)
_GREENS: tuple[Colour, ...] = (
    (84, 106, 60), (96, 118, 64), (74, 98, 66), (108, 126, 72), (92, 108, 78), (120, 126, 72), (68, 88, 60),
    (100, 104, 70), (86, 100, 54),
)  # fmt: skip
_FALLOW: tuple[Colour, ...] = (
    (164, 144, 108),
    (140, 118, 92),
    (182, 168, 120),
    (120, 134, 76),
    (98, 124, 62),
)


@dataclass(frozen=True)
class Look:
    """The common look of one scene.

    ``lean`` is how far tops move outwards (row, col) per metre of height, ``lushness`` how much grows relative to
    the style; the other fields are materials, light and camera.
    """

    sun: Sun
    lean: tuple[float, float]
    lawn: Ground
    rough: Ground
    soil: Ground
    asphalt: Ground
    dirt_road: Ground
    paving: Ground
    gravel: Ground
    greens: tuple[Colour, ...]
    bare_share: float
    lushness: float
    roofs_pitched: tuple[RoofMaterial, ...]
    roofs_flat: tuple[RoofMaterial, ...]
    sensor: Sensor


def draw_look(style: Style, rng: np.random.Generator) -> Look:
    """Draw light, season, materials and camera of one scene in a settlement of this style."""
    lawn, dry = _LAWNS[rng.integers(len(_LAWNS))], _DRY[rng.integers(len(_DRY))]
    drought = float(rng.beta(1.3, 2.2))
    soils = _SOILS[:3] if style.grid else _SOILS
    if style.name == "informal" and rng.random() < 0.7:
        soils = _RED_SOILS
    soil = varied(soils[rng.integers(len(soils))], rng)
    asphalt_grey = float(rng.uniform(92, 160))
    asphalt: Colour = (asphalt_grey, asphalt_grey, asphalt_grey * float(rng.uniform(0.95, 1.05)))
    paving_grey = float(rng.uniform(145, 205))
    look = Look(
        sun=_draw_sun(rng),
        lean=_draw_lean(rng),
        lawn=Ground(blend(lawn, dry, 0.7 * drought), blend(lawn, dry, min(1.0, drought + 0.45)), 0.8, 6),
        rough=Ground(blend(lawn, soil, 0.35), blend(dry, soil, 0.5), 0.9, 8),
        soil=Ground(soil, varied(blend(soil, (120, 120, 80), 0.35), rng), 0.6, 6),
        asphalt=Ground(asphalt, scaled(asphalt, 0.88), 0.45, 3.5, class_index=ROAD),
        dirt_road=Ground(varied(soil, rng), blend(soil, (130, 120, 100), 0.4), 0.5, 5, class_index=ROAD),
        paving=Ground((paving_grey, paving_grey * 0.98, paving_grey * 0.93), (150, 146, 138), 0.35, 5),
        gravel=Ground(blend(soil, (170, 166, 158), 0.6), blend(soil, (140, 136, 128), 0.5), 0.6, 8),
        greens=tuple(varied(_GREENS[index], rng) for index in rng.choice(len(_GREENS), 4)),
        bare_share=float(rng.choice([0.0, 0.15, 0.7], p=[0.7, 0.15, 0.15])),
        lushness=float(rng.gamma(3.0, 0.4)),
        roofs_pitched=_draw_roofs(style.pitched, rng),
        roofs_flat=_draw_roofs(style.flat, rng),
        sensor=draw_sensor(rng),
    )
    return replace(look, sensor=dimmed(look.sensor, rng)) if style.grid else look


def draw_field(rng: np.random.Generator) -> Ground:
    """Draw a field: its crop or bare soil, and its furrows."""
    colour = varied(_FALLOW[rng.integers(len(_FALLOW))], rng)
    return Ground(
        colour, scaled(varied(colour, rng), 0.88), 0.7, 5,
        furrow_m=float(rng.choice([0.0, 0.9, 1.8, 3.0])), furrow_angle=float(rng.uniform(0, math.pi)),
    )  # fmt: skip


def shaded(ground: Ground, factor: float) -> Ground:
    """Return the same ground, brighter or darker, so that neighbouring lots differ."""
    return Ground(
        scaled(ground.colour, factor), scaled(ground.other, factor), ground.mix, ground.grain, ground.furrow_m,
        ground.furrow_angle, ground.class_index,
    )  # fmt: skip


def scaled(colour: Colour, factor: float) -> Colour:
    """Return a colour brighter or darker, short of pure white."""
    red, green, blue = colour
    return min(245.0, red * factor), min(245.0, green * factor), min(245.0, blue * factor)


def varied(colour: Colour, rng: np.random.Generator) -> Colour:
    """Return a colour a little off in brightness and tint."""
    whole, *tints = rng.standard_normal(4).tolist()
    red, green, blue = (channel * (1 + 0.08 * whole) for channel in colour)
    return scaled(
        (red * (1 + 0.03 * tints[0]), green * (1 + 0.03 * tints[1]), blue * (1 + 0.03 * tints[2])), 1.0
    )


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """Return ``first`` moved towards ``second`` by ``share`` (0 to 1)."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def _draw_sun(rng: np.random.Generator) -> Sun:
    kind = rng.random()
    deep, soft, dull = (0.15, 0.3), (0.3, 0.5), (0.6, 0.85)
    base = rng.uniform(*(deep if kind < 0.25 else soft if kind < 0.86 else dull))
    blue = rng.uniform(0.0, 0.07)
    return Sun(
        float(rng.uniform(-math.pi, math.pi)), float(math.radians(rng.uniform(29, 66))),
        (float(base - blue / 2), float(base), float(base + blue)),
    )  # fmt: skip


def _draw_lean(rng: np.random.Generator) -> tuple[float, float]:
    amount = 0.0 if rng.random() < 0.35 else float(rng.uniform(0.03, 0.25))
    direction = float(rng.uniform(0, 2 * math.pi))
    return amount * math.sin(direction), amount * math.cos(direction)


def _draw_roofs(weights: dict[str, float], rng: np.random.Generator) -> tuple[RoofMaterial, ...]:
    """Draw the few coverings that one settlement shares: a dominant one, and others."""
    names = list(weights)
    share = np.array([weights[name] for name in names]) * rng.gamma(0.8, 1.0, len(names)) + 1e-3
    return tuple(
        roof_material(names[index], rng) for index in rng.choice(len(names), 14, p=share / share.sum())
    )
