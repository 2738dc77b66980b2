"""Decode pictures with OpenCV, and hear what its codecs say instead of letting them write to the terminal.

libjpeg and libpng, built into OpenCV, print to C's ``stderr`` and go on: a damaged JPEG comes back as a picture, and
the printed line is the only sign. While pictures are decoded, glibc's ``stderr`` pointer is therefore aimed at a file
in memory. Python's own stderr and subprocesses write to descriptor 2 and notice nothing. On other C libraries the
codecs are not heard: their lines reach the terminal, and damage inside a whole JPEG goes unnoticed.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import threading
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

CODEC_LINE = re.compile(rb"libpng |Corrupt JPEG|Premature end|Invalid |Warning: |Inconsistent |Unsupported ")
CV2_LOG_SILENT = 0
SETVBUF_UNBUFFERED = 2


def decode(data: bytes) -> tuple[npt.NDArray[Any] | None, str]:
    """Decode a picture as it is stored, EXIF orientation ignored. Safe from several threads at once.

    Args:
        data: the bytes of a file.
    Returns:
        The array as ``cv2.imdecode`` gives it (BGR order; None where it cannot), and what the codec said about it.
    Raises:
        cv2.error: OpenCV refuses, e.g. more pixels than its limit.
    """
    start = _EAR.enter()
    try:
        image = _imdecode(data)
    finally:
        end = _EAR.leave()
    # Another thread's picture may have been meant: once more, alone, tells whose it was.
    return _EAR.decode_alone(data) if end > start else (image, "")


def _imdecode(data: bytes) -> npt.NDArray[Any] | None:
    image: npt.NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return image


class _Stderr:
    """The C library's ``stderr``, which can be aimed at a file in memory."""

    def __init__(self) -> None:
        libc = ctypes.CDLL(None)
        libc.fdopen.restype = ctypes.c_void_p
        libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
        self._file = os.memfd_create("segrun-codecs")
        self._memory = libc.fdopen(self._file, b"a")
        libc.setvbuf(self._memory, None, SETVBUF_UNBUFFERED, 0)
        self._pointer = ctypes.c_void_p.in_dll(libc, "stderr")
        self._terminal = self._pointer.value

    def aim_at_memory(self) -> None:
        self._pointer.value = self._memory

    def aim_at_terminal(self) -> None:
        self._pointer.value = self._terminal

    def length(self) -> int:
        return os.fstat(self._file).st_size

    def take(self) -> bytes:
        text = os.pread(self._file, self.length(), 0)
        os.ftruncate(self._file, 0)
        return text


class _Ear:
    """Listens while at least one thread decodes; lines that are no codec's are passed on to the terminal."""

    def __init__(self) -> None:
        self._gate = threading.Condition()
        self._decoding = 0
        self._waiting_alone = 0
        self._log_level = CV2_LOG_SILENT
        self._stderr = _Stderr() if platform.libc_ver()[0] == "glibc" else None

    def enter(self) -> int:
        """Begin one decoding; return how much was said so far."""
        with self._gate:
            self._gate.wait_for(lambda: self._waiting_alone == 0)
            if self._decoding == 0:
                self._listen()
            self._decoding += 1
            return self._stderr.length() if self._stderr else 0

    def leave(self) -> int:
        """End one decoding; return how much was said so far."""
        with self._gate:
            length = self._stderr.length() if self._stderr else 0
            self._decoding -= 1
            if self._decoding == 0:
                self._pass_on(self._stop_listening())
                self._gate.notify_all()
            return length

    def decode_alone(self, data: bytes) -> tuple[npt.NDArray[Any] | None, str]:
        """Decode while no other thread does."""
        with self._gate:
            self._waiting_alone += 1
            self._gate.wait_for(lambda: self._decoding == 0)
            try:
                self._listen()
                try:
                    image = _imdecode(data)
                finally:
                    said = self._stop_listening()
            finally:
                self._waiting_alone -= 1
                self._gate.notify_all()
        self._pass_on(said)
        return image, " ".join(
            line.decode("latin-1").strip() for line in said.splitlines() if CODEC_LINE.match(line)
        )

    def abandon(self) -> None:
        """Give the terminal back, whatever the threads of a parent process were doing."""
        if self._decoding or self._waiting_alone:
            cv2.utils.logging.setLogLevel(self._log_level)
            if self._stderr:
                self._stderr.aim_at_terminal()

    def _listen(self) -> None:
        self._log_level = cv2.utils.logging.setLogLevel(CV2_LOG_SILENT)
        if self._stderr:
            self._stderr.aim_at_memory()

    def _stop_listening(self) -> bytes:
        cv2.utils.logging.setLogLevel(self._log_level)
        if not self._stderr:
            return b""
        self._stderr.aim_at_terminal()
        return self._stderr.take() if self._stderr.length() else b""

    @staticmethod
    def _pass_on(said: bytes) -> None:
        foreign = b"".join(line for line in said.splitlines(keepends=True) if not CODEC_LINE.match(line))
        if foreign:
            os.write(2, foreign)


_EAR = _Ear()


def _start_afresh() -> None:
    global _EAR  # noqa: PLW0603 - a forked child has none of the threads that may hold the parent's gate
    _EAR.abandon()
    _EAR = _Ear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_afresh)
