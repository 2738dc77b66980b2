"""Drawn scenes: the same arguments give the same pixels, masks fit the picture, any size and any GSD works."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun_train.synthetic import CLASS_NAMES, STYLES, draw_scene
from segrun_train.synthetic.look import draw_look
from segrun_train.synthetic.plan import plan_world
from segrun_train.synthetic.world import ROOF


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    gsd_cm=st.floats(4, 100),
    style=st.sampled_from([None, *STYLES]),
)
@settings(max_examples=15, deadline=None)
def test_any_size_and_gsd_gives_a_whole_scene(
    seed: int, height: int, width: int, gsd_cm: float, style: str | None
) -> None:
    scene = draw_scene(seed, height, width, gsd_cm, style)
    assert scene.pixels.shape == (height, width, 3)
    assert scene.pixels.dtype == scene.roofs.dtype == scene.roads.dtype == scene.classes.dtype == np.uint8
    assert scene.roofs.shape == scene.roads.shape == scene.classes.shape == (height, width)
    assert set(np.unique([scene.roofs, scene.roads])) <= {0, 255}
    assert not (scene.roofs & scene.roads).any()
    assert scene.classes.max() < len(CLASS_NAMES)
    np.testing.assert_array_equal(scene.roofs == 255, scene.classes == ROOF)
    assert scene.style in STYLES


def test_same_seed_same_scene_and_other_seed_another() -> None:
    first, again, other = draw_scene(3, 96, 128), draw_scene(3, 96, 128), draw_scene(4, 96, 128)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.classes, again.classes)
    assert (first.pixels != other.pixels).mean() > 0.5


@pytest.mark.parametrize(
    ("seed", "gsd_cm", "style"),
    [(0, 25, None), (4, 25, None), (5, 25, None), (1, 50, "motorway"), (45, 50, "motorway"), (21, 20, "motorway"),
     (3, 50, "grid")],
)  # fmt: skip
def test_a_scene_painted_in_chunks_is_the_same_scene(seed: int, gsd_cm: float, style: str | None) -> None:
    whole = draw_scene(seed, 200, 260, gsd_cm, style)
    pieces = draw_scene(seed, 200, 260, gsd_cm, style, chunk_px=96)
    assert (whole.classes != pieces.classes).mean() < 1e-3
    assert (whole.roads != pieces.roads).mean() < 1e-3
    difference = np.abs(whole.pixels.astype(np.int16) - pieces.pixels)
    assert (difference > 12).mean() < 1e-3


@pytest.mark.parametrize(
    ("style", "digest"), [("suburb", "e38e25d71bbbbcb6"), ("industrial", "2443d29578b97113")]
)
def test_a_seed_plans_today_what_it_planned_when_models_were_trained(style: str, digest: str) -> None:
    rng = np.random.default_rng(5)
    world = plan_world(70.0, 60.0, STYLES[style], draw_look(STYLES[style], rng), 5)
    numbers = np.concatenate([
        *(patch.polygon.ravel() for patch in world.patches),
        *(stroke.path.ravel() for stroke in world.strokes),
        *(hedge.path.ravel() for hedge in world.hedges),
        np.ravel([(tree.row, tree.col, tree.radius_m) for tree in world.trees]),
        np.ravel([(box.row, box.col, box.angle) for box in world.boxes]),
        np.ravel([(house.row, house.col, house.angle, house.ridge_m) for house in world.buildings]),
    ])  # fmt: skip
    # The plan is made of arithmetic alone; pixels are a matter of OpenCV's version, too.
    found = hashlib.sha256(np.round(numbers * 1000).astype("<i8").tobytes()).hexdigest()
    assert found[:16] == digest


def test_roofs_cover_a_believable_share_and_styles_differ() -> None:
    share = {
        style: float(np.mean([(draw_scene(seed, 192, 192, 30, style).roofs > 0).mean() for seed in range(6)]))
        for style in STYLES
        if not STYLES[style].motorway
    }
    assert all(0.08 < value < 0.5 for value in share.values()), share
    assert share["town"] > share["village"] + 0.05, share


def test_pictures_have_shadows_texture_and_colour() -> None:
    pixels = draw_scene(11, 256, 256, 25, "suburb").pixels.astype(np.float32)
    grey = pixels.mean(axis=2)
    assert grey.std() > 20
    assert np.percentile(grey, 1) < 70
    assert np.percentile(grey, 99) > 150
    assert (pixels.max(axis=2) - pixels.min(axis=2)).mean() > 8


def test_roof_edges_in_the_mask_lie_on_edges_of_the_picture() -> None:
    scene = draw_scene(2, 256, 256, 20, "suburb")
    grey = scene.pixels.mean(axis=2)
    slope = np.hypot(*np.gradient(grey))
    mask = scene.roofs > 0
    edge = mask ^ (np.roll(mask, 1, 0) & np.roll(mask, 1, 1) & mask)
    assert slope[edge].mean() > 1.5 * slope[~edge].mean()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 0, 10), "height=0"),
        ((0, 10, 10, 2.0), "2.0"),
        ((-1, 10, 10), "seed=-1"),
        ((0, 10, 10, 25.0, "castle"), "castle"),
    ],
)
def test_wrong_arguments_name_what_was_received(arguments: tuple[int, int, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw_scene(*arguments)


def test_importing_and_drawing_needs_only_numpy_and_opencv() -> None:
    blocked = ("tensorflow", "keras", "rasterio", "Augmentor", "PIL", "matplotlib", "onnxruntime")
    code = (
        f"import sys\nfor name in {blocked!r}: sys.modules[name] = None\n"
        "from segrun_train.synthetic import draw_scene\nprint(draw_scene(1, 40, 40).pixels.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(40, 40, 3)"
