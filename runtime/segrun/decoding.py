"""Decode pictures with OpenCV, and learn what its codecs say about them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from segrun.c_stderr import hear

CV2_LOG_SILENT = 0
# OpenCV 4 has it at the top, OpenCV 5 in a module of its own.
_set_log_level: Callable[[int], int] = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel


def decode(data: bytes) -> tuple[npt.NDArray[Any] | None, str]:
    """Decode a picture as it is stored, EXIF orientation ignored. Safe from several threads at once.

    Args:
        data: the bytes of a file.
    Returns:
        The array as ``cv2.imdecode`` gives it (BGR order; None where it cannot), and what the codec said about it.
    Raises:
        cv2.error: OpenCV refuses, e.g. more pixels than its limit.
    """
    with _SILENCE.kept():
        return hear(lambda: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))


class _Silence:
    """Turns OpenCV's own log off while at least one thread decodes: its level is one for the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decoding = 0
        self._level = CV2_LOG_SILENT

    @contextmanager
    def kept(self) -> Iterator[None]:
        with self._lock:
            if self._decoding == 0:
                self._level = _set_log_level(CV2_LOG_SILENT)
            self._decoding += 1
        try:
            yield
        finally:
            with self._lock:
                self._decoding -= 1
                if self._decoding == 0:
                    _set_log_level(self._level)


_SILENCE = _Silence()
