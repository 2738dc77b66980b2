"""Race engine x threads x batch for one or more files of a model on this machine, and remember the winner."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.candidate import Candidate, Outcome, race
from segrun.card import ModelCard
from segrun.errors import EngineError
from segrun.host import available_cpus
from segrun.host_profile import HostProfile, write_profile
from segrun.model_file import ModelFile
from segrun.progress import Progress
from segrun.sessions import ONNX_ENGINES

GPU_ENGINES = ("cuda", "tensorrt")
# What a file without golden tiles may be run on unasked: an engine that was never seen to compute something else.
REFERENCE_ENGINES = ("cpu", "litert")


@dataclass(frozen=True)
class TuneOptions:
    """What to race.

    Args:
        engines: by name; empty for all that can run a file's format.
        threads: numbers of threads; empty for powers of two up to what this process may use.
        batches: tiles in one call; empty for 1, 2 and 4 on processors and 1, 4 and 16 on GPUs.
        seconds: how long each candidate is timed.
    Raises:
        ValueError: a count below 1, or no time.
    """

    engines: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    batches: tuple[int, ...] = ()
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if any(count < 1 for count in (*self.threads, *self.batches)) or not self.seconds > 0:
            raise ValueError(f"threads, batches and seconds must be above 0. Received: {self}.")


@dataclass(frozen=True)
class TuneReport:
    """Outcomes, in the order of the race, and what was remembered.

    Args:
        outcomes: of all candidates.
        tile: side of a tile of each file, pixels.
        gsd_cm: of each file, None where unknown.
        profiles: for each file with a winner: the winner and where it was written.
    """

    outcomes: tuple[Outcome, ...]
    tile: dict[str, int]
    gsd_cm: dict[str, float | None]
    profiles: dict[str, tuple[HostProfile, str]]

    @property
    def exit_code(self) -> int:
        """0 when every file has a winner, 1 when none has, 3 else."""
        if not self.profiles:
            return 1
        return 0 if len(self.profiles) == len(self.tile) else 3

    def rates(self, outcome: Outcome) -> tuple[float | None, float | None]:
        """Return the megapixels and the square metres in a second of one outcome, None where they are not known."""
        path = outcome.candidate.path
        if outcome.ms_per_tile is None:
            return None, None
        pixels = 1000 / outcome.ms_per_tile * self.tile[path] ** 2
        gsd_cm = self.gsd_cm[path]
        return pixels / 1e6, None if gsd_cm is None else pixels * (gsd_cm / 100) ** 2

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        rows = []
        for outcome in self.outcomes:
            mpx, m2 = self.rates(outcome)
            rows.append({**dataclasses.asdict(outcome), "mpx_per_s": mpx, "m2_per_s": m2})
        return {
            "candidates": rows,
            "profiles": {
                path: {**dataclasses.asdict(profile), "file": file}
                for path, (profile, file) in self.profiles.items()
            },
            "exit_code": self.exit_code,
        }

    def lines(self) -> Iterator[str]:
        """Yield the table, fastest first, and what was remembered."""
        rows = [("file", "engine", "threads", "batch", "ms/tile", "Mpx/s", "m2/s", "")]
        timed = sorted(
            self.outcomes, key=lambda item: float("inf") if item.ms_per_tile is None else item.ms_per_tile
        )
        for item in timed:
            mpx, m2 = self.rates(item)
            where = item.candidate
            numbers = (_text(item.ms_per_tile, ".2f"), _text(mpx, ".2f"), _text(m2, ",.0f"))
            note = "" if item.status == "passed" else f"{item.status}: {item.reason}".rstrip(": ")
            rows.append(
                (Path(where.path).name, where.engine, str(where.threads), str(where.batch), *numbers, note)
            )
        widths = [*(max(len(row[column]) for row in rows) for column in range(7)), 0]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for path, (profile, file) in self.profiles.items():
            yield (
                f"--engine auto runs {Path(path).name} on {profile.engine}, {profile.threads} threads, "
                f"batch {profile.batch}: {file}"
            )


def tune(paths: Sequence[Path], options: TuneOptions, progress: Progress | None = None) -> TuneReport:
    """Race every candidate, each in a process of its own, its golden tiles first; remember the fastest of each file.

    A file without golden tiles is timed everywhere, but only an engine that computes what the file says by itself wins.

    Args:
        paths: model files, say one for each precision.
        options: what to race.
        progress: called after each candidate.
    Raises:
        ModelError: a file that is not a model, or changed since its export.
        EngineError: no engine that was asked for can run a file's format.
        OutputError: the profile cannot be written.
    """
    files = {str(path): ModelFile.read(path) for path in paths}
    cards: dict[str, ModelCard | None] = {}
    for name, file in files.items():
        file.verify_content()
        cards[name] = file.card()
    field = [item for name, file in files.items() for item in candidates(name, file.format, options)]
    outcomes = race_all(field, options.seconds, stage="tune", progress=progress)
    profiles = {}
    for name, file in files.items():
        winner = fastest([item for item in outcomes if item.candidate.path == name])
        if winner is not None:
            profiles[name] = winner, str(write_profile(winner, file.content_sha256))
    return TuneReport(
        tuple(outcomes),
        {name: _tile(files[name], card) for name, card in cards.items()},
        {name: None if card is None else card.gsd_cm for name, card in cards.items()},
        profiles,
    )


def race_all(
    field: Sequence[Candidate],
    seconds: float,
    *,
    stage: str,
    tiles: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Race candidates one after the other; an engine that is absent for a file is tried once.

    Args:
        field: the candidates.
        seconds: how long each is timed.
        stage: what progress calls it.
        tiles: by model file, pixels to run; see ``segrun.candidate.race``.
        progress: called after each candidate.
    """
    outcomes: list[Outcome] = []
    absent: set[tuple[str, str]] = set()
    for done, candidate in enumerate(field, start=1):
        key = candidate.path, candidate.engine
        if key not in absent:
            outcome = race(candidate, seconds, (tiles or {}).get(candidate.path))
            outcomes.append(outcome)
            if outcome.status == "absent":
                absent.add(key)
        if progress is not None:
            progress(stage, done, len(field))
    return outcomes


