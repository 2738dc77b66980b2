from __future__ import annotations

from pathlib import Path

import pytest

from segrun.atomic import replacing, sweep, write_bytes


def test_the_earlier_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail_half_way() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"ne")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.bin"]
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"


def test_the_temporary_name_keeps_the_suffix_and_is_hidden(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.tif") as temporary:
        temporary.touch()
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.suffix == ".tif"


def test_only_what_a_killed_writer_of_these_files_left_is_swept_away(tmp_path: Path) -> None:
    left = []
    for name in ("a.png", "a.scores.tif", "b.png", "journal"):
        with replacing(tmp_path / name) as temporary:
            temporary.touch()
            left.append(temporary.name)
        (tmp_path / left[-1]).touch()
    kept = {".a.part.png", ".a.12345678.part", "a.12345678.part.png", ".a.1234567g.part.png", ".hidden"}
    for name in kept - {".a.12345678.part"}:
        (tmp_path / name).touch()
    (tmp_path / ".a.12345678.part").mkdir()
    finished = {"a.png", "a.scores.tif", "b.png", "journal"}
    sweep(tmp_path, {"a"})
    assert {item.name for item in tmp_path.iterdir()} == {*kept, *finished, left[2], left[3]}
    sweep(tmp_path)
    assert {item.name for item in tmp_path.iterdir()} == {*kept, *finished}
    sweep(tmp_path / "absent")
