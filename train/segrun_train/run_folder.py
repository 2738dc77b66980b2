"""The RUN folder: what stands there already, and the model file that goes in."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras

from segrun.atomic import replacing
from segrun.errors import InputError, OutputError
from segrun.run_record import MODEL_FILE, RUN_FILE
from segrun_train.history import HISTORY_FILE, TENSORBOARD_DIR
from segrun_train.run_state import STATE_FILE
from segrun_train.split import SPLIT_FILE

_UNWRITABLE = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.EFBIG,
    }
)
_OURS = (RUN_FILE, MODEL_FILE, HISTORY_FILE, SPLIT_FILE, STATE_FILE.parent.name, TENSORBOARD_DIR)


@contextlib.contextmanager
def writing(run: Path) -> Iterator[None]:
    """Within, a folder that cannot be written is said as such.

    Raises:
        OutputError: read-only, full, or no folder at all.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise OutputError(
            f"cannot write the run folder. Received: --out {run} ({error.strerror}). Make room, or name another."
        ) from error


def check_run(run: Path, *, resume: bool, overwrite: bool) -> None:
    """Refuse a folder that cannot take a run, before any work is done; nothing is written.

    What a run left that was killed before its first epoch ended is in nobody's way.

    Raises:
        OutputError: it holds a run and neither ``resume`` nor ``overwrite`` was asked for, or something else.
    """
    if run.exists() and not run.is_dir():
        raise OutputError(f"the run folder is a file. Received: --out {run}. Name another.")
    present = _present(run)
    if not _is_run(run):
        foreign = sorted(path.name for path in run.glob("[!.]*"))
        if foreign:
            raise OutputError(
                f"the folder holds something that is not a run. Received: --out {run} with {foreign[0]}. Name another."
            )
    elif not resume and not overwrite and not _just_begun(present):
        cure = "--resume, --overwrite" if (run / STATE_FILE).exists() else "--overwrite"
        raise OutputError(
            f"the run folder is not empty. Received: --out {run} with {present[0]}. Use {cure} or another."
        )


def open_run(run: Path, *, resume: bool, overwrite: bool) -> bool:
    """Make the folder ready.

    Returns:
        True where a killed run is to be resumed.
    Raises:
        OutputError: as ``check_run``.
    """
    check_run(run, resume=resume, overwrite=overwrite)
    run.mkdir(parents=True, exist_ok=True)
    present = _present(run)
    if overwrite or _just_begun(present):
        for name in present:
            _remove(run / name)
        return False
    return (run / STATE_FILE).exists()


def close_run(run: Path) -> None:
    """Remove what only an unfinished run needs."""
    shutil.rmtree(run / STATE_FILE.parent, ignore_errors=True)


def save_model(model: keras.Model, run: Path) -> str:
    """Write ``model.keras`` in one step and return its sha256."""
    path = run / MODEL_FILE
    with replacing(path) as temporary:
        model.save(temporary)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def initial_weights(model: keras.Model, source: Path) -> None:
    """Start from the weights of another model of the same network; a head of other classes starts fresh.

    Args:
        model: freshly built; changed in place.
        source: a RUN folder or a ``.keras`` file.
    Raises:
        InputError: not a model, or of another network.
    """
    path = source / MODEL_FILE if source.is_dir() else source
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path} is not a .keras file, or not there. Name a run folder or a .keras file.")
    try:
        other = keras.models.load_model(path, compile=False)
    except Exception as error:
        # Keras raises whatever its parts raise: zip errors, KeyErrors of the configuration, ValueErrors.
        cause = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InputError(
            f"{path} is not a Keras model ({cause}). Name a run folder or a .keras file."
        ) from error
    mine, theirs = model.get_weights(), other.get_weights()
    different = [i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a.shape != b.shape]
    head = len(model.get_layer("logits").weights)
    if len(mine) != len(theirs) or any(index < len(mine) - head for index in different):
        raise InputError(
            f"{path} is another network. Received: {len(theirs)} weights, wanted: {len(mine)} of {model.name}. "
            "Name a run of the same --network."
        )
    model.set_weights([mine[i] if i in different else theirs[i] for i in range(len(mine))])


def _present(run: Path) -> list[str]:
    return [name for name in _OURS if (run / name).exists()]


def _is_run(run: Path) -> bool:
    """Tell a run's folder by what no other program writes: a model or event files may be anybody's."""
    return any((run / name).exists() for name in (RUN_FILE, HISTORY_FILE, SPLIT_FILE, STATE_FILE))


def _just_begun(present: list[str]) -> bool:
    return SPLIT_FILE in present and set(present) <= {SPLIT_FILE, TENSORBOARD_DIR}


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
