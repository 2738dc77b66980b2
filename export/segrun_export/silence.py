"""Keeping the conversion libraries' logs out of the user's terminal."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silenced() -> Iterator[None]:
    """Send everything written to stdout and stderr into a file, C++ logs included; shown only if the block fails.

    TensorFlow and its converters write to the file descriptors themselves, past ``sys.stderr`` and ``logging``.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    with tempfile.TemporaryFile() as log:
        failed = True
        try:
            for number in kept:
                os.dup2(log.fileno(), number)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
            failed = False
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in kept.items():
                os.dup2(original, number)
                os.close(original)
            if failed and isinstance(sys.exception(), _ours()):
                failed = False
            if failed:
                log.seek(0)
                sys.stderr.write(log.read().decode(errors="replace"))


def _ours() -> type[BaseException]:
    from segrun.errors import SegrunError

    return SegrunError
