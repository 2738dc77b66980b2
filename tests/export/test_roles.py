from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import InputError
from segrun.pairs import Pair
from segrun_export.roles import roles_of


def pairs(folder: Path, count: int) -> list[Pair]:
    return [Pair(str(i), folder / f"{i}.png", folder / f"{i}m.png") for i in range(count)]


def test_the_split_of_training_tells_proof_from_calibration(tmp_path: Path) -> None:
    given = pairs(tmp_path, 6)
    parts = ["train", "train", "inner", "held_out", "inner", "train"]
    lines = [f"{pair.stem},{part},{pair.image},{pair.mask}" for pair, part in zip(given, parts, strict=True)]
    (tmp_path / "split.csv").write_text("\n".join(["stem,part,image,mask", *lines]))
    roles = roles_of(given, tmp_path)
    assert [pair.stem for pair in roles.proof] == ["2", "4"]
    assert [pair.stem for pair in roles.calibration] == ["0", "1", "5"]


def test_without_a_split_many_pictures_take_turns(tmp_path: Path) -> None:
    roles = roles_of(pairs(tmp_path, 9), tmp_path)
    assert not set(roles.proof) & set(roles.calibration)
    assert len(roles.proof) + len(roles.calibration) == 9


def test_a_few_pictures_do_both(tmp_path: Path) -> None:
    roles = roles_of(pairs(tmp_path, 3), tmp_path)
    assert roles.proof == roles.calibration


def test_no_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Give --images"):
        roles_of([], tmp_path)


def test_what_the_user_says_calibrates_never_proves(tmp_path: Path) -> None:
    given = pairs(tmp_path, 6)
    roles = roles_of(given, tmp_path, given[4:])
    assert [pair.stem for pair in roles.proof] == ["0", "1", "2", "3"]
    assert [pair.stem for pair in roles.calibration] == ["4", "5"]
    with pytest.raises(InputError, match="must be others than those that calibrate"):
        roles_of(given, tmp_path, given)


def test_a_damaged_split_is_refused(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="not a split of segrun train"):
        roles_of(pairs(tmp_path, 3), tmp_path)
