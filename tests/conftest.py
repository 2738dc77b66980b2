"""Fixtures for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real pictures; it stands beside the project and is never part of it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real pictures are not here: {SHARED_DATA} does not exist")
    return SHARED_DATA
