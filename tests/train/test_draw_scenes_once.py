"""The shell's ``draw_once``: what an interrupted drawing left is drawn again, what is whole is kept."""

from __future__ import annotations

import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).parents[2] / "train" / "draw.sh"
# Stands in for the program: writes one picture, then fails where it is told to.
_DRAWING = """segrun() { mkdir -p "$3/images" && echo "$*" > "$3/images/$picture" && "$end"; }"""


def draw(folder: Path, picture: str, end: str) -> int:
    command = f"set -euo pipefail; picture={picture} end={end}; {_DRAWING}; . {_SCRIPT}; draw_once {folder} --seed 4"
    return subprocess.run(["bash", "-c", command], check=False).returncode


def test_an_interrupted_drawing_is_drawn_again_and_a_whole_one_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "scenes"
    assert draw(folder, "first", "false") != 0
    assert not folder.exists()
    assert draw(folder, "first", "true") == 0
    assert (folder / "images" / "first").read_text() == f"scenes --out {folder}.part --overwrite --seed 4\n"
    assert draw(folder, "second", "false") == 0
    assert [path.name for path in (folder / "images").iterdir()] == ["first"]
    assert [path.name for path in tmp_path.iterdir()] == ["scenes"]