def candidates(path: str, kind: str, options: TuneOptions) -> list[Candidate]:
    """List the candidates of one file.

    Raises:
        EngineError: no engine that was asked for runs this format.
    """
    able = ("litert",) if kind == "tflite" else ONNX_ENGINES
    engines = [name for name in able if not options.engines or name in options.engines]
    if not engines:
        raise EngineError(
            f"{path} does not run there. Received: --engine {', '.join(options.engines)}. Use {', '.join(able)}."
        )
    cpus = available_cpus()
    powers = [2**power for power in range(cpus.bit_length()) if 2**power < cpus]
    found = []
    for engine in engines:
        is_gpu = engine in GPU_ENGINES
        threads = options.threads or ((1,) if is_gpu else (*powers, cpus))
        batches = options.batches or ((1, 4, 16) if is_gpu else (1, 2, 4))
        found += [Candidate(path, engine, count, batch) for count in threads for batch in batches]
    return found


def fastest(outcomes: Sequence[Outcome]) -> HostProfile | None:
    """Return the fastest that may win, None where none may."""
    able = [
        (item.ms_per_tile, item.candidate)
        for item in outcomes
        if item.ms_per_tile is not None
        and (
            item.status == "passed"
            or (item.status == "unproven" and item.candidate.engine in REFERENCE_ENGINES)
        )
    ]
    if not able:
        return None
    ms, best = min(able, key=lambda pair: pair[0])
    return HostProfile(best.engine, best.threads, best.batch, round(ms, 3))


def _tile(file: ModelFile, card: ModelCard | None) -> int:
    return card.tile if card is not None else int(file.metadata.get("tiles_size", 0))


def _text(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
