"""Sun and shadow."""

from __future__ import annotations

import math

import numpy as np
import pytest

from segrun_train.synthetic.light import Sun, cast_shadow


def sun(azimuth: float, elevation_deg: float = 45) -> Sun:
    return Sun(azimuth, math.radians(elevation_deg), (0.4, 0.4, 0.4))


@pytest.mark.parametrize(
    ("azimuth", "shaded_side"),
    [(0.0, "left"), (math.pi, "right"), (math.pi / 2, "top"), (-math.pi / 2, "bottom")],
)
def test_a_block_shades_the_side_away_from_the_sun(azimuth: float, shaded_side: str) -> None:
    relief = np.zeros((61, 61), np.float32)
    relief[26:35, 26:35] = 3.0
    shadow = cast_shadow(relief, sun(azimuth), gsd_m=0.5)
    sides = {
        "left": shadow[30, 20:26],
        "right": shadow[30, 35:41],
        "top": shadow[20:26, 30],
        "bottom": shadow[35:41, 30],
    }
    for side, values in sides.items():
        if side == shaded_side:
            assert np.sort(values)[2:].min() > 0.9
        else:
            assert values.max() < 0.1
    assert shadow[30, 30] == 0


def test_a_shadow_is_as_long_as_height_over_tangent_of_elevation() -> None:
    relief = np.zeros((41, 201), np.float32)
    relief[:, 160:] = 10.0
    for elevation in (35, 45, 60):
        shadow = cast_shadow(relief, sun(0.0, elevation), gsd_m=0.25)
        length_m = (shadow[20, :160] > 0.5).sum() * 0.25
        assert length_m == pytest.approx(10 / math.tan(math.radians(elevation)), abs=0.8)


def test_a_plane_that_faces_the_sun_is_brighter_than_flat_and_one_turned_away_is_darker() -> None:
    light = sun(0.0, 40)
    toward, away = light.on_plane(0, -0.7), light.on_plane(0, 0.7)
    assert light.on_plane(0, 0) == pytest.approx(1)
    assert toward > 1.15
    assert away < 0.6
    assert light.on_plane(0, 5) == 0
