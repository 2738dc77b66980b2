"""Race engine x threads x batch, one call or several at once, for files of a model on this machine; remember the winner."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segrun.candidate import Candidate, Outcome, race
from segrun.card import ModelCard
from segrun.deepness_keys import number
from segrun.errors import EngineError, InputError
from segrun.face import FaceHints
from segrun.host import available_cpus
from segrun.host_profile import HostProfile, Way, batches_raced, write_profile
from segrun.model_file import ModelFile
from segrun.progress import Progress
from segrun.sessions import GPU_ENGINES, NAMED_ENGINES, ONNX_ENGINES
from segrun.sessions.providers import engines_to_try
from segrun.sessions.sharing import callers_for
from segrun.tune_report import TuneReport

# What a file without golden tiles may be run on unasked: an engine that was never seen to compute something else.
REFERENCE_ENGINES = ("cpu", "litert")


@dataclass(frozen=True)
class TuneOptions:
    """What to race.

    Args:
        engines: by name; empty for all that can run a file's format.
        threads: numbers of threads; empty for powers of two up to what this process may use.
        batches: tiles in one call; empty for 1, 2 and 4 on processors, 1, 4 and 16 on GPUs, and 1 for a TFLite file, whose
            batch is fixed.
        seconds: how long each candidate is timed.
        overlap: of neighbouring tiles, pixels, for the ground in a second; None takes each model's own.
        hints: what foreign models do not say of themselves.
    Raises:
        ValueError: a count below 1, no time, or a negative overlap.
    """

    engines: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    batches: tuple[int, ...] = ()
    seconds: float = 1.0
    overlap: int | None = None
    hints: FaceHints = field(default_factory=FaceHints)

    def __post_init__(self) -> None:
        if any(count < 1 for count in (*self.threads, *self.batches)) or not self.seconds > 0:
            raise ValueError(f"threads, batches and seconds must be above 0. Received: {self}.")
        if self.overlap is not None and self.overlap < 0:
            raise ValueError(f"overlap must not be negative. Received: {self.overlap}.")


def tune(paths: Sequence[Path], options: TuneOptions, progress: Progress | None = None) -> TuneReport:
    """Race every candidate, each in a process of its own, its golden tiles first; remember what each file can do.

    A candidate is timed as ``predict`` runs it: the same session, the same pipeline, the same calls side by side.
    A file without golden tiles is timed everywhere, but only an engine that computes what the file says by itself wins.

    Args:
        paths: model files, say one for each precision.
        options: what to race.
        progress: called after each candidate.
    Raises:
        ModelError: a file that is not a model, or changed since its export.
        EngineError: no engine that was asked for can run a file's format.
        InputError: an overlap of more than half a tile.
        OutputError: the profile cannot be written.
    """
    files = {str(path): ModelFile.read(path) for path in paths}
    cards: dict[str, ModelCard | None] = {}
    for name, file in files.items():
        file.verify_content()
        cards[name] = file.card()
        _refuse_overlap(name, cards[name], options.overlap)
    field = [
        way
        for name, file in files.items()
        for item in candidates(name, file.format, options)
        for way in as_predict_runs(item)
    ]
    outcomes = race_all(field, options.seconds, stage="tune", progress=progress)
    profiles = {}
    for name, file in files.items():
        profile = profile_of([item for item in outcomes if item.candidate.path == name])
        if profile is not None:
            profiles[name] = profile, str(write_profile(profile, file.content_sha256))
    return TuneReport(
        tuple(outcomes),
        {name: _overlap(card, options.overlap) for name, card in cards.items()},
        {name: _gsd_cm(files[name], card) for name, card in cards.items()},
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
    able: tuple[str, ...] = ("litert",)
    if kind != "tflite":
        able = (*ONNX_ENGINES, *NAMED_ENGINES) if options.engines else engines_to_try()
    engines = [name for name in able if not options.engines or name in options.engines]
    if not engines:
        raise EngineError(
            f"{path} does not run there. Received: --engine {', '.join(options.engines)}. Use {', '.join(able)}."
        )
    cpus = available_cpus()
    powers = [2**power for power in range(cpus.bit_length()) if 2**power < cpus]
    found = []
    for engine in engines:
        threads = options.threads or ((1,) if engine in GPU_ENGINES else (*powers, cpus))
        batches = options.batches or ((1,) if kind == "tflite" else batches_raced(engine))
        found += [
            Candidate(path, engine, count, batch, options.hints) for count in threads for batch in batches
        ]
    return found


def as_predict_runs(candidate: Candidate) -> list[Candidate]:
    """Return a candidate with one call at a time, as ``segrun.load`` and few tiles have it, and with calls side by side."""
    most = callers_for(candidate.engine, candidate.threads, candidate.batch)
    return [dataclasses.replace(candidate, callers=count) for count in sorted({1, most})]


def profile_of(outcomes: Sequence[Outcome]) -> HostProfile | None:
    """Return the ways that may win, fastest first; None where there are none.

    Args:
        outcomes: of one file.
    """
    ways = [
        Way(
            item.candidate.engine,
            item.candidate.threads,
            item.candidate.batch,
            item.candidate.callers or 1,
            round(item.ms_per_tile, 3),
        )
        for item in outcomes
        if item.ms_per_tile is not None
        and (
            item.status == "passed"
            or (item.status == "unproven" and item.candidate.engine in REFERENCE_ENGINES)
        )
    ]
    return HostProfile(tuple(sorted(ways, key=lambda way: way.ms_per_tile))) if ways else None


def _refuse_overlap(path: str, card: ModelCard | None, wanted: int | None) -> None:
    if card is not None and wanted is not None and wanted > card.tile // 2:
        raise InputError(
            f"overlap must be 0 to {card.tile // 2} pixels for {path}. Received: --overlap {wanted}. Use auto."
        )


def _overlap(card: ModelCard | None, wanted: int | None) -> int | None:
    return wanted if wanted is not None or card is None else card.auto_overlap_px


def _gsd_cm(file: ModelFile, card: ModelCard | None) -> float | None:
    if card is not None:
        return card.gsd_cm
    return number(file.metadata.get("resolution"), 0.0) or None
