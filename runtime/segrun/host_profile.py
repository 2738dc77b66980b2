"""What ``segrun tune`` found out about one model on this machine, for ``--engine auto``."""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from segrun.atomic import write_bytes
from segrun.errors import EngineError, MissingExtraError, OutputError
from segrun.host import available_cpus
from segrun.host_key import cache_folder, host_key
from segrun.model_file import ModelFile
from segrun.sessions import Session, SessionOptions, open_session
from segrun.sessions.sharing import callers_for, in_words

log: logging.Logger = logging.getLogger("segrun")


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
            threads: of the engine; None for any.
            batch: tiles in one call; None for any.
            callers: calls side by side; None for any.
        """
        wanted = threads, batch, callers
        for way in self.ways:
            given = way.threads, way.batch, way.callers
            if all(want in (None, has) for want, has in zip(wanted, given, strict=True)):
                return way
        return None


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
    file: ModelFile, options: SessionOptions, *, auto_batch: bool = False, alone: bool = False
) -> SessionOptions | None:
    """Return how to run a model by its profile; None where the engine is named, or nothing is known.

    Args:
        file: the model.
        options: as asked for; threads that are given stay, and so does the number of callers.
        auto_batch: whether the batch is the profile's too.
        alone: whether calls go one at a time, as in ``segrun.load``: then the fastest of these counts.
    """
    found = _way(file, options, auto_batch=auto_batch, alone=alone)
    if found is None:
        return None
    way, as_timed = found
    together = " side by side" if way.callers > 1 else ""
    why = f"auto: the fastest here by segrun tune, {way.ms_per_tile:.1f} ms/tile{together}"
    if not as_timed:
        why = "auto: the fastest engine here by segrun tune, with other settings than these"
    return dataclasses.replace(
        options,
        engine=way.engine,
        threads=options.threads or way.threads,
        batch=way.batch if auto_batch else options.batch,
        why=why,
    )


def callers_for_many(file: ModelFile, options: SessionOptions, *, auto_batch: bool = False) -> int:
    """Return how many calls side by side suit many tiles: as the profile was timed, or by the rule of ``callers_for``.

    Args:
        file: the model.
        options: as asked for.
        auto_batch: whether the batch is the profile's too.
    """
    found = _way(file, options, auto_batch=auto_batch)
    if found is not None and found[1]:
        return found[0].callers
    chosen = tuned(file, options, auto_batch=auto_batch) or options
    return callers_for(chosen.engine, chosen.threads or available_cpus(), chosen.batch)


def _way(
    file: ModelFile, options: SessionOptions, *, auto_batch: bool, alone: bool = False
) -> tuple[Way, bool] | None:
    """Return the profile's fastest way, and whether it was timed with what is asked for."""
    profile = read_profile(file.content_sha256) if options.engine == "auto" else None
    if profile is None:
        return None
    way = profile.fastest(
        threads=options.threads, batch=None if auto_batch else options.batch, callers=1 if alone else None
    )
    return (profile.best, False) if way is None else (way, True)


def open_tuned(
    file: ModelFile, options: SessionOptions, *, auto_batch: bool = False, alone: bool = False
) -> Session:
    """Open a session by the model's profile where the engine is ``auto`` and there is one, else as asked for.

    An engine that the profile names and that cannot be had any more is named in a warning, not silently replaced.

    Args:
        file: the model.
        options: as asked for.
        auto_batch: see ``tuned``.
        alone: see ``tuned``.
    Raises:
        ModelError: the file is damaged, or does not say enough of itself.
        EngineError: the engine is not installed, has no device here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
    """
    by_profile = tuned(file, options, auto_batch=auto_batch, alone=alone)
    if by_profile is not None:
        try:
            return open_session(file, by_profile)
        except (EngineError, MissingExtraError) as error:
            log.warning("the engine that segrun tune chose cannot be had (%s) Falling back to auto.", error)
    return open_session(file, options)
