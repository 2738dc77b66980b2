"""What large flat roofs carry: skylights in rows, machines and ducts, patched sheets, walkways, panels."""

from __future__ import annotations

import numpy as np

from segrun_train.synthetic.world import Colour, Detail, Tint, Wing

_MOST_DETAILS = 130
_PANEL: Colour = (42, 52, 80)
_METAL: Colour = (186, 188, 190)
_FAN: Colour = (62, 64, 66)


def furnish(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """Draw what stands on a large flat wing, metres in the building's axes."""
    area = 4 * wing.half_along * wing.half_across
    found: list[Detail] = []
    if min(wing.half_along, wing.half_across) < 3:
        return found
    kind = rng.random()
    if kind < 0.3:
        found += _domes(wing, rng)
    elif kind < 0.55:
        found += _light_strips(wing, rng)
    elif kind < 0.63 and area > 200:
        found += _panels(wing, rng)
    for _ in range(min(5, int(rng.poisson(0.5 + area / 900)))):
        found += _machines(wing, rng)
    for _ in range(min(24, int(rng.poisson(area / 260)))):
        half = float(rng.uniform(0.15, 0.45))
        at = _spot(wing, half, rng)
        found.append(Detail(*at, half, half, float(rng.uniform(0.2, 0.9)), _grey(rng, 80, 235)))
    if rng.random() < 0.45:
        found.append(_stair_head(wing, rng))
    if rng.random() < 0.3:
        found += _duct(wing, rng)
    return found[:_MOST_DETAILS]


def weather(wing: Wing, rng: np.random.Generator) -> list[Tint]:
    """Draw the patches, joints, walkways and puddles of a large flat wing, metres in the building's axes."""
    found: list[Tint] = []
    area = 4 * wing.half_along * wing.half_across
    if rng.random() < 0.5:
        found += _fields(wing, rng)
    for _ in range(min(14, int(rng.poisson(0.8 + area / 350)))):
        half_along, half_across = (float(side) for side in rng.uniform(0.4, 4.5, 2))
        half_along, half_across = min(half_along, wing.half_along), min(half_across, wing.half_across)
        at = _spot(wing, max(half_along, half_across), rng)
        found.append(Tint(*at, half_along, half_across, float(rng.normal(1, 0.09))))
    if rng.random() < 0.45:
        found += _joints(wing, rng)
    if rng.random() < 0.3:
        half = float(rng.uniform(0.2, 0.6))
        across = _spot(wing, half, rng)[1]
        found.append(
            Tint(wing.along, across, wing.half_along - 1, half, float(rng.choice([0.8, 0.9, 1.12, 1.25])))
        )
    if rng.random() < 0.35:
        found += _gutter(wing, rng)
    return found


def terrace(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """Draw a terrace on part of a flat wing: planks or slabs, planters, tables, a pergola."""
    half_along = wing.half_along * float(rng.uniform(0.2, 0.45))
    half_across = wing.half_across * float(rng.uniform(0.4, 0.8))
    along = wing.along + float(rng.choice([-1, 1])) * (wing.half_along - half_along - 0.8)
    across = wing.across + float(rng.uniform(-1, 1)) * (wing.half_across - half_across - 0.8)
    floor: Colour = (158, 132, 104) if rng.random() < 0.4 else _grey(rng, 140, 205)
    found = [Detail(along, across, half_along, half_across, 0.0, floor)]
    for _ in range(int(rng.integers(2, 9))):
        size = rng.uniform(0.3, 1.3, 2).tolist()
        spot = (
            along + float(rng.uniform(-0.8, 0.8)) * half_along,
            across + float(rng.uniform(-0.8, 0.8)) * half_across,
        )
        green = rng.random() < 0.5
        colour: Colour = (76, 98, 58) if green else _grey(rng, 60, 230)
        found.append(Detail(*spot, size[0], size[1] * 0.6, float(rng.uniform(0.4, 1.2)), colour))
    return found


def _spot(wing: Wing, reach: float, rng: np.random.Generator) -> tuple[float, float]:
    """Draw a place on a wing, ``reach`` and a little more away from its edges."""
    long, wide = max(0.0, wing.half_along - reach - 0.8), max(0.0, wing.half_across - reach - 0.8)
    return wing.along + float(rng.uniform(-1, 1)) * long, wing.across + float(rng.uniform(-1, 1)) * wide


def _grey(rng: np.random.Generator, low: float, high: float) -> Colour:
    level = float(rng.uniform(low, high))
    red, green, blue = (min(245.0, level * float(tint)) for tint in rng.normal(1, 0.02, 3))
    return red, green, blue


def _glass(rng: np.random.Generator) -> Colour:
    return _grey(rng, 205, 245) if rng.random() < 0.65 else _grey(rng, 60, 120)


def _domes(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """Square skylights on a grid, over all of the roof or in one or two rows."""
    step = float(rng.uniform(3.5, 9.5))
    half, ratio = float(rng.uniform(0.5, 1.1)), float(rng.choice([1.0, 1.0, 1.8]))
    glass, rise = _glass(rng), float(rng.uniform(0.25, 0.7))
    long = np.arange(-wing.half_along + step * 0.6, wing.half_along - 1.5, step)
    wide = np.arange(-wing.half_across + step * 0.6, wing.half_across - 1.5, step * float(rng.uniform(1, 2)))
    if rng.random() < 0.5 and len(wide) > 2:
        wide = rng.choice(wide, int(rng.integers(1, 3)), replace=False)
    found: list[Detail] = []
    for across in wide.tolist():
        for along in long.tolist():
            at = wing.along + along, wing.across + across
            found.append(Detail(*at, half * ratio, half, rise, glass))
            if half > 0.8:
                inner = tuple(channel * 0.86 for channel in glass)
                found.append(
                    Detail(*at, half * ratio - 0.35, half - 0.35, rise, (inner[0], inner[1], inner[2]))
                )
    return found[:90]


def _light_strips(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """Long raised strips of glass with cross bars, some with a dark side."""
    step, half = float(rng.uniform(8, 18)), float(rng.uniform(0.7, 2.2))
    count = int(2 * wing.half_across / step)
    if count < 1:
        return []
    glass, rise = _glass(rng), float(rng.uniform(0.4, 1.8))
    reach = (wing.half_along - 1.5) * float(rng.uniform(0.45, 0.95))
    shift = float(rng.uniform(-1, 1)) * (wing.half_along - 1.5 - reach)
    found: list[Detail] = []
    for line in range(min(count, 6)):
        across = wing.across - wing.half_across + step * (line + 0.5)
        found.append(Detail(wing.along + shift, across, reach, half, rise, glass))
        if rise > 1:
            found.append(
                Detail(wing.along + shift, across + half * 0.8, reach, half * 0.25, rise, (70, 76, 82))
            )
        if count < 4:
            bars = np.arange(-reach + 2, reach - 1, max(2.0, reach / 8)).tolist()
            frame = (glass[0] * 0.8, glass[1] * 0.8, glass[2] * 0.8)
            found += [Detail(wing.along + shift + bar, across, 0.14, half, rise, frame) for bar in bars]
    return found


def _machines(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """A row of air conditioners or coolers, each a casing with fans."""
    half_along, half_across = float(rng.uniform(0.6, 2.6)), float(rng.uniform(0.5, 1.3))
    rise, casing = float(rng.uniform(0.6, 2.2)), _grey(rng, 95, 225)
    along, across = _spot(wing, half_along + 2, rng)
    found: list[Detail] = []
    sideways = rng.random() < 0.5
    for _ in range(int(rng.integers(1, 6))):
        if (
            abs(along - wing.along) + half_along > wing.half_along
            or abs(across - wing.across) + half_across > wing.half_across
        ):
            break
        found.append(Detail(along, across, half_along, half_across, rise, casing))
        if half_across > 0.7:
            fans = max(1, int(half_along / half_across))
            for fan in range(fans):
                at = along + (fan - (fans - 1) / 2) * 2 * half_along / fans
                found.append(Detail(at, across, half_across * 0.5, half_across * 0.5, rise, _FAN))
        along, across = (
            (along, across + 2 * half_across + 0.6) if sideways else (along + 2 * half_along + 0.6, across)
        )
    return found


def _stair_head(wing: Wing, rng: np.random.Generator) -> Detail:
    long, wide = rng.uniform(1.3, 3.0, 2).tolist()
    long, wide = min(long, wing.half_along * 0.5), min(wide, wing.half_across * 0.5)
    at = _spot(wing, max(long, wide), rng)
    return Detail(*at, long, wide, float(rng.uniform(2.2, 3.2)), _grey(rng, 90, 220))


def _duct(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """A bright pipe that runs along and turns once."""
    along, across = _spot(wing, 2.0, rng)
    reach = min(float(rng.uniform(3, 14)), wing.half_along - abs(along - wing.along) - 0.8)
    if reach < 1:
        return []
    turn = (wing.half_across - abs(across - wing.across) - 0.8) * 0.7
    return [
        Detail(along, across, reach, 0.35, 0.8, _METAL),
        Detail(along + reach - 0.35, across + turn / 2, 0.35, max(0.35, turn / 2), 0.8, _METAL),
    ]


def _panels(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """Rows of solar panels over part of the roof."""
    pitch = float(rng.uniform(1.7, 3.0))
    half = (wing.half_along - 1.5) * float(rng.uniform(0.35, 0.95))
    along = wing.along + float(rng.uniform(-1, 1)) * (wing.half_along - 1.5 - half)
    across = np.arange(-wing.half_across + 2, wing.half_across - 2, pitch)[: int(rng.integers(5, 45))]
    return [Detail(along, wing.across + at, half, pitch * 0.34, 0.15, _PANEL) for at in across.tolist()]


def _fields(wing: Wing, rng: np.random.Generator) -> list[Tint]:
    """Two or three parts of the roof that were laid or mended at different times."""
    found, at = [], -wing.half_along
    while at < wing.half_along - 2:
        end = min(wing.half_along, at + float(rng.uniform(0.35, 1.2)) * wing.half_along)
        half = (end - at) / 2
        found.append(
            Tint(wing.along + at + half, wing.across, half, wing.half_across, float(rng.normal(1, 0.06)))
        )
        at = end
    return found


def _joints(wing: Wing, rng: np.random.Generator) -> list[Tint]:
    """Straight joints between slabs or sheets, both ways or one way."""
    step, half = float(rng.uniform(4, 16)), float(rng.uniform(0.05, 0.16))
    factor = float(rng.choice([0.62, 0.75, 0.85, 1.2, 1.4]))
    lines = np.arange(-wing.half_along + step, wing.half_along - 1, step).tolist()
    found = [Tint(wing.along + at, wing.across, half, wing.half_across, factor) for at in lines]
    if rng.random() < 0.6:
        lines = np.arange(-wing.half_across + step, wing.half_across - 1, step).tolist()
        found += [Tint(wing.along, wing.across + at, wing.half_along, half, factor) for at in lines]
    return found


def _gutter(wing: Wing, rng: np.random.Generator) -> list[Tint]:
    """A band along the rim where water stands or the covering turns up."""
    width, factor = float(rng.uniform(0.3, 1.0)), float(rng.choice([0.78, 0.88, 1.1, 1.2]))
    found = []
    for side in (-1, 1):
        found.append(
            Tint(
                wing.along,
                wing.across + side * (wing.half_across - 0.6 - width),
                wing.half_along - 0.6,
                width,
                factor,
            )
        )
        found.append(
            Tint(
                wing.along + side * (wing.half_along - 0.6 - width),
                wing.across,
                width,
                wing.half_across - 0.6,
                factor,
            )
        )
    return found
