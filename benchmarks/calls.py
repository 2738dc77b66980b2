"""How many calls of its engine `segrun predict` has in hand at once, and with how many threads each, in words."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from segrun.model_file import ModelFile
from segrun.predict_options import PredictOptions
from segrun.predict_session import side_by_side
from segrun.sessions import SessionOptions
from segrun.sources import Planned

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def callers(model: Path, *, engine: str, threads: int, batch: int = 1) -> int:
    """Return how many calls go side by side for an orthophoto, as predict itself decides (decision 15).

    Args:
        model: a file of the contract.
        engine: by its name.
        threads: of the engine.
        batch: tiles in a call.
    """
    ortho = Planned(PurePosixPath("ortho"), Path("ortho.tif"), "raster")
    options = PredictOptions(session=SessionOptions(engine, threads, batch))
    return side_by_side([ortho], ModelFile.read(model), options)


def in_words(calls: int, threads: int) -> str:
    """Say how threads are shared out: "two one-thread calls", or "one two-thread call".

    Args:
        calls: side by side.
        threads: of all of them.
    """
    return f"{_number(calls)} {_number(threads // calls)}-thread call{'s' * (calls > 1)}"


def _number(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else str(value)
