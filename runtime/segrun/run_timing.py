"""How long a session takes as ``predict`` runs it: through the same pipeline, with as many calls in hand at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from segrun.energy import EnergyMeter
from segrun.pipeline import ScoredBatch, run_pipeline
from segrun.predict_session import run_nothing
from segrun.sessions import Session
from segrun.sessions.around import SessionAround
from segrun.tiles import TileBatch
from segrun.timing import LEAST_CALLS, Timing, percentiles_ms, whole_batches


class ClockedSession(SessionAround):
    """A ``Session`` that notes when each call of another one began and ended.

    Args:
        session: does the work.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.calls: list[tuple[float, float]] = []

    def run(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        began = time.perf_counter()
        scores = self._session.run(pixels)
        self.calls.append((began, time.perf_counter()))
        return scores


def timed_run(session: Session, tiles: npt.NDArray[np.uint8], seconds: float, callers: int) -> Timing:
    """Drive tiles through a session as ``predict`` does, decoding and writing left out; the first calls do not count.

    Args:
        session: to call.
        tiles: uint8 [m, tile, tile, bands], m >= 1; taken in turn, round and round.
        seconds: how long; at least ``LEAST_CALLS`` calls for each caller. Calls that wait by then are made, and count.
        callers: how many calls go side by side.
    Raises:
        EngineError: the engine failed.
    """
    batches = whole_batches(tiles, session.batch)
    run_nothing(session, callers)
    clocked = ClockedSession(session)

    def produce(emit: Callable[[TileBatch[None]], None]) -> None:
        until = time.perf_counter() + seconds
        sent = 0
        while sent < LEAST_CALLS * callers or time.perf_counter() < until:
            emit(TileBatch(batches[sent % len(batches)], session.batch))
            sent += 1

    def consume(scored: Iterator[ScoredBatch[None]]) -> None:
        for _ in scored:
            pass

    with EnergyMeter.of(session.engine) as meter:
        run_pipeline(produce, clocked, consume, lambda _: None, callers=callers)
    took = [ended - began for began, ended in clocked.calls]
    ends = sorted(ended for _, ended in clocked.calls)
    p50, p95, p99 = percentiles_ms(took)
    return Timing(
        calls=len(took),
        batch=session.batch,
        tile=int(tiles.shape[1]),
        seconds=ends[-1] - min(began for began, _ in clocked.calls),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        joules=meter.joules,
        callers=callers,
        ms_between_ends=ms_between_ends(ends, callers),
    )


def ms_between_ends(ends: list[float], callers: int) -> float:
    """Return the time from one call's end to the next one's, in the median stretch of a few calls of every caller.

    Args:
        ends: when calls ended, in order; as many at least as ``LEAST_CALLS`` for each caller.
        callers: how many went side by side.
    """
    # When the last ones run, callers stand idle already.
    busy = np.asarray(ends[: len(ends) - callers + 1])
    stretch = (LEAST_CALLS - 1) * callers
    return 1000 * float(np.median(busy[stretch:] - busy[:-stretch])) / stretch
