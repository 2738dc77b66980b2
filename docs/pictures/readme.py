"""Draw the README's picture: a scene, the mask that the bundled model finds, and the mask over the scene."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

import segrun
from segrun.overlay import overlay
from segrun_train.synthetic import draw_scene

SIDE_PX, GAP_PX, SEED = 480, 12, 21

scene = draw_scene(SEED, SIDE_PX, SIDE_PX, 20.0, "suburb")
with segrun.load("roofs", engine="cpu") as model:
    mask = model.predict(scene.pixels).mask
grey = np.repeat((mask * 255)[..., None], 3, axis=2)
gap = np.full((SIDE_PX, GAP_PX, 3), 255, np.uint8)
row = np.hstack([scene.pixels, gap, grey, gap, overlay(scene.pixels, mask)])
target = Path(__file__).with_name("readme.png")
cv2.imwrite(str(target), row[..., ::-1])
print(
    f"{target}: roofs cover {100 * mask.mean():.1f} % of the scene, truth {100 * (scene.roofs > 0).mean():.1f} %"
)
