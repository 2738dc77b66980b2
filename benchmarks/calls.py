"""How many calls of its engine `segrun predict` has in hand at once, and with how many threads each, in words.

    python -m benchmarks.calls MODEL ENGINE THREADS SOURCE

for a process that must stay small: what is imported here is large.
"""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def callers(model: Path, *, engine: str, threads: int, batch: int = 1, source: Path | None = None) -> int:
    """Return how many calls go side by side, as predict itself decides (decision 15).

    Args:
        model: a file of the contract.
        engine: by its name.
        threads: of the engine.
        batch: tiles in a call.
        source: what predict gets; None is any orthophoto.
    """
    from segrun.model_file import ModelFile
    from segrun.predict_options import PredictOptions
    from segrun.predict_session import side_by_side
    from segrun.sessions import SessionOptions
    from segrun.sources import Planned, plan

    ortho = Planned(PurePosixPath("ortho"), Path("ortho.tif"), "raster")
    options = PredictOptions(session=SessionOptions(engine, threads, batch))
    planned = [ortho] if source is None else plan([source])
    return side_by_side(planned, ModelFile.read(model), options)


def in_words(calls: int, threads: int) -> str:
    """Say who computes: "two one-thread calls", "one two-thread call", or "four calls with five threads".

    Args:
        calls: side by side.
        threads: of all of them.
    """
    # Threads beyond the callers' own belong to none of them: decision 15.
    if calls not in (1, threads):
        return f"{_number(calls)} calls with {_number(threads)} threads"
    return f"{_number(calls)} {_number(threads // calls)}-thread call{'s' * (calls > 1)}"


def _number(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else str(value)


if __name__ == "__main__":
    print(callers(Path(sys.argv[1]), engine=sys.argv[2], threads=int(sys.argv[3]), source=Path(sys.argv[4])))
