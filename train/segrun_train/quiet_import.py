"""Importing TensorFlow without its log on the user's terminal."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


@contextmanager
def quiet_import() -> Iterator[None]:
    """Keep what is written to stderr within out of sight; shown only if the block fails.

    TensorFlow's C++ side writes to the file descriptor itself while it is imported, whatever
    ``TF_CPP_MIN_LOG_LEVEL`` says; afterwards that variable counts, and a value of the user's stays. Not for long work:
    other threads' words would be lost, too.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("absl").setLevel(logging.ERROR)
    sys.stderr.flush()
    try:
        kept = os.dup(_STDERR)
    except OSError:
        # Closed by the caller: nothing can be written there anyway.
        yield
        return
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), _STDERR)
        failed = True
        try:
            yield
            failed = False
        finally:
            sys.stderr.flush()
            os.dup2(kept, _STDERR)
            os.close(kept)
            if failed:
                log.seek(0)
                sys.stderr.write(log.read().decode(errors="replace"))
