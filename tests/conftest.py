"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no bug, so no deadlines; CI draws the same examples every time, so that it fails for a change alone.
settings.register_profile("patient", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "patient")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real pictures; it stands beside the project and is never part of it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real pictures are not here: {SHARED_DATA} does not exist")
    return SHARED_DATA
