"""Find files below a folder by their ending."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from segrun.errors import InputError


def find_files(folder: Path, suffixes: Collection[str], *, skip: Path | None = None) -> list[Path]:
    """List the visible files below a folder that have one of the endings, sorted by their path below it.

    Names that start with a dot are skipped, and a folder reached twice through links is entered once.

    Args:
        folder: where to look, sub-folders included.
        suffixes: endings in lower case, with their dot; capitals in a file's name do not matter.
        skip: a folder that is not entered, typically the output folder.
    Raises:
        InputError: the folder does not exist or cannot be listed.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder. Name a folder of pictures.")
    found = [path for path in _visible_files(folder, skip) if path.suffix.lower() in suffixes]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def is_special(path: Path) -> bool:
    """Say whether a path is a pipe, a socket or a device: reading one may wait for ever."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # whoever opens it says what is wrong with it
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _visible_files(folder: Path, skip: Path | None) -> Iterator[Path]:
    seen = set() if skip is None or not skip.is_dir() else {_identity(skip)}

    def refuse(error: OSError) -> None:
        raise InputError(
            f"cannot list {error.filename} ({error.strerror}). Check its permissions."
        ) from error

    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        identity = _identity(Path(parent))
        if identity in seen:
            folders.clear()
            continue
        seen.add(identity)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        visible = (Path(parent, name) for name in files if not name.startswith("."))
        yield from (path for path in visible if not is_special(path))


def _identity(folder: Path) -> tuple[int, int]:
    state = folder.stat()
    return state.st_dev, state.st_ino
