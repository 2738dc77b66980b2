"""The folder of an augmented set: it appears as a whole, or not at all."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from segrun.errors import OutputError
from segrun_train.augment_set_operations import Layers


def begin(out: Path, *, overwrite: bool) -> Path:
    """Check the target and make a hidden folder inside it that receives the set."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not overwrite and any(out.iterdir()):
            raise OutputError(
                f"the folder is not empty. Received: {out}. Name another one or add --overwrite."
            )
        part = out / f".augment-{secrets.token_hex(4)}.part"
        part.mkdir()
    except OSError as error:
        raise OutputError(
            f"cannot write there. Received: {out} ({error.strerror}). Name a writable folder."
        ) from error
    return part


def finish(part: Path, out: Path) -> None:
    """Put the finished folders in place; those of an earlier run go with the hidden folder."""
    for folder in ("images", "masks"):
        with suppress(FileNotFoundError):
            (out / folder).rename(part / f"old-{folder}")
        (part / folder).rename(out / folder)


def write_layers(part: Path, stem: str, layers: Layers) -> bool:
    """Write one pair and tell whether it needed an alpha band."""
    pixels = layers.pixels[..., ::-1]
    missing = bool((layers.valid == 0).any())
    if missing:
        # What is missing is black, as in the originals, so that a reader that drops alpha sees no invented ground.
        pixels = np.where(layers.valid[..., None] > 0, pixels, np.uint8(0))
        pixels = np.concatenate([pixels, layers.valid[..., None]], axis=2)
    for folder, content in (("images", pixels), ("masks", layers.mask)):
        file = part / folder / f"{stem}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        _, encoded = cv2.imencode(".png", np.ascontiguousarray(content))
        file.write_bytes(encoded.tobytes())
    return missing
