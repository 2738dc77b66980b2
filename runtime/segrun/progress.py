"""Progress of long work: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

PLAIN_LINE_EVERY_S = 10.0


class Progress(Protocol):
    """Called by library code as work advances; cheap enough to be called for every batch."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of ``stage`` are finished."""


@contextmanager
def reporter(quiet: bool) -> Iterator[Progress]:  # noqa: FBT001 - the one question there is
    """Yield a ``Progress`` that writes to stderr in the way that fits where stderr goes."""
    if quiet:
        yield lambda _stage, _done, _total: None
    elif sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield _PlainLines()


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with RichProgress(*columns, console=Console(stderr=True)) as display:
        tasks = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(stage, total=total)
            display.update(tasks[stage], completed=done, total=total)

        yield advance


class _PlainLines:
    """One line every few seconds and one at the end of each stage: readable in a log file."""

    def __init__(self) -> None:
        self._next_line: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        due = self._next_line.setdefault(stage, now + PLAIN_LINE_EVERY_S)
        if now >= due or done >= total:
            self._next_line[stage] = now + PLAIN_LINE_EVERY_S
            print(f"{stage}: {done}/{total}", file=sys.stderr, flush=True)  # noqa: T201 - this is the console's edge
