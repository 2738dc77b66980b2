"""Motorways: they cross the scene, are as wide as lanes are, and nothing of the settlement stands on them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from segrun_train.synthetic import STYLES, draw_scene
from segrun_train.synthetic.barriers import stand_barrier
from segrun_train.synthetic.corridors import Corridor, arc, aside, clear
from segrun_train.synthetic.frame import StreetFrame
from segrun_train.synthetic.look import draw_look
from segrun_train.synthetic.motorway_section import draw_section
from segrun_train.synthetic.motorways import join_streets
from segrun_train.synthetic.overpasses import span
from segrun_train.synthetic.plan import plan_world
from segrun_train.synthetic.railways import lay_tracks
from segrun_train.synthetic.roadway import Roadway, mark, pave
from segrun_train.synthetic.site import Site
from segrun_train.synthetic.slip_roads import draw_slip_road
from segrun_train.synthetic.streets import Street, path_metres
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


def test_an_arc_has_even_steps_and_bends_as_told() -> None:
    path = arc((50.0, 60.0), 0.3, 120.0, 1 / 400)
    steps = np.diff(path, axis=0)
    assert np.allclose(np.hypot(steps[:, 0], steps[:, 1]), 4.0, atol=0.1)
    turned = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    assert turned[-1] - turned[0] == pytest.approx(240 / 400, rel=0.05)
    assert np.hypot(*(path - (50.0, 60.0)).T).min() < 2.1


def test_aside_moves_by_as_much_as_told_at_each_place() -> None:
    offset = np.linspace(0, 20, len(STRAIGHT))
    moved = aside(STRAIGHT, offset)
    np.testing.assert_allclose(np.abs(moved - STRAIGHT).sum(axis=1), offset, atol=1e-9)


def test_clearing_takes_what_stands_in_the_strip_and_cuts_lines() -> None:
    world = World(
        strokes=[Stroke(np.array([[row, 100.0] for row in np.arange(60.0, 141.0, 2.0)]), 0.1, (0, 0, 0))],
        trees=[Tree(row, 90.0, 2, 4, (0, 0, 0), 1) for row in (95.0, 130.0)],
        boxes=[Box(row, 90.0, 0.0, 4, 2, 1, (0, 0, 0)) for row in (108.0, 130.0)],
        buildings=[house(100.0, 100.0), house(113.0, 100.0), house(125.0, 100.0)],
    )
    clear(world, Corridor(STRAIGHT, 10.0))
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


def test_nothing_of_the_settlement_stands_on_the_carriageways() -> None:
    style, rng = STYLES["motorway"], np.random.default_rng(3)
    world = plan_world(200.0, 200.0, style, draw_look(style, rng), 3)
    lanes = [patch for patch in world.patches if patch.layer == 12]
    assert lanes
    for patch in lanes:
        count = len(patch.polygon) // 2
        middle = (patch.polygon[:count] + patch.polygon[count:][::-1]) / 2
        half = float(np.hypot(*(patch.polygon[0] - patch.polygon[-1]))) / 2
        strip = Corridor(middle, half)
        places = np.array([(building.row, building.col) for building in world.buildings])
        assert not strip.holds(places).any()


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


def test_a_slip_road_leaves_at_a_small_angle_and_never_crosses_tracks() -> None:
    found = 0
    for seed in range(60):
        here = site(seed)
        section = draw_section(here.rng)
        slip = draw_slip_road(here, section, STRAIGHT, 0)
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
        span(here, corridor, [*across, alongside])
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


def test_path_metres_counts_from_the_start() -> None:
    np.testing.assert_allclose(path_metres(STRAIGHT), np.arange(len(STRAIGHT)) * 4.0)
