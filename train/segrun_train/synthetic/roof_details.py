"""What stands or lies on roofs: chimneys, skylights, dormers, panels, machines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segrun_train.synthetic.world import Colour, Detail, RoofMaterial, Wing

_PANEL: Colour = (38, 50, 82)
_GLASS: tuple[Colour, ...] = ((44, 50, 60), (176, 190, 204), (70, 80, 92))


def roof_details(wing: Wing, material: RoofMaterial, rng: np.random.Generator) -> list[Detail]:
    """Draw what stands or lies on a wing's roof."""
    if min(wing.half_along, wing.half_across) < 1.9:
        return []
    if wing.shape == "flat":
        return _flat_details(wing, rng)
    if material.seam_m and rng.random() < 0.8:
        return []
    # Planned for a ridge along the building, then turned where the ridge is.
    half_along, half_across = wing.half_along, wing.half_across
    if wing.turned:
        half_along, half_across = half_across, half_along
    found = _chimneys(half_along, half_across, rng)
    if rng.random() < 0.55:
        found += _skylights(half_along, half_across, rng)
    if rng.random() < 0.22 and half_across > 3.2:
        found += _dormers(half_along, half_across, material, rng)
    if rng.random() < 0.13 and half_across > 3:
        found += _panels(half_along, half_across, rng)
    return [_placed(detail, wing) for detail in found]


def _placed(detail: Detail, wing: Wing) -> Detail:
    along, across, half_along, half_across = (
        detail.along,
        detail.across,
        detail.half_along,
        detail.half_across,
    )
    if wing.turned:
        along, across, half_along, half_across = across, along, half_across, half_along
    return replace(
        detail,
        along=wing.along + along,
        across=wing.across + across,
        half_along=half_along,
        half_across=half_across,
    )


def _chimneys(half_along: float, half_across: float, rng: np.random.Generator) -> list[Detail]:
    found = []
    for _ in range(int(rng.integers(0, 3))):
        tone = float(rng.uniform(0.7, 1.1))
        along, across = (
            float(rng.uniform(-0.7, 0.7)) * half_along,
            float(rng.uniform(-0.35, 0.35)) * half_across,
        )
        found.append(Detail(along, across, 0.4, 0.35, 1.1, (150 * tone, 120 * tone, 104 * tone)))
    return found


def _skylights(half_along: float, half_across: float, rng: np.random.Generator) -> list[Detail]:
    glass = _GLASS[rng.integers(len(_GLASS))]
    across = float(rng.choice([-1, 1])) * half_across * float(rng.uniform(0.35, 0.65))
    spots = rng.uniform(-0.75, 0.75, int(rng.integers(1, 5))).tolist()
    return [Detail(spot * half_along, across, 0.42, 0.6, 0.0, glass) for spot in spots]


def _dormers(
    half_along: float, half_across: float, material: RoofMaterial, rng: np.random.Generator
) -> list[Detail]:
    side = float(rng.choice([-1, 1]))
    spots = (-0.5, 0.0, 0.5)[: int(rng.integers(1, 4))]
    tone = float(rng.uniform(0.85, 1.25))
    red, green, blue = material.colour
    cover = (red * tone, green * tone, blue * tone)
    return [
        Detail(spot * half_along, side * half_across * 0.55, 0.85, half_across * 0.26, 0.5, cover)
        for spot in spots
    ]


def _panels(half_along: float, half_across: float, rng: np.random.Generator) -> list[Detail]:
    side = float(rng.choice([-1, 1]))
    columns = int(rng.integers(2, max(3, int(half_along))))
    start = float(rng.uniform(-0.8, 0.1)) * half_along
    spots = [start + column * 1.05 for column in range(columns)]
    return [
        Detail(spot, side * half_across * 0.5, 0.5, half_across * 0.32, 0.0, _PANEL)
        for spot in spots
        if abs(spot) < half_along - 0.6
    ]


def _flat_details(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    area = 4 * wing.half_along * wing.half_across
    found = [_machine(wing, rng) for _ in range(min(30, int(rng.poisson(0.6 + area / 70))))]
    if area > 120 and rng.random() < 0.2:
        found += _panel_rows(wing, rng)
    return found


def _machine(wing: Wing, rng: np.random.Generator) -> Detail:
    """A stair head, tank, vent or air conditioner."""
    big = rng.random() < 0.2 and min(wing.half_along, wing.half_across) > 3
    half_along, half_across = rng.uniform(1.0, 2.2, 2).tolist() if big else rng.uniform(0.3, 0.8, 2).tolist()
    along = wing.along + float(rng.uniform(-0.8, 0.8)) * (wing.half_along - half_along)
    across = wing.across + float(rng.uniform(-0.8, 0.8)) * (wing.half_across - half_across)
    grey = float(rng.uniform(70, 225))
    red, green, blue = (grey * float(tint) for tint in rng.normal(1, 0.03, 3))
    rise = 2.4 if big else float(rng.uniform(0.2, 1.2))
    return Detail(along, across, half_along, half_across, rise, (red, green, blue))


def _panel_rows(wing: Wing, rng: np.random.Generator) -> list[Detail]:
    """Rows of solar panels over part of a flat roof."""
    half = wing.half_along * float(rng.uniform(0.3, 0.85))
    rows = min(40, int((2 * wing.half_across - 2) / 2.6))
    along = wing.along - wing.half_along + 1 + half
    first = wing.across - wing.half_across + 1.6
    return [Detail(along, first + 2.6 * row, half - 0.6, 0.85, 0.0, _PANEL) for row in range(rows)]
