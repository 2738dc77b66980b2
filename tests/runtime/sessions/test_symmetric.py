from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions, open_session
from segrun.sessions.symmetric import SymmetricSession


class Lopsided:
    """Scores that depend on the place in the tile alone: the mean over all symmetries evens them out."""

    engine, reason, batch, threads = "cpu", "", 1, 1
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.card = open_session(ModelFile.read(path), SessionOptions()).card
        self.calls: list[NDArray[np.uint8]] = []

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.calls.append(pixels.copy())
        ramp = np.linspace(0, 1, pixels.shape[1], dtype=np.float32)
        return np.broadcast_to(ramp[None, :, None, None], (*pixels.shape[:3], 1)).copy()

    def close(self) -> None:
        self.calls.clear()


def test_an_equivariant_model_gives_the_same_as_without(identity_model: Path) -> None:
    session = open_session(ModelFile.read(identity_model), SessionOptions("cpu", 2, 2))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    plain = session.run(pixels)
    np.testing.assert_allclose(SymmetricSession(session).run(pixels), plain, atol=1e-6)


def test_all_eight_symmetries_are_asked_once_and_turned_back(identity_model: Path) -> None:
    lopsided = Lopsided(identity_model)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    scores = SymmetricSession(lopsided).run(pixels)
    np.testing.assert_allclose(scores, 0.5, atol=1e-6)
    assert len({call.tobytes() for call in lopsided.calls}) == 8
