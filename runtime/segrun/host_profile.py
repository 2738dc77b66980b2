"""What ``segrun tune`` found out about one model on this machine, for ``--engine auto``."""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from segrun.atomic import write_bytes
from segrun.errors import EngineError, MissingExtraError, OutputError
from segrun.host import available_cpus
from segrun.host_key import cache_folder, host_key
from segrun.model_file import ModelFile
from segrun.sessions import GPU_ENGINES, Session, SessionOptions, open_session
from segrun.sessions.sharing import callers_for, in_words

log: logging.Logger = logging.getLogger("segrun")
OTHER_SETTINGS = ", with other settings than these"
Fit = Callable[[SessionOptions], SessionOptions]


@dataclass(frozen=True)
class Way:
    """A way to run one model here that computes what Keras computes, and how fast it was.

    Args:
        engine: by its name.
        threads: of the engine.
        batch: tiles in one call.
        callers: calls side by side.
        ms_per_tile: as measured.
    """

    engine: str
    threads: int
    batch: int
    callers: int
    ms_per_tile: float

    def __str__(self) -> str:
        """Say how the model is run."""
        return in_words(self.engine, self.threads, self.batch, self.callers)


@dataclass(frozen=True)
class HostProfile:
    """All ways that were timed, so that whoever fixes the threads or the batch still gets the fastest of the others.

    Args:
        ways: at least one, fastest first.
    Raises:
        ValueError: no way.
    """

    ways: tuple[Way, ...]

    def __post_init__(self) -> None:
        if not self.ways:
            raise ValueError("a profile needs at least one way to run its model.")

    @property
    def best(self) -> Way:
        """The fastest of all."""
        return self.ways[0]

    def fastest(
        self, *, threads: int | None = None, batch: int | None = None, callers: int | None = None
    ) -> Way | None:
        """Return the fastest that was timed just so; None where none was.

        Args:
            threads: of the engine; None for any. A GPU is as fast with any.
            batch: tiles in one call; None for any.
            callers: calls side by side; None for any.
        """
        for way in self.ways:
            wanted = None if way.engine in GPU_ENGINES else threads, batch, callers
            given = way.threads, way.batch, way.callers
            if all(want in (None, has) for want, has in zip(wanted, given, strict=True)):
                return way
        return None

    def pick(
        self, *, threads: int | None = None, batch: int | None = None, alone: bool = False
    ) -> tuple[Way, bool]:
        """Return the way to go with these settings, and whether it was timed with them.

        An engine that is faster than all others is not given up because nobody raced it with such a batch.

        Args:
            threads: of the engine; None for any.
            batch: tiles in one call; None for any.
            alone: whether calls go one at a time.
        """
        callers = 1 if alone else None
        best = self.fastest(callers=callers) or self.best
        of_best = HostProfile(tuple(way for way in self.ways if way.engine == best.engine))
        # What is missing though it is raced as a rule may have failed.
        unraced = batch is not None and batch not in batches_raced(best.engine)
        if unraced and of_best.fastest(batch=batch) is None:
            return best, False
        way = self.fastest(threads=threads, batch=batch, callers=callers)
        return (best, False) if way is None else (way, True)

    def without(self, engines: Collection[str]) -> HostProfile | None:
        """Return the ways of all other engines; None where there are none.

        Args:
            engines: by their names.
        """
        left = tuple(way for way in self.ways if way.engine not in engines)
        return HostProfile(left) if left else None


def batches_raced(engine: str) -> tuple[int, ...]:
    """Return how many tiles in one call ``segrun tune`` races unasked.

    Args:
        engine: by its name.
    """
    return (1, 4, 16) if engine in GPU_ENGINES else (1, 2, 4)


def profile_path(content_sha256: str) -> Path:
    """Return where the profile of a model lies, whether or not there is one."""
    return cache_folder() / "profiles" / f"{host_key()}-{content_sha256[:16]}.json"


def write_profile(profile: HostProfile, content_sha256: str) -> Path:
    """Keep a profile.

    Raises:
        OutputError: the cache folder cannot be written.
    """
    path = profile_path(content_sha256)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, json.dumps(dataclasses.asdict(profile), indent=2).encode() + b"\n")
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror}). Set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    return path


