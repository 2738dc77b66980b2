"""Rules that name pictures by their stems: a list, a folder, or a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from segrun.errors import InputError


def named_stems(rule: str) -> Callable[[str], bool]:
    """Read a rule for stems: a file with one stem a line, a folder whose files name them, or a pattern.

    A line may carry an ending and, after a tab, a comment; ``#`` starts a comment line.

    Raises:
        ValueError: neither a file nor a folder nor a pattern.
    """
    path = Path(rule)
    if path.is_dir():
        return _one_of({file.stem for file in path.rglob("*") if file.is_file()})
    if path.is_file():
        return _one_of(read_stems(path))
    expression = compiled(rule)
    return lambda stem: expression.search(stem) is not None


def read_stems(path: Path) -> set[str]:
    """Read a list of stems, one a line; endings and what follows a tab are dropped."""
    lines = (line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    named = {line for line in lines if line and not line.startswith("#")}
    return {plain_stem(name) for name in named}


def plain_stem(name: str) -> str:
    """Drop the ending of a picture's name; other dots stay."""
    return re.sub(r"\.(png|jpe?g|bmp|webp|tiff?)$", "", name, flags=re.IGNORECASE)


def refuse_unmatched(option: str, rules: Sequence[str], stems: Iterable[str]) -> None:
    """Refuse a rule that names no picture: it is mistyped, and what it was to keep away would be used.

    Args:
        option: where the rules come from, as ``--held-out``.
        rules: as given.
        stems: of all pictures, whatever folder they are in.
    Raises:
        InputError: one of the rules names none of the stems.
        ValueError: neither a file nor a folder nor a pattern.
    """
    known = list(stems)
    for rule in rules:
        if not any(map(named_stems(rule), known)):
            kind = "list" if Path(rule).is_file() else "folder" if Path(rule).is_dir() else "pattern"
            raise InputError(
                f"{option} names no picture. Received: {rule!r}, read as a {kind}, {len(known)} pictures. "
                "Name a file of stems, a folder or a pattern that fits one at least, or leave it out."
            )


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern.

    Raises:
        ValueError: not a regular expression.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error}). Received: {pattern!r}.") from error


def _one_of(stems: Collection[str]) -> Callable[[str], bool]:
    return lambda stem: stem in stems or Path(stem).name in stems
