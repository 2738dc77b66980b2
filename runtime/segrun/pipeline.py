"""Decode, infer and write at the same time, in three threads with bounded queues.

The calling thread runs the engine or waits for those that do, so that an interrupt reaches it between two batches. OpenCV,
rasterio and onnxruntime let go of Python's lock while they work.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from segrun.channel import Channel, ChannelClosedError
from segrun.sessions import Session
from segrun.tiles import TileBatch

Job = TypeVar("Job")
BATCHES_WAITING = 4


@dataclass(frozen=True)
class ScoredBatch(Generic[Job]):
    """A batch and its scores, float32 [batch, tile, tile, k]; None where no tile of it was run."""

    batch: TileBatch[Job]
    scores: NDArray[np.float32] | None


def run_pipeline(
    produce: Callable[[Callable[[TileBatch[Job]], None]], None],
    session: Session,
    consume: Callable[[Iterator[ScoredBatch[Job]]], None],
    advanced: Callable[[TileBatch[Job]], None],
    *,
    before: Callable[[], None] | None = None,
    callers: int = 1,
) -> None:
    """Drive batches from ``produce`` through the engine to ``consume``.

    Args:
        produce: runs in its own thread and calls what it is given with each batch.
        session: the engine; runs in the calling thread, or in as many others as there are callers.
        consume: runs in its own thread and takes the scored batches in order.
        advanced: called in the calling thread after each batch.
        before: called there before the first batch, while ``produce`` works on it already.
        callers: how many batches are in the engine's hands at once; see ``SessionOptions.callers``.
    Raises:
        BaseException: the first error of any of the three; the other two have ended by then.
    """
    batches: Channel[TileBatch[Job]] = Channel(BATCHES_WAITING)
    scored: Channel[ScoredBatch[Job]] = Channel(BATCHES_WAITING)
    reader = _Worker(lambda: produce(batches.put), ended=batches.end, failed=batches.abandon)
    writer = _Worker(lambda: consume(iter(scored)), ended=scored.abandon, failed=scored.abandon)
    complete = False
    try:
        if before is not None:
            before()
        with contextlib.closing(_scored(batches, session, callers)) as results:
            for result in results:
                scored.put(result)
                advanced(result.batch)
        complete = reader.error is None
    except ChannelClosedError:
        pass  # the writer has failed; its error is raised below
    finally:
        batches.abandon()
        if complete:
            scored.end()
        else:
            scored.abandon()
        reader.join()
        writer.join()
    for worker in (reader, writer):
        if worker.error is not None:
            raise worker.error


def _scored(
    batches: Iterable[TileBatch[Job]], session: Session, callers: int
) -> Generator[ScoredBatch[Job], None, None]:
    """Score batches, in order."""
    if callers == 1:
        for batch in batches:
            yield ScoredBatch(batch, session.run(batch.pixels) if batch.filled else None)
        return
    from concurrent.futures import Future, ThreadPoolExecutor

    waiting: deque[tuple[TileBatch[Job], Future[NDArray[np.float32]] | None]] = deque()

    def first() -> ScoredBatch[Job]:
        batch, scores = waiting.popleft()
        return ScoredBatch(batch, scores.result() if scores is not None else None)

    pool = ThreadPoolExecutor(callers, "segrun-engine")
    try:
        for batch in batches:
            waiting.append((batch, pool.submit(session.run, batch.pixels) if batch.filled else None))
            # As many wait as run, so that no caller has to wait for this thread.
            while waiting and (len(waiting) >= 2 * callers or waiting[0][1] is None or waiting[0][1].done()):
                yield first()
        while waiting:
            yield first()
    finally:
        pool.shutdown(cancel_futures=True)


class _Worker(threading.Thread):
    """A thread that keeps its error for whoever joins it, and closes its channel when it leaves."""

    def __init__(
        self, work: Callable[[], None], ended: Callable[[], None], failed: Callable[[], None]
    ) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._ended = ended
        self._failed = failed
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Do the work."""
        try:
            self._work()
        except ChannelClosedError:
            self._failed()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that joins
            self.error = error
            self._failed()
        else:
            self._ended()
