"""The folder that an export writes into."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from segrun.errors import OutputError

# The candidate, the finished file and the temporary copy that the last step renames.
_FILES_AT_ONCE = 3


@contextlib.contextmanager
def prepared_folder(
    out: Path, targets: Sequence[Path], *, model_bytes: int, overwrite: bool
) -> Iterator[None]:
    """Make the folder and check that the export can be written; leave no empty folder behind.

    Args:
        out: the folder.
        targets: files that will be written.
        model_bytes: size of the Keras file, which bounds that of each artefact.
        overwrite: whether existing targets may be replaced.
    Raises:
        OutputError: it cannot be written, a target exists, or there is too little space.
    """
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        _refuse_existing(targets, overwrite=overwrite)
        _refuse_full(out, (_FILES_AT_ONCE + len(targets)) * model_bytes)
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write into {out} ({error.strerror}). Name a writable folder with --out."
        ) from error
    finally:
        if not existed and out.is_dir():
            with contextlib.suppress(OSError):
                out.rmdir()


def _refuse_existing(targets: Sequence[Path], *, overwrite: bool) -> None:
    existing = [path for path in targets if path.exists()]
    if existing and not overwrite:
        raise OutputError(
            f"{existing[0]} exists already. Use --overwrite to replace it, or another --out or --name."
        )


def _refuse_full(out: Path, needed: int) -> None:
    free = shutil.disk_usage(out).free
    if free < needed:
        raise OutputError(
            f"{out} has too little space. Received: {free / 1e6:.0f} MB free, {needed / 1e6:.0f} MB needed. "
            "Free some, or name another --out."
        )
