from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.peers.environments import REQUIREMENTS, EnvironmentFailedError, environment, packages


def test_pins_are_read_in_order() -> None:
    assert list(packages("geodeep-scipy")) == ["geodeep", "onnxruntime", "rasterio", "numpy", "scipy"]
    assert packages("segrun") == {}


def test_all_share_the_packages_that_are_not_compared() -> None:
    pinned = [packages(path.stem) for path in REQUIREMENTS.glob("*.txt") if path.stem != "segrun"]
    for name in ("numpy", "rasterio", "onnxruntime"):
        assert len({pins[name] for pins in pinned if name in pins}) == 1


def test_an_environment_is_made_once_and_again_for_other_pins(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n")
    first = environment("empty", folder=tmp_path / "venvs", requirements=tmp_path)
    (first.folder / "mark").touch()
    assert environment("empty", folder=tmp_path / "venvs", requirements=tmp_path) == first
    assert (first.folder / "mark").exists()
    subprocess.run([first.program("python"), "-c", "pass"], check=True)
    (tmp_path / "empty.txt").write_text("./no-such-package\n")
    with pytest.raises(EnvironmentFailedError, match="pip install"):
        environment("empty", folder=tmp_path / "venvs", requirements=tmp_path)
