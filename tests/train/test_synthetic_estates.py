"""Trade estates and flat blocks: what is roof, what is ground, and how often they are drawn."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from segrun_train.synthetic import STYLES, draw_scene
from segrun_train.synthetic.canvas import Canvas, new_canvas
from segrun_train.synthetic.flat_roofs import furnish, terrace, weather
from segrun_train.synthetic.frame import Rect, StreetFrame
from segrun_train.synthetic.light import Sun, cast_shadow
from segrun_train.synthetic.look import draw_look
from segrun_train.synthetic.paint_roofs import paint_building
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.world import ROOF, Building, Detail, RoofMaterial, Tint, Wing, World
from segrun_train.synthetic.yards import lay_bays

ESTATES = ("industrial", "offices")
SUN = Sun(0.0, math.radians(45), (0.3, 0.3, 0.3))
PLAIN = RoofMaterial((150, 150, 150), (150, 150, 150), 0.0, 0.0, 0.0, rim=1.0)
FLAT = Wing(0, 0, 10, 10, "flat", 6.0, 0.0)


def painted(*wings: Wing, lean: tuple[float, float] = (0.0, 0.0), **more: object) -> Canvas:
    canvas = new_canvas(0, 0, 160, 160, 0.25)
    building = replace(Building(20.0, 20.0, 0.0, wings, PLAIN, (90, 90, 90)), **more)  # type: ignore[arg-type]
    paint_building(canvas, building, SUN, lean, 0)
    return canvas


def site(frame: StreetFrame) -> Site:
    rng = np.random.default_rng(0)
    style = STYLES["industrial"]
    return Site(World(), frame, style, draw_look(style, rng), rng, 200.0, 200.0)


def test_a_quarter_to_a_third_of_scenes_are_estates() -> None:
    share = sum(STYLES[name].weight for name in ESTATES) / sum(style.weight for style in STYLES.values())
    assert 0.25 < share < 1 / 3 + 0.01


def test_a_scene_can_lie_inside_one_roof_but_seldom_does() -> None:
    # 64 pixels at 40 to 100 cm show as much ground as 320 pixels at 8 to 20 cm.
    whole = {
        style: sum(
            (draw_scene(seed, 64, 64, 40 + 7.5 * (seed % 9), style).roofs > 0).mean() > 0.99
            for seed in range(30)
        )
        for style in ESTATES
    }
    assert 1 <= sum(whole.values()) <= 9, whole


@pytest.mark.parametrize("style", ESTATES)
def test_an_estate_painted_in_chunks_is_the_same_estate(style: str) -> None:
    whole, pieces = draw_scene(6, 200, 220, 25, style), draw_scene(6, 200, 220, 25, style, chunk_px=96)
    assert (whole.classes != pieces.classes).mean() < 1e-3
    assert (np.abs(whole.pixels.astype(np.int16) - pieces.pixels) > 12).mean() < 2e-3


def test_a_ring_is_roof_and_its_court_is_ground() -> None:
    wings = [Wing(0, side * 8, 10, 2, "flat", 6.0, 0.0) for side in (-1, 1)]
    wings += [Wing(side * 8, 0, 2, 10, "flat", 6.0, 0.0) for side in (-1, 1)]
    roof = painted(*wings).classes == ROOF
    assert not roof[60:100, 60:100].any()
    assert roof[42:54, 42:118].all()
    assert roof.mean() == pytest.approx((20**2 - 12**2) / 40**2, rel=0.04)


def test_cut_corners_are_ground() -> None:
    roof = painted(replace(FLAT, chamfer_m=4.0)).classes == ROOF
    assert not roof[42:45, 42:45].any()
    assert roof[80, 42]
    assert roof[42, 80]
    assert roof.mean() == pytest.approx((20**2 - 4 * 8) / 40**2, rel=0.04)


def test_a_parapet_shades_the_roof_inside_it() -> None:
    low = cast_shadow(painted(FLAT).relief, SUN, 0.25)
    high = cast_shadow(painted(FLAT, parapet_m=1.0).relief, SUN, 0.25)
    # The sun stands on the right: shadow falls from the right rim on the roof left of it.
    assert low[80, 112:117].max() == 0
    assert high[80, 115:117].min() > 0.5
    assert high[80, 60:105].max() == 0


def test_what_stands_on_a_roof_is_roof() -> None:
    machine = Detail(0, 0, 2, 1, 1.5, (200, 200, 200))
    canvas = painted(FLAT, details=(machine,))
    assert (canvas.classes[41:119, 41:119] == ROOF).all()
    assert canvas.relief[80, 80] == pytest.approx(7.5)


def test_the_wall_of_an_upper_storey_hides_roof_and_a_ground_wall_hides_ground() -> None:
    storey = replace(FLAT, eave_m=9.0)
    walls = [painted(storey, lean=(0.0, 0.25), base_m=base).classes for base in (0.0, 6.0)]
    # The top leans 2.25 m to the right, so that the wall shows at the left.
    assert (walls[0][80, 42:47] != ROOF).all()
    assert (walls[1][80, 48] == ROOF).all()
    assert (walls[1][80, 42:45] != ROOF).all()


def test_a_saw_roof_rises_and_falls_with_every_tooth() -> None:
    saw = Wing(0, 0, 10, 10, "saw", 6.0, 0.5, tooth_m=5.0)
    column = painted(saw).relief[41:119, 80]
    assert (np.diff(column) < -1).sum() == 3
    assert column.max() == pytest.approx(saw.top_m, abs=0.2)
    turned = painted(replace(saw, turned=True)).relief
    np.testing.assert_allclose(turned[80, 41:119], column, atol=1e-4)


def test_a_tint_changes_its_own_pixels_alone() -> None:
    dark = painted(FLAT, tints=(Tint(-5, 0, 3, 3, 0.5),)).rgb[80]
    plain = painted(FLAT).rgb[80]
    np.testing.assert_allclose(dark[52:66], plain[52:66] * 0.5, rtol=1e-4)
    np.testing.assert_array_equal(dark[75:], plain[75:])


@pytest.mark.parametrize("seed", range(6))
def test_nothing_on_a_roof_hangs_over_its_edge(seed: int) -> None:
    wing = Wing(3, -2, 24, 9, "flat", 8.0, 0.0)
    rng = np.random.default_rng(seed)
    parts: list[Detail | Tint] = [*furnish(wing, rng), *terrace(wing, rng), *weather(wing, rng)]
    for part in parts:
        assert abs(part.along - wing.along) + part.half_along <= wing.half_along + 1e-6, part
        assert abs(part.across - wing.across) + part.half_across <= wing.half_across + 1e-6, part


@pytest.mark.parametrize("swapped", [False, True])
def test_cars_stand_within_their_car_park(swapped: bool) -> None:
    # In a mirrored frame the rows once ran out of the block, over the street.
    here = site(StreetFrame(100.0, 100.0, 0.7, 0.0, 200.0, (0.0, 0.0), swapped))
    rect = Rect(-30, 5, 30, 40)
    lay_bays(here, rect)
    assert len(here.world.boxes) > 20
    # Without a bend, the way back from the ground to street axes is a projection.
    origin, ahead, aside = (np.array(here.frame.place(*place)) for place in ((0, 0), (1, 0), (0, 1)))
    for box in here.world.boxes:
        away = np.array([box.row, box.col]) - origin
        assert rect.s0 <= away @ (ahead - origin) <= rect.s1
        assert rect.t0 <= away @ (aside - origin) <= rect.t1
