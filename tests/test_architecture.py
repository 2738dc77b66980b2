"""The arrows between the roots, and that light stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from segrun.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "segrun": ROOT / "runtime/segrun",
    "segrun_export": ROOT / "export/segrun_export",
    "segrun_train": ROOT / "train/segrun_train",
}
ARROWS = {"segrun": set(), "segrun_export": {"segrun"}, "segrun_train": {"segrun"}}
HEAVY = (
    "tensorflow",
    "keras",
    "tf2onnx",
    "onnx",
    "rasterio",
    "ray",
    "torch",
    "jax",
    "matplotlib",
    "Augmentor",
)
# A blocked name in sys.modules makes every import of it fail.
BLOCK = f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))\n"


def sources() -> list[tuple[str, Path]]:
    return [(package, path) for package, folder in PACKAGES.items() for path in sorted(folder.rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize(("package", "path"), sources(), ids=lambda value: getattr(value, "name", value))
def test_imports_follow_the_arrows(package: str, path: Path) -> None:
    ours = imported(path) & set(PACKAGES) - {package}
    assert ours <= ARROWS[package], f"{path} imports {ours - ARROWS[package]}"
    if package == "segrun":
        assert not imported(path) & {"tensorflow", "keras", "tf2onnx", "onnx", "ray", "torch", "jax"}
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize(
    "words", [[], *[[name] for name in COMMANDS]], ids=lambda words: " ".join(words) or "segrun"
)
def test_help_works_without_any_heavy_library(words: list[str]) -> None:
    code = f"{BLOCK}from segrun.cli import run\nsys.exit(run({[*words, '--help']!r}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout


def test_importing_segrun_loads_no_numpy() -> None:
    code = "import sys, segrun; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_root_has_a_short_readme() -> None:
    for root in ("runtime", "export", "train", "benchmarks", "tests"):
        assert 3 <= len((ROOT / root / "README.md").read_text(encoding="utf-8").splitlines()) <= 40
