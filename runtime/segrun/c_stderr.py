"""Hear what C codecs say instead of letting them write to the terminal.

libjpeg and libpng, built into OpenCV, and libtiff, built into GDAL, print to C's ``stderr`` and go on: a damaged JPEG
comes back as a picture, and the printed line is the only sign. While they work, glibc's ``stderr`` pointer is therefore
aimed at a file in memory. Python's own stderr and subprocesses write to descriptor 2 and notice nothing. On other C
libraries the codecs are not heard: their lines reach the terminal, and damage inside a whole JPEG goes unnoticed.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

CODEC_LINE = re.compile(
    rb"libpng |Corrupt JPEG|Premature end of JPEG|Invalid SOS|Inconsistent progression|Warning: unknown JFIF"
    rb"|_tiff\w+Proc: |TIFF\w+: "
)
SETVBUF_UNBUFFERED = 2


def hear(work: Callable[[], T]) -> tuple[T, str]:
    """Do some work that may be done twice, and return what codecs said about it. Safe from several threads at once."""
    start = _EAR.enter()
    try:
        result = work()
    finally:
        end = _EAR.leave()
    # Another thread's work may have been meant: once more, alone, tells whose it was.
    return _EAR.alone(work) if end > start else (result, "")


@contextmanager
def hush() -> Iterator[None]:
    """Keep codecs from writing to the terminal, where their errors come back in another way as well."""
    _EAR.enter()
    try:
        yield
    finally:
        _EAR.leave()


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
    """Listens while at least one thread works; lines that are no codec's are passed on to the terminal."""

    def __init__(self) -> None:
        self._gate = threading.Condition()
        self._working = 0
        self._waiting_alone = 0
        self._stderr = _Stderr() if platform.libc_ver()[0] == "glibc" else None

    def enter(self) -> int:
        """Begin some work; return how much was said so far."""
        with self._gate:
            self._gate.wait_for(lambda: self._waiting_alone == 0)
            first = self._working == 0
            if first and self._stderr:
                self._stderr.aim_at_memory()
            self._working += 1
            return self._stderr.length() if self._stderr and not first else 0

    def leave(self) -> int:
        """End some work; return how much was said so far."""
        with self._gate:
            length = self._stderr.length() if self._stderr else 0
            self._working -= 1
            if self._working == 0:
                self._pass_on(self._stop_listening(length))
                self._gate.notify_all()
            return length

    def alone(self, work: Callable[[], T]) -> tuple[T, str]:
        """Work while no other thread does."""
        with self._gate:
            self._waiting_alone += 1
            self._gate.wait_for(lambda: self._working == 0)
            said = b""
            try:
                if self._stderr:
                    self._stderr.aim_at_memory()
                result = work()
            finally:
                said = self._stop_listening(self._stderr.length() if self._stderr else 0)
                self._waiting_alone -= 1
                self._gate.notify_all()
        self._pass_on(said)
        lines = [line.decode("latin-1").strip() for line in said.splitlines() if CODEC_LINE.match(line)]
        return result, " ".join(lines)

    def abandon(self) -> None:
        """Give the terminal back, whatever the threads of a parent process were doing."""
        if self._stderr:
            self._stderr.aim_at_terminal()

    def _stop_listening(self, length: int) -> bytes:
        if not self._stderr:
            return b""
        self._stderr.aim_at_terminal()
        return self._stderr.take() if length else b""

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
