"""Small drawn pictures with masks for tests of training: bright blocks on dark ground."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def draw_pairs(folder: Path, count: int, *, side: int = 48, alpha: bool = False) -> tuple[Path, Path]:
    """Write ``count`` pictures and masks and return their folders."""
    images, masks = folder / "images", folder / "masks"
    images.mkdir(parents=True, exist_ok=True)
    masks.mkdir(exist_ok=True)
    rng = np.random.default_rng(count)
    for index in range(count):
        picture = rng.integers(30, 70, (side, side + 4, 3), np.uint8)
        mask = np.zeros((side, side + 4), np.uint8)
        for row, col in rng.integers(0, side - 12, (3, 2)):
            mask[row : row + 12, col : col + 16] = 255
        picture[mask > 0] += 120
        if alpha:
            opaque = np.full((*mask.shape, 1), 255, np.uint8)
            opaque[:8] = 0
            picture = np.concatenate([picture, opaque], -1)
        cv2.imwrite(str(images / f"p{index}.png"), picture)
        cv2.imwrite(str(masks / f"p{index}.png"), mask)
    return images, masks
