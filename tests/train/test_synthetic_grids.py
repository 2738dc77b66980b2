"""A grid of streets with back lanes and car parks."""

from __future__ import annotations

import numpy as np

from segrun_train.synthetic import STYLES, draw_scene
from segrun_train.synthetic.alleys import lay_alley
from segrun_train.synthetic.corridors import footprint
from segrun_train.synthetic.frame import Rect, StreetFrame
from segrun_train.synthetic.grids import cut_grid, plant_kerbs
from segrun_train.synthetic.look import draw_look
from segrun_train.synthetic.lots import ALLEYS, fill_lots
from segrun_train.synthetic.open_land import lay_parking
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.streets import Street
from segrun_train.synthetic.world import ROAD, World

GRID = STYLES["grid"]


def site(seed: int = 0) -> Site:
    rng = np.random.default_rng(seed)
    frame = StreetFrame(100.0, 100.0, 0.0, 0.0, 200.0, (0.0, 0.0))
    return Site(World(), frame, GRID, draw_look(GRID, rng), rng, 300.0, 300.0)


def test_blocks_of_a_grid_are_equal_and_streets_lie_between_them() -> None:
    area = Rect(-400.0, -400.0, 400.0, 400.0)
    streets, blocks = cut_grid(area, GRID, np.random.default_rng(2))
    assert len({round(block.length, 6) for block in blocks}) == 1
    assert len({round(block.depth, 6) for block in blocks}) == 1
    for street in streets:
        half = street.width_m / 2 + GRID.walk_m - 1e-6
        for block in blocks:
            if street.start[0] == street.end[0]:
                assert block.s1 <= street.start[0] - half or block.s0 >= street.start[0] + half
            else:
                assert block.t1 <= street.start[1] - half or block.t0 >= street.start[1] + half


def test_an_alley_is_a_narrow_road_from_street_to_street() -> None:
    here = site()
    lay_alley(here, Rect(-60.0, -40.0, 60.0, 40.0), 2.0)
    (lane,) = [patch for patch in here.world.patches if patch.ground.class_index == ROAD]
    extent = np.ptp(lane.polygon, axis=0)
    np.testing.assert_allclose(extent, (4.0, 120 + 2 * (GRID.walk_m + 0.5)))


def test_houses_keep_off_the_alley_behind_them() -> None:
    count = 0
    for seed in range(25):
        here = site(seed)
        fill_lots(here, Rect(-60.0, -40.0, 60.0, 40.0), ALLEYS)
        lane = min(
            float(np.abs(patch.polygon[:, 0] - 100.0).max())
            for patch in here.world.patches
            if patch.ground.class_index == ROAD
        )
        places = np.concatenate([footprint(building) for building in here.world.buildings])
        assert np.abs(places[:, 0] - 100.0).min() > lane + 0.29, seed
        count += len(here.world.buildings)
    assert count > 25 * 30


def test_kerb_trees_keep_off_crossings() -> None:
    here = site(1)
    along = Street((-100.0, 0.0), (100.0, 0.0), 10.0, 1, True)
    crossing = Street((20.0, -100.0), (20.0, 100.0), 14.0, 1, True)
    for _ in range(6):
        plant_kerbs(here, along, [along, crossing])
    cols = np.array([tree.col - 100.0 for tree in here.world.trees])
    assert len(cols) > 20
    assert np.abs(cols - 20.0).min() > 8.5


def test_a_car_park_has_marked_rows_of_cars_and_is_no_road() -> None:
    cars = []
    for seed in range(5):
        here = site(seed)
        lay_parking(here, Rect(-60.0, -39.5, 60.0, 39.5))
        assert ROAD not in {patch.ground.class_index for patch in here.world.patches}
        assert len(here.world.strokes) > 60
        cars.append(len(here.world.boxes))
    assert min(cars) > 40


def test_grids_are_darker_and_greyer_than_suburbs_as_the_season_is() -> None:
    def mean(style: str) -> float:
        return float(np.mean([draw_scene(seed, 96, 96, 50, style).pixels.mean() for seed in range(8)]))

    assert mean("grid") < 0.9 * mean("suburb")
