"""The command that made a page, spelled so that it holds on another machine: no folder of this one stands in it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = (ROOT.parent / "shared/data").resolve()


def spelled(program: str, words: Sequence[str]) -> str:
    """Return a command line: paths relative to the project, data as ``DATA/...``, of others the last part alone.

    Args:
        program: and its fixed arguments, as they stand.
        words: the arguments that were given.
    """
    return " ".join([program, *(shlex.quote(_word(word)) for word in words)])


def _word(word: str) -> str:
    option, equals, value = word.partition("=") if word.startswith("-") else ("", "", word)
    path = Path(value)
    try:
        is_path = bool(value) and (path.is_absolute() or path.exists())
    except OSError:
        is_path = False  # words too long for the name of a file
    if not is_path:
        return word
    found = path.resolve()
    for folder, prefix in ((ROOT, ""), (DATA, "DATA/")):
        if found.is_relative_to(folder):
            return f"{option}{equals}{prefix}{found.relative_to(folder).as_posix()}"
    return f"{option}{equals}{found.name}"
