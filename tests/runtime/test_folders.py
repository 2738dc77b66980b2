from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import InputError
from segrun.folders import find_files


def test_endings_are_matched_whatever_their_case_and_one_folder_is_left_out(tmp_path: Path) -> None:
    for name in ("a.CSV", "sub/b.csv", "sub/c.txt", "out/d.csv", "out/deep/e.csv", "sub/out/f.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = find_files(tmp_path, [".csv"], skip=tmp_path / "out")
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.CSV",
        "sub/b.csv",
        "sub/out/f.csv",
    ]
    assert len(find_files(tmp_path, [".csv"], skip=tmp_path / "absent")) == 5
    assert find_files(tmp_path, [".png"]) == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(InputError, match=r"a\.png is not a folder"):
        find_files(tmp_path / "a.png", [".png"])
