"""Road masks: what people call road in a picture, also where something lies or stands on it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from segrun_train.synthetic import STYLES, draw_scene
from segrun_train.synthetic.look import Look, draw_look
from segrun_train.synthetic.render import Renderer
from segrun_train.synthetic.style import pick_style
from segrun_train.synthetic.world import (
    BACKGROUND,
    CAR,
    ROAD,
    ROOF,
    TREE,
    Box,
    Building,
    Ground,
    Patch,
    RoofMaterial,
    Stroke,
    Tree,
    Wing,
    World,
)

LOOK: Look = draw_look(STYLES["suburb"], np.random.default_rng(1))
TAR = Ground((90, 90, 90), (90, 90, 90), class_index=ROAD)


def street(**more: object) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Return classes and road mask of a street over columns 20 to 40 of 60, and what lies on it; 0.5 m pixels."""
    outline = np.array([[-5.0, 10.0], [-5.0, 20.0], [35.0, 20.0], [35.0, 10.0]])
    world = World(patches=[Patch(outline, TAR)], **more)  # type: ignore[arg-type]
    _, classes, roads = Renderer(world, LOOK, 0.5, 0).draw(slice(0, 60), slice(0, 60))
    return classes, roads


def test_the_road_goes_on_under_cars_crowns_and_lines() -> None:
    _, bare = street()
    assert bare[:, 22:38].all()
    assert not bare[:, :18].any()
    assert not bare[:, 42:].any()
    classes, covered = street(
        boxes=[Box(10.0, 15.0, 0.0, 4.5, 1.8, 1.5, (200, 40, 40), "car")],
        trees=[Tree(20.0, 15.0, 4.0, 8.0, (80, 110, 60), 3)],
        strokes=[Stroke(np.array([[0.0, 12.0], [30.0, 12.0]]), 0.15, (230, 230, 230))],
    )
    assert {CAR, TREE} <= set(np.unique(classes))
    np.testing.assert_array_equal(covered, bare)


def test_a_building_over_a_road_ends_it_even_under_a_tree() -> None:
    wing = Wing(0, 0, 4, 4, "flat", 5.0, 0.0)
    plain = RoofMaterial((150, 150, 150), (150, 150, 150))
    house = Building(15.0, 15.0, 0.0, (wing,), plain, (90, 90, 90))
    classes, roads = street(buildings=[house], trees=[Tree(15.0, 15.0, 2.0, 9.0, (80, 110, 60), 3)])
    assert {ROOF, TREE} <= set(np.unique(classes[26:34, 26:34]))
    assert not roads[26:34, 26:34].any()
    assert roads[:10, 22:38].all()


def test_what_is_seen_as_road_is_road_and_little_more() -> None:
    for style in ("suburb", "industrial", "grid", "motorway"):
        scene = draw_scene(4, 220, 220, 50, style)
        roads = scene.roads > 0
        assert 0.05 < roads.mean() < 0.75, style
        assert roads[scene.classes == ROAD].all()
        assert set(np.unique(scene.classes[roads])) <= {ROAD, CAR, TREE}


def test_yards_and_car_parks_are_no_roads() -> None:
    # A trade estate is mostly paved: if yards counted, roads would cover half of it.
    scenes = [draw_scene(seed, 240, 240, 50, "industrial") for seed in range(5)]
    assert np.mean([(scene.roads > 0).mean() for scene in scenes]) < 0.3
    parked = [(scene.classes == CAR) & (scene.roads == 0) for scene in scenes]
    assert np.mean([spot.sum() for spot in parked]) > 200


def test_a_dirt_street_is_a_road() -> None:
    scenes = [draw_scene(seed, 200, 200, 40, "informal") for seed in range(4)]
    assert min(float((scene.roads > 0).mean()) for scene in scenes) > 0.03


def test_a_bridge_keeps_the_sun_off_and_the_road_on() -> None:
    shade = np.array([[10.0, 0.0], [10.0, 30.0], [16.0, 30.0], [16.0, 0.0]])
    _, lit = street()
    classes, shaded = street(shades=[shade])
    np.testing.assert_array_equal(shaded, lit)
    assert set(np.unique(classes)) == {BACKGROUND, ROAD}
    world = World(patches=[], shades=[shade])
    pixels, *_ = Renderer(world, LOOK, 0.5, 0).draw(slice(0, 60), slice(0, 60))
    assert pixels[22:30].mean() < 0.8 * pixels[36:].mean()


def test_no_style_of_roads_is_drawn_unasked() -> None:
    rng = np.random.default_rng(0)
    assert {pick_style(None, rng).name for _ in range(300)} == set(STYLES) - {"grid", "motorway"}
    assert math.isclose(sum(style.weight for style in STYLES.values()), 1.15)
