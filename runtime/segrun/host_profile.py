"""What ``segrun tune`` found out about one model on this machine, for ``--engine auto``."""

from __future__ import annotations

import dataclasses
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from segrun.atomic import write_bytes
from segrun.errors import EngineError, MissingExtraError, OutputError
from segrun.host_key import cache_folder, host_key
from segrun.model_file import ModelFile
from segrun.sessions import Session, SessionOptions, open_session

log: logging.Logger = logging.getLogger("segrun")


@dataclass(frozen=True)
class HostProfile:
    """The fastest way to run one model here that computes what Keras computes.

    Args:
        engine: by its name.
        threads: of the engine.
        batch: tiles in one call.
        ms_per_tile: as measured.
    """

    engine: str
    threads: int
    batch: int
    ms_per_tile: float


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
        profile = HostProfile(
            str(found["engine"]), int(found["threads"]), int(found["batch"]), float(found["ms_per_tile"])
        )
        SessionOptions(profile.engine, profile.threads, profile.batch)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("%s cannot be read and is passed over. Run segrun tune again.", path)
        return None
    return profile


def tuned(file: ModelFile, options: SessionOptions, *, auto_batch: bool = False) -> SessionOptions | None:
    """Return how to run a model by its profile; None where the engine is named, or nothing is known.

    Args:
        file: the model.
        options: as asked for; threads that are given stay.
        auto_batch: whether the batch is the profile's too.
    """
    if options.engine != "auto":
        return None
    profile = read_profile(file.content_sha256)
    if profile is None:
        return None
    return dataclasses.replace(
        options,
        engine=profile.engine,
        threads=options.threads or profile.threads,
        batch=profile.batch if auto_batch else options.batch,
        why=f"auto: the fastest here by segrun tune, {profile.ms_per_tile:.1f} ms/tile",
    )


def open_tuned(file: ModelFile, options: SessionOptions, *, auto_batch: bool = False) -> Session:
    """Open a session by the model's profile where the engine is ``auto`` and there is one, else as asked for.

    An engine that the profile names and that cannot be had any more is named in a warning, not silently replaced.

    Raises:
        ModelError: the file is damaged, or does not say enough of itself.
        EngineError: the engine is not installed, has no device here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
    """
    by_profile = tuned(file, options, auto_batch=auto_batch)
    if by_profile is not None:
        try:
            return open_session(file, by_profile)
        except (EngineError, MissingExtraError) as error:
            log.warning("the engine that segrun tune chose cannot be had (%s) Falling back to auto.", error)
    return open_session(file, options)
