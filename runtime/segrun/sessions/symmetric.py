"""Test-time augmentation: the mean of the scores over the eight symmetries of the square."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segrun.sessions.around import SessionAround


class SymmetricSession(SessionAround):
    """A ``Session`` that asks another one eight times, for every flip and quarter turn of the tiles (the group D4)."""

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
