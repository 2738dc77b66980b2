"""Test-time augmentation: the mean of the scores over the eight symmetries of the square."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.sessions import Session


class SymmetricSession:
    """A ``Session`` that asks another one eight times, for every flip and quarter turn of the tiles (the group D4).

    Args:
        session: does the work; owned from now on.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.engine: str = session.engine
        self.reason: str = session.reason
        self.card: ModelCard = session.card
        self.batch: int = session.batch
        self.threads: int = session.threads

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked; see ``Session.notes``."""
        return self._session.notes

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        total: NDArray[np.float32] | None = None
        for turns in range(4):
            for mirrored in (False, True):
                view = np.rot90(pixels, turns, (1, 2))
                view = view[:, :, ::-1] if mirrored else view
                scores = self._session.run(np.ascontiguousarray(view))
                scores = scores[:, :, ::-1] if mirrored else scores
                back = np.rot90(scores, -turns, (1, 2))
                total = np.ascontiguousarray(back) if total is None else np.add(total, back, out=total)
        assert total is not None
        total *= np.float32(1 / 8)
        return total

    def close(self) -> None:
        """Free the engine."""
        self._session.close()
