"""The library face: a model that turns frames in memory into masks."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segrun.boxes import Box
from segrun.card import ModelCard
from segrun.errors import EngineError
from segrun.face import FaceHints
from segrun.grid import Blend, Grid
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.pictures import Picture
from segrun.sessions import Session, SessionOptions, open_session
from segrun.stitch import Stitcher
from segrun.threshold import mask_from_scores
from segrun.tiles import batches


@dataclass(frozen=True)
class Prediction:
    """What a model says about one frame.

    Args:
        mask: uint8 [h, w] class indices.
        scores: float32 [h, w, k] in [0, 1].
    """

    mask: NDArray[np.uint8]
    scores: NDArray[np.float32]


class ArrayFrame:
    """A frame that is in memory already.

    Args:
        pixels: uint8 [h, w, bands], RGB order.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels

    def read(self, box: Box) -> Picture:
        """Return the pixels of a box, not copied."""
        return Picture(self._pixels[box.slices])

    def is_empty(self, box: Box) -> bool:  # noqa: ARG002 - every pixel of an array is valid
        """Return False."""
        return False


class Model:
    """A loaded model; use it as a context manager or call ``close``. Safe from several threads, which take turns.

    Args:
        session: the engine; the model owns it from now on.
    """

    def __init__(self, session: Session) -> None:
        self._session: Session | None = session
        self._turn = threading.Lock()
        self._card = session.card
        self._engine = session.engine

    @property
    def card(self) -> ModelCard:
        """What the model says of itself."""
        return self._card

    @property
    def engine(self) -> str:
        """The engine that runs."""
        return self._engine

    def warm_up(self) -> None:
        """Run one batch of zeros, so that the first frame is as fast as the next."""
        with self._turn:
            session = self._open()
            session.run(
                np.zeros((session.batch, self._card.tile, self._card.tile, len(self._card.bands)), np.uint8)
            )

    def predict(
        self,
        frame: NDArray[np.uint8],
        *,
        overlap: int | None = None,
        blend: Blend = "hann",
        thresholds: tuple[float, ...] | None = None,
    ) -> Prediction:
        """Segment one frame of any size.

        Args:
            frame: uint8 [h, w, bands], RGB order (other bands as the card lists).
            overlap: of neighbouring tiles, pixels; None takes the card's.
            blend: how overlapping scores are weighed.
            thresholds: one for each class in place of the card's.
        Raises:
            ValueError: the frame has another dtype, shape or number of bands.
            EngineError: the engine failed, gave numbers that are not finite, or the model is closed.
        """
        card = self._card
        bands = len(card.bands)
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != bands or 0 in frame.shape:
            raise ValueError(
                f"frame must be uint8 [h, w, {bands}]. Received: {frame.dtype} {list(frame.shape)}."
            )
        height, width = frame.shape[:2]
        grid = Grid(height, width, card.tile, card.overlap_px if overlap is None else overlap)
        panels = grid.panels(max(width, card.tile))
        stitcher = Stitcher(panels[0], len(card.classes), blend)
        scores = np.empty((height, width, len(card.classes)), np.float32)
        with self._turn:
            session = self._open()
            for batch in batches(None, panels, session.batch, bands, ArrayFrame(frame)):
                tiles = session.run(batch.pixels)
                for position in range(batch.filled):
                    strip = stitcher.add(tiles[position], None)
                    if strip is not None:
                        scores[strip.row : strip.row + len(strip.scores)] = strip.scores
        if not np.isfinite(scores.sum()):
            raise EngineError(
                f"engine {self._engine} gave scores that are not finite. Run segrun verify on the model."
            )
        return Prediction(mask_from_scores(scores, thresholds or card.thresholds, card.activation), scores)

    def _open(self) -> Session:
        if self._session is None:
            raise EngineError("the model is closed. Load it again.")
        return self._session

    def close(self) -> None:
        """Free the engine; harmless when repeated."""
        with self._turn:
            if self._session is not None:
                self._session.close()
                self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def load(
    model: str | Path,
    *,
    engine: str = "auto",
    threads: int | None = None,
    batch: int = 1,
    hints: FaceHints | None = None,
) -> Model:
    """Load a model, check the file's own hash and warm it up.

    Args:
        model: path of an ``.onnx`` or ``.tflite`` file, or the name of a bundled model.
        engine: ``auto``, ``cpu``, ``openvino``, ``cuda``, ``tensorrt`` or ``litert``.
        threads: of the engine; None takes every processor this process may use.
        batch: tiles in one call of the engine.
        hints: what a foreign model does not say of itself.
    Raises:
        ModelError: no such model, or a damaged, changed or unusable file.
        EngineError: the engine is not here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
        ValueError: an engine that does not exist, or a count below 1.
    """
    options = SessionOptions(engine, threads, batch, spinning=False, hints=hints or FaceHints())
    file = ModelFile.read(find_model(model))
    file.verify_content()
    loaded = Model(open_session(file, options))
    loaded.warm_up()
    return loaded
