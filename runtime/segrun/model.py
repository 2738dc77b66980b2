"""The library face: a model that turns frames in memory into masks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.effort import Deadline, Effort, Pace, efforts
from segrun.errors import EngineError
from segrun.frame_scores import FrameScores, enlarged, halved
from segrun.grid import Blend
from segrun.last_masks import LastMasks
from segrun.model_info import ModelInfo
from segrun.prediction import Prediction, TileScores
from segrun.sessions import Session
from segrun.sessions.symmetric import SymmetricSession
from segrun.threshold import mask_from_scores
from segrun.tiles import Cutter, TileBatch, batches

__all__ = ["Model", "Prediction"]


class Model:
    """A loaded model; use it as a context manager or call ``close``. Safe from several threads, which take turns.

    Args:
        session: the engine; the model owns it from now on.
        content_sha256: of the model file, for ``info``.
    """

    def __init__(self, session: Session, content_sha256: str = "") -> None:
        self._session: Session | None = session
        self._turn = threading.Lock()
        self._pace = Pace()
        self._last = LastMasks()
        self._info = ModelInfo(
            session.card, session.engine, session.reason, session.threads, session.batch, content_sha256
        )

    @property
    def info(self) -> ModelInfo:
        """What was loaded, and what it runs on."""
        return self._info

    @property
    def card(self) -> ModelCard:
        """What the model says of itself."""
        return self._info.card

    @property
    def engine(self) -> str:
        """The engine that runs."""
        return self._info.engine

    def warm_up(self) -> None:
        """Run a batch of zeros twice: the first frame is then as fast as the next, and the pace is known.

        Raises:
            EngineError: the engine failed, or the model is closed.
        """
        shape = (self._info.batch, self.card.tile, self.card.tile, len(self.card.bands))
        with self._turn:
            session = self._open()
            session.run(np.zeros(shape, np.uint8))
            started = time.perf_counter()
            session.run(np.zeros(shape, np.uint8))
            self._pace.note(1, time.perf_counter() - started)

    def predict(
        self,
        frame: NDArray[np.uint8],
        *,
        overlap: int | None = None,
        blend: Blend = "hann",
        thresholds: tuple[float, ...] | None = None,
        symmetries: bool = False,
        budget_ms: float | None = None,
        stream: str = "",
    ) -> Prediction:
        """Segment one frame of any size.

        With ``budget_ms`` work is given up in this order until the rest fits: the symmetries, overlap that costs tiles, half
        the resolution, and at last the frame itself: the last mask of the stream comes back with its age. ``gave_up`` says
        so. A frame without a predecessor of its size is done at the least effort, late if need be. A call of the engine that
        has begun is not broken off.

        Args:
            frame: uint8 [h, w, bands], RGB order (other bands as the card lists).
            overlap: of neighbouring tiles, pixels; None takes the card's, at most a quarter of the tile.
            blend: how overlapping scores are weighed.
            thresholds: one for each class in place of the card's.
            symmetries: whether to take the mean over the eight flips and turns of each tile: eight times the work.
            budget_ms: time from the call to the result, waiting for other threads included; None takes what it takes.
            stream: whose last mask may stand in: name each camera where several share the model.
        Raises:
            ValueError: the frame has another dtype, shape or number of bands, or an option makes no sense.
            EngineError: the engine failed, gave numbers that are not finite, or the model is closed.
            ModelError: a foreign model gives no scores in [0, 1].
        """
        deadline = Deadline(budget_ms)
        self._check(frame, thresholds)
        height, width = frame.shape[:2]
        ladder = efforts(
            height,
            width,
            tile=self.card.tile,
            overlap=self._overlap(overlap),
            symmetries=symmetries,
            batch=self._info.batch,
        )
        stand_in = self._last.of(stream, (height, width))
        may_wait_s = -1.0 if stand_in is None else deadline.wait_s
        scored = None
        if self._turn.acquire(timeout=may_wait_s):
            try:
                scored = self._first_in_time(frame, ladder, blend, deadline, must_finish=stand_in is None)
            finally:
                self._turn.release()
        if scored is None:
            assert stand_in is not None
            return stand_in.again(deadline)
        effort, scores = scored
        mask = mask_from_scores(scores, thresholds or self.card.thresholds, self.card.activation)
        spent_ms = 1000 * deadline.spent_s
        found = Prediction(mask, scores, effort.gave_up, spent_ms, spent_ms, budget_ms)
        if budget_ms is not None:
            self._last.keep(stream, deadline.started, found)
        return found

    def _first_in_time(
        self,
        frame: NDArray[np.uint8],
        ladder: tuple[Effort, ...],
        blend: Blend,
        deadline: Deadline,
        *,
        must_finish: bool,
    ) -> tuple[Effort, NDArray[np.float32]] | None:
        """Go down the ladder until an effort fits; None where none does and an older mask can stand in."""
        for effort in ladder:
            free = must_finish and effort is ladder[-1]
            if free or deadline.allows(self._pace.expected_s(effort.calls)):
                scores = self._scores(frame, effort, blend, None if free else deadline)
                if scores is not None:
                    return effort, scores
        self._pace.ease()
        return None

    def _scores(
        self, frame: NDArray[np.uint8], effort: Effort, blend: Blend, deadline: Deadline | None
    ) -> NDArray[np.float32] | None:
        """Run one frame; None where the engine turns out too slow for the deadline."""
        session = self._open()
        started = time.perf_counter()
        runner = SymmetricSession(session) if effort.symmetries else session
        job = FrameScores(halved(frame) if effort.halved else frame, self.card, effort.overlap, blend)
        left = effort.calls
        calls_each = max(1, left // -(-job.panels[0].count // session.batch))
        for batch in batches(job, job.panels, session.batch, len(self.card.bands), job.frame):
            if deadline is not None and not deadline.allows(self._pace.expected_s(left)):
                if left < effort.calls:
                    self._pace.note(effort.calls - left, time.perf_counter() - started)
                return None
            tiles = runner.run(batch.pixels)
            for position in range(batch.filled):
                job.add(tiles[position])
            left -= calls_each
        scores = enlarged(job.scores, *frame.shape[:2]) if effort.halved else job.scores
        self._pace.note(effort.calls, time.perf_counter() - started)
        self._refuse_nan(scores)
        return scores

    def predict_many(
        self,
        frames: Iterable[NDArray[np.uint8]],
        *,
        overlap: int | None = None,
        blend: Blend = "hann",
        thresholds: tuple[float, ...] | None = None,
        symmetries: bool = False,
    ) -> Iterator[Prediction]:
        """Segment frames one after the other, for throughput: tiles of several frames share a batch.

        A mask comes as soon as the batch with its last tile has run, in the order of the frames. No more
        frames are held than fill a batch. The arguments are those of ``predict``.

        Raises:
            ValueError: a frame has another dtype, shape or number of bands, or an option makes no sense.
            EngineError: the engine failed, gave numbers that are not finite, or the model is closed.
            ModelError: a foreign model gives no scores in [0, 1].
        """
        card, bands = self.card, len(self.card.bands)
        ready: list[TileBatch[FrameScores]] = []
        cutter: Cutter[FrameScores] = Cutter(self._info.batch, card.tile, bands, ready.append)
        waiting: deque[tuple[FrameScores, float]] = deque()

        def finished() -> Iterator[Prediction]:
            for batch in ready:
                self._run_shared(batch, symmetries=symmetries)
            ready.clear()
            while waiting and waiting[0][0].finished:
                job, started = waiting.popleft()
                self._refuse_nan(job.scores)
                mask = mask_from_scores(job.scores, thresholds or card.thresholds, card.activation)
                spent_ms = 1000 * (time.perf_counter() - started)
                yield Prediction(mask, job.scores, age_ms=spent_ms, latency_ms=spent_ms)

        for frame in frames:
            self._check(frame, thresholds)
            job = FrameScores(frame, card, self._overlap(overlap), blend)
            waiting.append((job, time.perf_counter()))
            for tile_row in range(len(job.panels[0].grid.rows.starts)):
                cutter.cut_row(job, job.panels[0], tile_row, job.frame)
                yield from finished()
        cutter.flush()
        yield from finished()

    def _run_shared(self, batch: TileBatch[FrameScores], *, symmetries: bool) -> None:
        with self._turn:
            session = self._open()
            tiles = (SymmetricSession(session) if symmetries else session).run(batch.pixels)
        for slot in batch.slots:
            if slot.position is not None:
                slot.job.add(tiles[slot.position])

    def tiles(self, frame: NDArray[np.uint8], *, overlap: int | None = None) -> Iterator[TileScores]:
        """Score a frame tile by tile, in row-major order, without blending: for callers that do that themselves.

        Raises:
            ValueError: the frame has another dtype, shape or number of bands, or the overlap makes no sense.
            EngineError: the engine failed, or the model is closed.
        """
        self._check(frame, None)
        job = FrameScores(frame, self.card, self._overlap(overlap), "crop")
        panel = job.panels[0]
        boxes = (box for tile_row in range(len(panel.grid.rows.starts)) for box in panel.boxes(tile_row))
        for batch in batches(job, job.panels, self._info.batch, len(self.card.bands), job.frame):
            with self._turn:
                scores = self._open().run(batch.pixels)
            for position in range(batch.filled):
                box = next(boxes)
                yield TileScores(box, scores[position, : box.height, : box.width])

    def _overlap(self, overlap: int | None) -> int:
        return self.card.auto_overlap_px if overlap is None else overlap

    def _check(self, frame: NDArray[np.uint8], thresholds: tuple[float, ...] | None) -> None:
        bands, classes = len(self.card.bands), len(self.card.classes)
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != bands or 0 in frame.shape:
            raise ValueError(
                f"frame must be uint8 [h, w, {bands}]. Received: {frame.dtype} {list(frame.shape)}."
            )
        if thresholds is not None and not all(0 <= value <= 1 for value in thresholds):
            raise ValueError(f"thresholds must lie in [0, 1]. Received: {thresholds}.")
        if thresholds is not None and len(thresholds) != classes:
            raise ValueError(f"thresholds must be one for each of {classes} classes. Received: {thresholds}.")

    def _refuse_nan(self, scores: NDArray[np.float32]) -> None:
        if not np.isfinite(scores.sum()):
            raise EngineError(
                f"engine {self.engine} gave scores that are not finite. Run segrun verify on the model."
            )

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
