"""Fixtures for the runtime's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.onnx_models import card, identity_graph, write_model

TILE = 64


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep profiles out of the tests: those of the user's own ``segrun tune``, and those that tests in another file made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def identity_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of 64-pixel tiles whose score is the red band divided by 255."""
    path = tmp_path_factory.mktemp("models") / "identity.onnx"
    return write_model(path, identity_graph(TILE), card(TILE))
