"""Fixtures for the runtime's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.onnx_models import card, identity_graph, write_model

TILE = 64


@pytest.fixture(scope="session")
def identity_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of 64-pixel tiles whose score is the red band divided by 255."""
    path = tmp_path_factory.mktemp("models") / "identity.onnx"
    return write_model(path, identity_graph(TILE), card(TILE))
