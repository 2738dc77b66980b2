"""One contestant of ``segrun tune``: a file on an engine with so many threads and tiles in a call, in a process of its own.

python -m segrun.candidate '{"path": "unet.onnx", "engine": "cpu", "threads": 2, "batch": 1, "callers": 2,
                             "seconds": 1.0, "tiles": null}'
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segrun.card import ModelCard
from segrun.errors import EngineError, MissingExtraError, SegrunError
from segrun.face import FaceHints
from segrun.golden import GoldenTiles
from segrun.memory import peak_mib
from segrun.model_file import ModelFile
from segrun.predict_options import PredictOptions
from segrun.predict_session import open_for_predict
from segrun.replay import compared
from segrun.run_timing import timed_run
from segrun.sessions import Session, SessionOptions
from segrun.timing import Timing, timed

Status = Literal["passed", "unproven", "failed", "absent"]
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Candidate:
    """A way to run a model.

    Args:
        path: of the model file.
        engine: by its name.
        threads: of the engine.
        batch: tiles in one call.
        hints: what a foreign model does not say of itself.
        callers: how many calls ``predict`` would have in hand at once, and then it is timed through predict's pipeline; None
            times bare calls, one after the other.
    """

    path: str
    engine: str
    threads: int
    batch: int
    hints: FaceHints = field(default_factory=FaceHints)
    callers: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a candidate.

    Args:
        candidate: that ran.
        status: ``passed``: the golden tiles came out as Keras's; ``unproven``: the file has none; ``failed``;
            ``absent``: the engine is not here.
        reason: why it failed or is absent.
        ms_per_tile: median; None where it was not timed.
        peak_mib: memory of its process.
        timing: how long all calls took; None where it was not timed.
    """

    candidate: Candidate
    status: Status
    reason: str = ""
    ms_per_tile: float | None = None
    peak_mib: float | None = None
    timing: Timing | None = None

    @property
    def note(self) -> str:
        """What to say beside its figures: nothing where it passed."""
        return "" if self.status == "passed" else f"{self.status}: {self.reason}".rstrip(": ")


def race(candidate: Candidate, seconds: float, tiles: Path | None = None) -> Outcome:
    """Run a candidate in a process of its own, so that no engine's threads or memory meet another's.

    Args:
        candidate: to run.
        seconds: how long to time it, at least ``segrun.timing.LEAST_CALLS`` calls for each caller.
        tiles: an .npy file of uint8 [m, tile, tile, bands] to run; None for random pixels.
    """
    words = json.dumps(
        {**dataclasses.asdict(candidate), "seconds": seconds, "tiles": None if tiles is None else str(tiles)}
    )
    command = [sys.executable, "-m", "segrun.candidate", words]
    try:
        patience_s = PATIENCE_S + seconds
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience_s)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        return Outcome(candidate, "failed", f"not done after {patience_s:.0f} s")
    try:
        found = json.loads(done.stdout.splitlines()[-1])
        timing = None if found["timing"] is None else Timing(**found["timing"])
        return Outcome(
            candidate, found["status"], found["reason"], found["ms_per_tile"], found["peak_mib"], timing
        )
    except (ValueError, IndexError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Outcome(candidate, "failed", f"its process ended with {done.returncode} ({last[:200]})")


def measured(candidate: Candidate, seconds: float, tiles: Path | None = None) -> Outcome:
    """Prove and time a candidate in this process; the arguments are those of ``race``."""
    try:
        file = ModelFile.read(Path(candidate.path))
        session = open_for_predict(file, PredictOptions(session=_options(candidate)))
    except (EngineError, MissingExtraError) as error:
        return Outcome(candidate, "absent", str(error))
    except SegrunError as error:
        return Outcome(candidate, "failed", str(error))
    try:
        return _raced(session, file, candidate, _pixels(session.card, tiles), seconds)
    except SegrunError as error:
        return Outcome(candidate, "failed", str(error))
    finally:
        session.close()


def _options(candidate: Candidate) -> SessionOptions:
    return dataclasses.replace(
        PredictOptions().session,
        engine=candidate.engine,
        threads=candidate.threads,
        batch=candidate.batch,
        hints=candidate.hints,
        callers=candidate.callers or 1,
    )


def _raced(
    session: Session, file: ModelFile, candidate: Candidate, tiles: npt.NDArray[np.uint8], seconds: float
) -> Outcome:
    if session.batch != candidate.batch:
        return Outcome(candidate, "failed", f"the file has a fixed batch of {session.batch}")
    golden = file.golden()
    reasons = () if golden is None else _differences(session, golden)
    if reasons:
        return Outcome(candidate, "failed", "; ".join(reasons))
    if candidate.callers is None:
        timing = timed(session, tiles, seconds)
    else:
        timing = timed_run(session, tiles, seconds, candidate.callers)
    if session.notes:
        return Outcome(candidate, "failed", session.notes[0])
    status: Status = "unproven" if golden is None else "passed"
    return Outcome(candidate, status, "", timing.ms_per_tile, round(peak_mib(), 1), timing)


def _differences(session: Session, golden: GoldenTiles) -> tuple[str, ...]:
    """Replay the golden tiles in batches of the candidate's own size; return what speaks against it."""
    card = session.card
    tiles = golden.padded(card.tile)
    filled = np.resize(tiles, (max(session.batch, len(tiles)), *tiles.shape[1:]))
    rest = -len(filled) % session.batch
    filled = np.concatenate([filled, filled[:rest]])
    scores = [
        session.run(np.ascontiguousarray(filled[first : first + session.batch]))
        for first in range(0, len(filled), session.batch)
    ]
    certificate = card.parity or {}
    thresholds = certificate.get("keras_thresholds") or card.thresholds
    found = compared(golden, np.concatenate(scores)[: len(tiles)], thresholds, card.activation)
    return found.reasons(card.precision, certificate.get("golden"))


def _pixels(card: ModelCard, tiles: Path | None) -> npt.NDArray[np.uint8]:
    if tiles is not None:
        return np.asarray(np.load(tiles), np.uint8)
    return np.random.default_rng(0).integers(0, 256, (1, card.tile, card.tile, len(card.bands)), np.uint8)


def main() -> None:
    """Run the candidate that the command line describes, and write the outcome as one line of JSON."""
    words: dict[str, Any] = json.loads(sys.argv[1])
    seconds, tiles, hints = (
        float(words.pop("seconds")),
        words.pop("tiles"),
        FaceHints(**words.pop("hints", {})),
    )
    outcome = measured(Candidate(**words, hints=hints), seconds, None if tiles is None else Path(tiles))
    sys.stdout.write(json.dumps(dataclasses.asdict(outcome)) + "\n")


if __name__ == "__main__":
    main()
