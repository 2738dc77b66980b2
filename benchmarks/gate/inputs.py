"""What both sides of the gate work on: drawn once, from seeds alone, and read by every process."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

TILES, TILE = 42, 256
PICTURE_PX = 512


@dataclass(frozen=True)
class Inputs:
    """A folder of drawn inputs.

    Args:
        folder: where they lie.
    """

    folder: Path

    @property
    def scores(self) -> npt.NDArray[np.float32]:
        """Scores of tiles, float32 [42, 256, 256, 1] in [0, 1]."""
        return np.asarray(np.load(self.folder / "scores.npy"), np.float32)

    @property
    def picture(self) -> npt.NDArray[np.uint8]:
        """A drawn picture, uint8 [512, 512, 3]."""
        return np.asarray(np.load(self.folder / "picture.npy"), np.uint8)

    @property
    def pictures(self) -> Path:
        """A folder of pictures to predict: one PNG of 256 pixels."""
        return self.folder / "pictures"

    @property
    def model(self) -> Path:
        """The model of both sides; a copy, so that a change of the bundled one does not look like one of speed."""
        return self.folder / "roofs.onnx"


@contextlib.contextmanager
def drawn_inputs() -> Iterator[Inputs]:
    """Draw every input into a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="segrun-gate-") as folder:
        yield draw_inputs(Path(folder))


def draw_inputs(folder: Path) -> Inputs:
    """Draw every input into an empty folder."""
    import cv2

    from segrun.models import find_model
    from segrun_train.synthetic import draw_scene

    rng = np.random.default_rng(0)
    np.save(folder / "scores.npy", rng.random((TILES, TILE, TILE, 1), np.float32))
    picture = draw_scene(1, PICTURE_PX, PICTURE_PX).pixels
    np.save(folder / "picture.npy", picture)
    (folder / "pictures").mkdir()
    cv2.imwrite(str(folder / "pictures/scene.png"), picture[:TILE, :TILE, ::-1])
    (folder / "roofs.onnx").write_bytes(find_model("roofs").read_bytes())
    return Inputs(folder)
