"""How long the calls of a session take, and the energy that they take where the machine tells it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segrun.energy import EnergyMeter
from segrun.sessions import Session

LEAST_CALLS = 5


@dataclass(frozen=True)
class Timing:
    """What a row of equal calls took.

    Args:
        calls: how many.
        batch: tiles in a call.
        tile: side of a tile, pixels.
        seconds: all calls together; from the first to the last where they went through a pipeline.
        p50_ms: half of the calls took no longer.
        p95_ms: 95 % of the calls took no longer.
        p99_ms: 99 % of the calls took no longer; the longest one where there are fewer than a hundred.
        joules: what each meter of the machine counted meanwhile, by its name; empty where none can be read.
        callers: how many calls went side by side; those above are of single calls among the others.
        ms_between_ends: from the end of a call to the end of the next, whoever made it; None where bare calls followed one
            another.
    """

    calls: int
    batch: int
    tile: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    joules: dict[str, float] = field(default_factory=dict)
    callers: int = 1
    ms_between_ends: float | None = None

    @property
    def ms_per_tile(self) -> float:
        """Of the median call, or stretch of calls."""
        return (self.p50_ms if self.ms_between_ends is None else self.ms_between_ends) / self.batch

    @property
    def tiles_per_s(self) -> float:
        """Over all calls, slow ones too."""
        return self.calls * self.batch / self.seconds

    @property
    def mpx_per_s(self) -> float:
        """Megapixels in a second, over all calls."""
        return self.tiles_per_s * self.tile**2 / 1e6

    @property
    def joules_per_tile(self) -> float | None:
        """Of all meters together; None where there is none."""
        return sum(self.joules.values()) / (self.calls * self.batch) if self.joules else None


def timed(session: Session, tiles: npt.NDArray[np.uint8], seconds: float) -> Timing:
    """Call a session again and again; the first call does not count.

    Args:
        session: to call.
        tiles: uint8 [m, tile, tile, bands], m >= 1; taken in turn, round and round.
        seconds: how long; at least ``LEAST_CALLS`` calls.
    Raises:
        EngineError: the engine failed.
    """
    batches = whole_batches(tiles, session.batch)
    session.run(batches[0])
    took: list[float] = []
    with EnergyMeter.of(session.engine) as meter:
        until = time.perf_counter() + seconds
        while len(took) < LEAST_CALLS or time.perf_counter() < until:
            pixels = batches[len(took) % len(batches)]
            started = time.perf_counter()
            session.run(pixels)
            took.append(time.perf_counter() - started)
    p50, p95, p99 = percentiles_ms(took)
    return Timing(
        calls=len(took),
        batch=session.batch,
        tile=int(tiles.shape[1]),
        seconds=sum(took),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        joules=meter.joules,
    )


def percentiles_ms(took: Sequence[float]) -> tuple[float, float, float]:
    """Return what 50, 95 and 99 % of the calls took at most, milliseconds.

    Args:
        took: of each call, seconds.
    """
    # A percentile is one of the calls, never a mean of two.
    p50, p95, p99 = (1000 * float(np.percentile(took, share, method="higher")) for share in (50, 95, 99))
    return p50, p95, p99


def whole_batches(tiles: npt.NDArray[np.uint8], batch: int) -> list[npt.NDArray[np.uint8]]:
    """Return whole batches in which every tile stands at least once."""
    count = -(-len(tiles) // batch)
    filled = np.resize(tiles, (count * batch, *tiles.shape[1:]))
    return [np.ascontiguousarray(filled[first : first + batch]) for first in range(0, len(filled), batch)]
