"""Folders of drawn pictures and masks, as training reads them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from segrun.atomic import write_bytes
from segrun.errors import OutputError
from segrun.progress import Progress
from segrun_train.synthetic.scene import Scene, Truth, draw_scene

Gsd = float | tuple[float, float]


def write_scene_pairs(
    folder: Path, count: int, seed: int = 0, *, height: int = 256, width: int = 256, gsd_cm: Gsd = 25.0,
    style: str | None = None, stem: str = "scene", overwrite: bool = False, progress: Progress | None = None,
    truth: Truth = "roof",
) -> list[str]:  # fmt: skip
    """Write ``folder/images/scene_00000.png`` and ``folder/masks/scene_00000.png`` and so on.

    Pictures are RGB, masks hold 0 and 255. Each file is whole or absent.

    Args:
        folder: made where it does not exist.
        count: number of pairs.
        seed: with the number of a pair, chooses its scene.
        height: rows of each picture.
        width: columns of each picture.
        gsd_cm: centimetres per pixel, or a range from which each scene draws its own (evenly in the logarithm).
        style: kind of settlement; None draws one for each scene.
        stem: first part of every name.
        overwrite: write into folders that hold files already.
        progress: told after every pair.
        truth: what the masks mark.
    Returns:
        the stems, in order.
    Raises:
        OutputError: the folders hold files already, or cannot be written.
        ValueError: a size, the GSD, the seed or the style is out of range, or the stem is no plain name.
    """
    stems = numbered(stem, count)
    images, masks = make_folders(folder, overwrite=overwrite)
    for index, name in enumerate(stems):
        scene = draw_one(seed, index, (height, width), gsd_cm, style)
        try:
            write_bytes(images / f"{name}.png", _png(scene.pixels[..., ::-1]))
            write_bytes(masks / f"{name}.png", _png(scene.mask(truth)))
        except OSError as error:
            raise OutputError(
                f"cannot write {name}.png. Received: {folder} ({error.strerror}). Make room there."
            ) from error
        if progress is not None:
            progress("scenes", index + 1, count)
    return stems


def numbered(stem: str, count: int) -> list[str]:
    """Return the names of ``count`` pairs.

    Raises:
        ValueError: the stem would lead out of the folders, hide the files, or is empty.
    """
    if not stem.strip() or stem.startswith(".") or any(sign in stem for sign in "/\\\0"):
        raise ValueError(
            f"a stem is a plain name, without / and \\ and not beginning with a dot. Received: {stem!r}."
        )
    return [f"{stem}_{index:05d}" for index in range(count)]


def make_folders(folder: Path, *, overwrite: bool) -> tuple[Path, Path]:
    """Make ``folder/images`` and ``folder/masks``.

    Raises:
        OutputError: one of them holds files already and ``overwrite`` is off, or cannot be made.
    """
    parts = folder / "images", folder / "masks"
    for part in parts:
        try:
            part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make a folder. Received: {part} ({error.strerror}). Name another."
            ) from error
        if not overwrite and any(part.iterdir()):
            raise OutputError(
                f"the folder is not empty. Received: {part}. Name another one or add --overwrite."
            )
    return parts


def draw_one(seed: int, index: int, size: tuple[int, int], gsd_cm: Gsd, style: str | None) -> Scene:
    """Draw scene ``index`` of the series ``seed``; see ``write_scene_pairs``."""
    scene_seed, draw = np.random.SeedSequence([seed, index]).generate_state(2).tolist()
    if isinstance(gsd_cm, tuple):
        low, high = gsd_cm
        gsd_cm = float(low * (high / low) ** (draw / 2**32))
    return draw_scene(scene_seed, *size, gsd_cm, style)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    _, encoded = cv2.imencode(".png", np.ascontiguousarray(pixels))
    return encoded.tobytes()
