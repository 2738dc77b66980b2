"""Motorways: they cross the scene, are as wide as lanes are, and nothing of the settlement stands on them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from segrun_train.synthetic import STYLES, draw_scene
from segrun_train.synthetic.barriers import stand_barrier, stand_wall
from segrun_train.synthetic.corridors import Corridor, clear, footprint
from segrun_train.synthetic.frame import StreetFrame
from segrun_train.synthetic.look import draw_look
from segrun_train.synthetic.motorway_section import Section, draw_section
from segrun_train.synthetic.motorways import ROAD_LAYER, draw_path, join_streets
from segrun_train.synthetic.overpasses import span
from segrun_train.synthetic.paths import arc, beside
from segrun_train.synthetic.plan import plan_world
from segrun_train.synthetic.railways import lay_tracks
from segrun_train.synthetic.roadway import Roadway, mark, pave
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.slip_roads import SlipRoad, draw_slip_road
from segrun_train.synthetic.streets import Street
from segrun_train.synthetic.vehicles import drive_along
from segrun_train.synthetic.world import ROAD, Box, Building, Ground, RoofMaterial, Stroke, Tree, Wing, World

STRAIGHT = arc((100.0, 100.0), 0.0, 150.0, 0.0)
TAR = Ground((90, 90, 90), (90, 90, 90), class_index=ROAD)


def site(seed: int = 0) -> Site:
    style, rng = STYLES["motorway"], np.random.default_rng(seed)
    frame = StreetFrame(100.0, 100.0, 0.0, 0.0, 200.0, (0.0, 0.0))
    return Site(World(), frame, style, draw_look(style, rng), rng, 200.0, 200.0)


def house(row: float, col: float) -> Building:
    wing = Wing(0, 0, 8, 5, "flat", 5.0, 0.0)
    return Building(row, col, 0.0, (wing,), RoofMaterial((1, 1, 1), (1, 1, 1)), (1, 1, 1))


def test_clearing_takes_what_stands_in_the_strip_and_cuts_lines() -> None:
    world = World(
        strokes=[Stroke(np.array([[row, 100.0] for row in np.arange(60.0, 141.0, 2.0)]), 0.1, (0, 0, 0))],
        trees=[Tree(row, 90.0, 2, 4, (0, 0, 0), 1) for row in (95.0, 130.0)],
        boxes=[Box(row, 90.0, 0.0, 4, 2, 1, (0, 0, 0)) for row in (108.0, 130.0)],
        buildings=[house(100.0, 100.0), house(113.0, 100.0), house(125.0, 100.0)],
    )
    clear(world, [Corridor(STRAIGHT, 10.0)])
    assert [tree.row for tree in world.trees] == [130.0]
    assert [box.row for box in world.boxes] == [130.0]
    assert [building.row for building in world.buildings] == [125.0], "a wing that reaches in counts"
    assert len(world.strokes) == 2
    assert all(np.abs(stroke.path[:, 0] - 100).min() > 9.5 for stroke in world.strokes)


def test_sections_are_as_wide_as_real_ones() -> None:
    sections = [draw_section(np.random.default_rng(seed)) for seed in range(200)]
    widths = np.array([section.carriageway_m(side) for section in sections for side in (0, 1)])
    assert widths.min() > 8
    assert widths.max() < 32
    assert 12 < np.median(widths) < 20
    assert all(1 <= section.median_m <= 15 for section in sections)
    assert any(section.paved for section in sections)
    assert any(sum(section.tracks) for section in sections)


def test_the_motorway_is_road_from_edge_to_edge_of_the_scene() -> None:
    for seed in range(6):
        scene = draw_scene(seed, 208, 208, 50, "motorway")
        middle = scene.roads[52:156, 52:156] > 0
        # At least one carriageway of two lanes passes through the middle half of the picture.
        assert middle.mean() > 0.08, seed
        assert (scene.roads > 0).mean() > 0.12, seed


@pytest.mark.parametrize("seed", range(3, 7))
def test_nothing_of_the_settlement_stands_on_the_carriageways(seed: int) -> None:
    style, rng = STYLES["motorway"], np.random.default_rng(seed)
    world = plan_world(200.0, 200.0, style, draw_look(style, rng), seed)
    lanes = [patch for patch in world.patches if patch.layer == ROAD_LAYER]
    assert lanes
    places = np.concatenate([footprint(building) for building in world.buildings])
    for patch in lanes:
        count = len(patch.polygon) // 2
        middle = (patch.polygon[:count] + patch.polygon[count:][::-1]) / 2
        half = float(np.hypot(*(patch.polygon[0] - patch.polygon[-1]))) / 2
        assert not Corridor(middle, half).holds(places).any()


def test_a_strip_holds_all_that_is_near_its_line_between_its_places_too() -> None:
    path = arc((300.0, 300.0), 0.6, 500.0, 1 / 900)
    places = np.random.default_rng(1).uniform(-100, 700, (3000, 2))
    fine = np.stack(
        [np.interp(np.arange(0, 250, 0.01), np.arange(len(path)), axis) for axis in path.T], axis=1
    )
    away = np.array([np.hypot(*(fine - place).T).min() for place in places])
    for margin in (0.0, 25.0):
        sure = np.abs(away - 6 - margin) > 0.02
        np.testing.assert_array_equal(
            Corridor(path, 6.0).holds(places, margin)[sure], (away < 6 + margin)[sure]
        )


def test_the_time_of_a_strip_does_not_grow_with_places_times_path() -> None:
    places = np.random.default_rng(1).uniform(0, 6000, (200_000, 2))
    strip = Corridor(arc((3000.0, 3000.0), math.pi / 4, 4200.0, 0.0), 50.0)
    begin = time.process_time()
    assert 0.005 < strip.holds(places).mean() < 0.05
    # Asking each place about each of 2100 places of the path took 4 s and more.
    assert time.process_time() - begin < 1.0


def test_a_motorway_leads_from_edge_to_edge_of_a_large_scene() -> None:
    for seed in range(150):
        path = draw_path(replace(site(seed), height_m=1000.0, width_m=700.0))
        for end in path[[0, -1]]:
            assert min(*end, *((1000.0, 700.0) - end)) < -140, seed
        assert ((path > 0) & (path < (1000, 700))).all(axis=1).any()


def test_motorways_bend_in_small_scenes_as_real_ones_do() -> None:
    bends = []
    for seed in range(80):
        steps = np.diff(draw_path(replace(site(seed), height_m=290.0, width_m=290.0)), axis=0)
        bends.append(float(np.abs(np.diff(np.unwrap(np.arctan2(*steps.T)))).mean()) / 4.0)
    assert 1 / 360 < max(bends) < 1 / 318
    assert np.mean(np.array(bends) < 1e-9) > 0.3


def test_a_lorry_that_reaches_under_a_bridge_is_taken_away() -> None:
    def lorry(row: float, angle: float) -> Box:
        return Box(row, 90.0, angle, 15.0, 2.5, 3.9, (0, 0, 0), "car")

    world = World(boxes=[lorry(116.0, math.pi / 2), lorry(116.0, 0.0), lorry(119.5, math.pi / 2)])
    clear(world, [Corridor(STRAIGHT, 10.0)])
    assert [(box.row, box.angle) for box in world.boxes] == [(116.0, 0.0), (119.5, math.pi / 2)]


def test_lorries_drive_on_the_right() -> None:
    for outer in (-1.0, 1.0):
        cabs = 0
        for seed in range(8):
            here = site(seed)
            road = Roadway(2, 3.5, (1.0, 3.0), outer, motorway=True)
            mark(here, STRAIGHT, road, TAR)
            for box, cab in pairwise(here.world.boxes):
                if cab.length_m == 2.3:
                    cabs += 1
                    # Heading for growing columns, the right is where rows grow: offsets below 0.
                    assert (cab.col > box.col) == (outer < 0)
        assert cabs > 3


def test_vehicles_of_one_lane_keep_their_distance_and_stay_on_it() -> None:
    here = site()
    drive_along(here, STRAIGHT, lorries=0.5, gap_m=7.0)
    assert len(here.world.boxes) > 20
    assert {box.length_m > 9.8 for box in here.world.boxes} == {True, False}
    for box, ahead in pairwise(here.world.boxes):
        apart = ahead.col - box.col - (ahead.length_m + box.length_m) / 2
        assert apart > (0.3 if ahead.length_m == 2.3 else 1.5)
    first, last = here.world.boxes[0], here.world.boxes[-1]
    assert first.col - first.length_m / 2 > STRAIGHT[0, 1]
    assert last.col + last.length_m / 2 < STRAIGHT[-1, 1]


def test_a_wall_throws_its_shadow_away_from_the_sun_along_a_whole_bend() -> None:
    here = site()
    path = arc((100.0, 100.0), 0.0, 400.0, 1 / 320)
    stand_wall(here, path)
    shadow = here.world.strokes[0].path - path
    turned = np.flatnonzero(np.abs(np.diff(np.arctan2(*shadow.T))) > 1)
    toward = shadow @ here.look.sun.toward
    assert (toward < 0.02).all()
    assert len(turned) == 1, "the bend turns its other side to the sun"


def test_a_roadway_is_paved_in_full_and_driven_on_along_its_lanes() -> None:
    here = site()
    road = Roadway(4, 3.5, (1.0, 3.0), 1.0, motorway=True)
    assert road.half_m == 9.0
    assert road.line_m(0) == -8.0
    assert road.line_m(4) == 6.0
    pave(here, STRAIGHT, road, TAR, 12)
    mark(here, STRAIGHT, road, TAR)
    assert {patch.ground.class_index for patch in here.world.patches} == {ROAD}
    widest = max(float(np.ptp(patch.polygon[:, 0])) for patch in here.world.patches)
    assert widest == pytest.approx(18.0)
    lanes = [abs(road.lane_middle_m(lane)) for lane in range(4)]
    assert len(here.world.boxes) > 8
    for box in here.world.boxes:
        assert abs(math.sin(box.angle)) < 0.06
        assert min(abs(abs(box.row - 100.0) - lane) for lane in lanes) < 1.1
    lines = {stroke.width_m for stroke in here.world.strokes}
    assert {0.15, 0.17} <= lines


def test_tracks_are_no_road() -> None:
    here = site()
    lay_tracks(here, STRAIGHT, 3, 11)
    assert ROAD not in {patch.ground.class_index for patch in here.world.patches}
    assert sum(stroke.width_m == 0.14 for stroke in here.world.strokes) == 6


def slip_roads(count: int) -> Iterator[tuple[Section, SlipRoad | None]]:
    for seed in range(count):
        here = site(seed)
        section = draw_section(here.rng)
        yield section, draw_slip_road(here, section, STRAIGHT, 0)


def test_a_slip_road_leaves_at_a_small_angle_and_never_crosses_tracks() -> None:
    found = 0
    for section, slip in slip_roads(60):
        if section.tracks[0] and not section.frontages_m[0]:
            assert slip is None
        if slip is None:
            continue
        found += 1
        steps = np.diff(slip.path, axis=0)
        assert np.abs(np.arctan2(np.abs(steps[:, 0]), steps[:, 1])).max() < 0.45
        away = np.abs(slip.apart[:, 0] - 100.0)
        assert (away > section.edge_m(0)).all()
    assert found > 20


def test_bridges_lead_crossing_streets_over_and_leave_no_cars_under_them() -> None:
    corridor = Corridor(STRAIGHT, 20.0)
    across = [Street((s, -100.0), (s, 100.0), 9.0, 1, True) for s in (-60.0, -20.0, 20.0, 60.0)]
    alongside = Street((-100.0, 0.0), (100.0, 0.0), 9.0, 1, True)
    bridges = 0
    for seed in range(4):
        here = site(seed)
        here.world.boxes += [
            Box(100.0, col, 0.0, 4.4, 1.8, 1.5, (9.0, 9.0, 9.0), "car") for col in range(200)
        ]
        span(here, [corridor], [*across, alongside])
        decks = [patch for patch in here.world.patches if patch.ground.class_index == ROAD]
        bridges += len(decks)
        for deck in decks:
            low, high = deck.polygon.min(axis=0), deck.polygon.max(axis=0)
            assert low[0] < 80
            assert high[0] > 120
            assert not [
                box for box in here.world.boxes if box.colour[0] == 9.0 and low[1] < box.col < high[1]
            ]
    assert 3 < bridges < 14


def test_a_bridge_ends_beyond_the_slip_road_beside_it() -> None:
    slip = Corridor(beside(STRAIGHT, -28.0), 10.0)
    across = [Street((s, -100.0), (s, 100.0), 9.0, 1, True) for s in (-60.0, -20.0, 20.0, 60.0)]
    ends = []
    for seed in range(4):
        here = site(seed)
        span(here, [Corridor(STRAIGHT, 20.0), slip], across)
        ends += [patch.polygon[:, 0] for patch in here.world.patches if patch.ground.class_index == ROAD]
    assert ends
    assert all(rows.min() < 80 and rows.max() > 138 for rows in ends)


def test_nothing_is_left_between_a_slip_road_and_the_motorway() -> None:
    found = 0
    for seed, (section, slip) in enumerate(slip_roads(40)):
        if slip is None:
            continue
        strips = slip.strips(3.0)
        for row, col in slip.path[::3].tolist():
            between = np.arange(row, 100 + section.reach_m(0), -1.0)
            found += len(between)
            places = np.stack([between, np.full(len(between), col)], axis=1)
            assert np.any([strip.holds(places, 0.1) for strip in strips], axis=0).all(), seed
    assert found > 300


def test_a_barrier_is_open_where_a_slip_road_passes() -> None:
    for seed in range(6):
        here = site(seed)
        mouth = Corridor(STRAIGHT[30:40], 5.0)
        stand_barrier(here, STRAIGHT, [mouth])
        places = np.concatenate([stroke.path for stroke in here.world.strokes])
        assert not mouth.holds(places, -1.0).any()
        assert len(here.world.strokes) in (2, 4)


def test_streets_reach_through_the_verge_to_the_road_alongside() -> None:
    here = site()
    across = Street((30.0, -90.0), (30.0, 90.0), 9.0, 1, True)
    elsewhere = Street((-90.0, 40.0), (90.0, 40.0), 9.0, 1, True)
    join_streets(here, Corridor(STRAIGHT, 8.0), TAR, [across, elsewhere])
    (mouth,) = here.world.patches
    assert mouth.ground.class_index == ROAD
    low, high = mouth.polygon.min(axis=0), mouth.polygon.max(axis=0)
    assert high[1] - low[1] == pytest.approx(9.0)
    assert low[0] == pytest.approx(92.0, abs=2.1)
    assert high[0] == pytest.approx(108.0, abs=2.1)