def read_profile(content_sha256: str) -> HostProfile | None:
    """Return the profile of a model, None where there is none that can be used."""
    # Most machines have never been tuned: they shall not pay for the question which machine this is.
    if not (cache_folder() / "profiles").is_dir():
        return None
    path = profile_path(content_sha256)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        ways = tuple(
            Way(
                str(way["engine"]),
                int(way["threads"]),
                int(way["batch"]),
                int(way["callers"]),
                float(way["ms_per_tile"]),
            )
            for way in found["ways"]
        )
        for way in ways:
            SessionOptions(way.engine, way.threads, way.batch, callers=way.callers)
        return HostProfile(ways)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        _warn_once(path)
        return None


@functools.cache
def _warn_once(path: Path) -> None:
    """Name a profile that is of no use; a run asks for it several times."""
    log.warning("%s cannot be used and is passed over. Run segrun tune again.", path)


def tuned(
    file: ModelFile,
    options: SessionOptions,
    *,
    auto_batch: bool = False,
    alone: bool = False,
    fit: Fit | None = None,
    gone: Collection[str] = (),
) -> SessionOptions | None:
    """Return how to run a model by its profile; None where the engine is named, or nothing is known.

    Its callers are those that suit many tiles, and its reason gives a time where it was timed just so.

    Args:
        file: the model.
        options: as asked for; threads that are given stay.
        auto_batch: whether the batch is the profile's too.
        alone: whether calls go one at a time, as in ``segrun.load``: then the fastest of these counts.
        fit: takes back of the batch and the callers what the run has no tiles or no memory for.
        gone: engines that cannot be had.
    """
    profile = read_profile(file.content_sha256) if options.engine == "auto" else None
    profile = None if profile is None else profile.without(gone)
    if profile is None:
        return None
    batch = None if auto_batch else options.batch
    way, as_timed = profile.pick(threads=options.threads, batch=batch, alone=alone)
    wanted = dataclasses.replace(
        options,
        engine=way.engine,
        threads=options.threads or way.threads,
        batch=way.batch if auto_batch else options.batch,
        callers=way.callers,
    )
    if not as_timed:
        wanted = by_rule(wanted, alone=alone)
    fitted = wanted if fit is None else fit(wanted)
    as_timed = as_timed and (fitted.batch, fitted.callers) == (way.batch, way.callers)
    together = " side by side" if way.callers > 1 else ""
    found = f", {way.ms_per_tile:.1f} ms/tile{together}" if as_timed else OTHER_SETTINGS
    others = f" without {', '.join(gone)}" if gone else ""
    what = "fastest" if as_timed else "fastest engine"
    return dataclasses.replace(fitted, why=f"auto: the {what} here by segrun tune{others}{found}")


def by_rule(options: SessionOptions, *, alone: bool = False) -> SessionOptions:
    """Return the options with as many callers as suit many tiles where nobody timed it; see ``callers_for``.

    Args:
        options: as asked for.
        alone: whether calls go one at a time.
    """
    callers = 1 if alone else callers_for(options.engine, options.threads or available_cpus(), options.batch)
    return dataclasses.replace(options, callers=callers)


def open_tuned(
    file: ModelFile,
    options: SessionOptions,
    *,
    auto_batch: bool = False,
    alone: bool = False,
    fit: Fit | None = None,
) -> tuple[Session, SessionOptions] | None:
    """Open a session by the model's profile; None where the engine is named, or no engine of a profile can be had.

    An engine that the profile names and that cannot be had any more is named in a warning, and the next one is taken.

    Args:
        file: the model.
        options: as asked for.
        auto_batch: see ``tuned``.
        alone: see ``tuned``.
        fit: see ``tuned``.
    Returns:
        The session, and what it was opened with.
    Raises:
        ModelError: the file is damaged, or does not say enough of itself.
    """
    gone: list[str] = []
    while True:
        chosen = tuned(file, options, auto_batch=auto_batch, alone=alone, fit=fit, gone=gone)
        if chosen is None:
            return None
        try:
            return open_session(file, chosen), chosen
        except (EngineError, MissingExtraError) as error:
            log.warning("the engine that segrun tune chose cannot be had (%s) Taking the next one.", error)
            gone.append(chosen.engine)
