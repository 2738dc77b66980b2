"""An engine that runs out of memory goes on with fewer tiles in a call, and says so."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.errors import EngineError
from segrun.sessions import Session, SessionOptions

log: logging.Logger = logging.getLogger("segrun")
# onnxruntime has no class of its own for this: its arena, CUDA, cuDNN, cuBLAS and TensorRT each say it in their words.
SIGNS = (
    "failed to allocate memory",
    "out of memory",
    "outofmemory",
    "cudaerrormemoryallocation",
    "status_alloc_failed",
    "bad allocation",
    "std::bad_alloc",
)


class EngineMemoryError(EngineError):
    """The engine has no memory for so many tiles in a call."""


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an engine's own error means that memory ran out.

    Source: https://github.com/microsoft/onnxruntime/issues/16307 (there is no way to tell but the text).
    """
    text = str(error).lower()
    return any(sign in text for sign in SIGNS)


class HalvingSession:
    """A ``Session`` that opens itself anew with half the tiles in a call whenever memory does not suffice.

    To its caller the batch stays what it was: a call is made in several parts.

    Args:
        open_one: opens the engine with the options' batch.
        options: as asked for.
    Raises:
        EngineMemoryError: there is not even memory for one tile.
        SegrunError: whatever else opening raises.
    """

    def __init__(self, open_one: Callable[[SessionOptions], Session], options: SessionOptions) -> None:
        self._open_one = open_one
        self._options = options
        self._turn = threading.Lock()
        self._notes: tuple[str, ...] = ()
        self._session: Session = self._opened()
        self.engine: str = self._session.engine
        self.reason: str = self._session.reason
        self.card: ModelCard = self._session.card
        self.threads: int = self._session.threads
        # A foreign file of fixed batch keeps its own.
        self.batch: int = self._session.batch if not self._notes else options.batch

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked; see ``Session.notes``."""
        return self._notes

    def _opened(self) -> Session:
        while True:
            try:
                return self._open_one(self._options)
            except EngineMemoryError as error:
                self._halve(error)

    def _halve(self, error: EngineMemoryError) -> None:
        before = self._options.batch
        if before == 1:
            raise EngineMemoryError(
                f"engine {self._options.engine} has no memory for a single tile. "
                "Close what else uses it, or use --engine cpu."
            ) from error
        after = before // 2
        self._options = dataclasses.replace(self._options, batch=after)
        note = (
            f"engine {self._options.engine} ran out of memory with {before} tiles in a call and goes on with {after}. "
            f"Use --batch {after}."
        )
        log.warning("%s", note)
        self._notes = (*self._notes, note)

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        # Taken for the whole call: no thread may use the session that another one closes.
        with self._turn:
            while True:
                try:
                    return self._in_parts(pixels)
                except EngineMemoryError as error:
                    self._session.close()
                    self._halve(error)
                # Not in the handler: the error remembers the calls that led to it, and so holds the old engine, whose memory
                # is what the new one needs.
                self._session = self._opened()

    def _in_parts(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        size = self._session.batch
        if size == len(pixels):
            return self._session.run(pixels)
        parts = []
        for first in range(0, len(pixels), size):
            part = pixels[first : first + size]
            filled = len(part)
            if filled < size:
                part = np.concatenate([part, np.repeat(part[-1:], size - filled, axis=0)])
            parts.append(self._session.run(part)[:filled])
        return np.concatenate(parts)

    def close(self) -> None:
        """Free the engine."""
        self._session.close()
