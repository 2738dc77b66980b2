"""How fast one or more model files run on this machine: latency, throughput, memory and energy, engine by engine."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segrun.bench_report import BenchReport
from segrun.bench_tiles import bench_tiles
from segrun.doctor import diagnose
from segrun.errors import ModelError
from segrun.host import available_cpus
from segrun.model_file import ModelFile
from segrun.progress import Progress
from segrun.tune import TuneOptions, candidates, race_all


@dataclass(frozen=True)
class BenchOptions:
    """What to time.

    Args:
        engines: by name; empty for all that can run a file's format.
        threads: numbers of threads; empty for all that this process may use.
        batches: tiles in one call; empty for one.
        seconds: how long each is timed.
        pictures: files and folders of which tiles are cut; empty takes the model's golden tiles.
    Raises:
        ValueError: a count below 1, or no time.
    """

    engines: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    batches: tuple[int, ...] = ()
    seconds: float = 5.0
    pictures: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        self.field_options()

    def field_options(self) -> TuneOptions:
        """Return the same in the words of the race, whose candidates these are."""
        threads = self.threads or (available_cpus(),)
        return TuneOptions(self.engines, threads, self.batches or (1,), self.seconds)


def bench(paths: Sequence[Path], options: BenchOptions, progress: Progress | None = None) -> BenchReport:
    """Time every file on every engine, each in a process of its own, one after the other, golden tiles first.

    What computes something else than Keras did is not timed.

    Args:
        paths: model files, say one for each precision.
        options: what to time.
        progress: called after each.
    Raises:
        ModelError: a file that is not a model, or changed since its export; or one without a card, and pictures are given.
        EngineError: no engine that was asked for can run a file's format.
        InputError: a picture cannot be used.
    """
    files = {str(path): ModelFile.read(path) for path in paths}
    chosen = options.field_options()
    field = [item for name, file in files.items() for item in candidates(name, file.format, chosen)]
    with tempfile.TemporaryDirectory(prefix="segrun-bench-") as folder:
        tiles = {}
        for number, (name, file) in enumerate(files.items()):
            file.verify_content()
            card = file.card()
            if card is None:
                if options.pictures:
                    raise ModelError(f"{name} does not say the size of its tiles. Leave --images out.")
                continue
            tiles[name] = Path(folder) / f"{number}.npy"
            np.save(tiles[name], bench_tiles(card, file.golden(), options.pictures))
        outcomes = race_all(field, options.seconds, stage="bench", tiles=tiles, progress=progress)
    found = diagnose()
    versions = {name: version for name, version in found.versions.items() if version is not None}
    return BenchReport(
        tuple(outcomes),
        system=found.system,
        cpus=found.cpus,
        versions=versions,
        asked_for=frozenset(options.engines),
    )
