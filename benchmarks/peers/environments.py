"""An environment of its own for each contestant, made once from pinned requirements and kept in ``.venv-peers``."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
FOLDER = ROOT / ".venv-peers"
FINISHED = "finished"


class EnvironmentFailedError(Exception):
    """An environment could not be made; pip's last words are the message."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Args:
        name: of its requirements, without the ending.
        folder: where it lies.
    """

    name: str
    folder: Path

    def program(self, name: str) -> str:
        """Return a program in it: ``python``, or a console script."""
        return str(self.folder / ("Scripts" if os.name == "nt" else "bin") / name)


def packages(name: str, requirements: Path = REQUIREMENTS) -> Mapping[str, str]:
    """Return the pinned versions of an environment's packages, by name, in the order of the file."""
    lines = (requirements / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.strip().partition("==") for line in lines if "==" in line and not line.startswith("#")]
    return {package: version for package, _, version in pins}


def environment(name: str, *, folder: Path = FOLDER, requirements: Path = REQUIREMENTS) -> Environment:
    """Return an environment, made now where there is none, or where its requirements changed.

    Args:
        name: of a file in ``requirements``.
        folder: where environments are kept.
        requirements: folder of the pins.
    Raises:
        EnvironmentFailedError: pip cannot install a package.
    """
    pins = requirements / f"{name}.txt"
    text = pins.read_text(encoding="utf-8")
    if "constraints.txt" in text:
        text += (ROOT / "constraints.txt").read_text(encoding="utf-8")
    key = hashlib.sha256(f"{sys.version}\n{text}".encode()).hexdigest()[:12]
    found = Environment(name, folder / f"{name}-{key}")
    if (found.folder / FINISHED).exists():
        return found
    shutil.rmtree(found.folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(found.folder)])
    _run([found.program("python"), "-m", "pip", "install", "--quiet", "-r", str(pins)])
    if name == "segrun":
        _settle_cv2(found)
    (found.folder / FINISHED).touch()
    return found


def _settle_cv2(found: Environment) -> None:
    """Take the headless build of the same release where the system lacks what opencv-python needs, as the Makefile does."""
    python = found.program("python")
    if subprocess.run([python, "-c", "import cv2"], capture_output=True, check=False).returncode == 0:
        return
    look = "from importlib.metadata import version; print(version('opencv-python'))"
    version = subprocess.run([python, "-c", look], capture_output=True, text=True, check=True).stdout.strip()
    _run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "opencv-python"])
    _run([python, "-m", "pip", "install", "--quiet", "--no-deps", f"opencv-python-headless=={version}"])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise EnvironmentFailedError(f"{' '.join(command[:4])} ...:\n{last}")
