from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import InputError
from segrun_train.evaluate_choice import PictureChoice
from tests.train.drawn_pairs import draw_pairs


@pytest.fixture
def folders(tmp_path: Path) -> tuple[list[Path], list[Path]]:
    images, masks = draw_pairs(tmp_path, 6)
    return [images], [masks]


@pytest.mark.parametrize(
    ("choice", "stems"),
    [
        (PictureChoice(), "p0 p1 p2 p3 p4 p5"),
        (PictureChoice(fold=(1, 3)), "p1 p4"),
        (PictureChoice(exclude=("p0",), fold=(1, 3)), "p2 p5"),
        (PictureChoice(held_out=("p[01]",)), "p0 p1"),
        (PictureChoice(held_out=("p0",), group_regex="p[024]"), "p0"),
        (PictureChoice(held_out=("p0",), group_regex="^(p)"), "p0 p1 p2 p3 p4 p5"),
        (PictureChoice(fold=(0, 2), group_regex="(p)[123]"), "p1 p2 p3 p4"),
    ],
)
def test_the_pictures_are_those_that_training_sets_aside(
    choice: PictureChoice, stems: str, folders: tuple[list[Path], list[Path]]
) -> None:
    assert " ".join(pair.stem for pair in choice.of(*folders)) == stems


def test_nothing_left_is_refused(folders: tuple[list[Path], list[Path]]) -> None:
    with pytest.raises(InputError, match="--held-out names no picture"):
        PictureChoice(held_out=("p0", "q")).of(*folders)
    with pytest.raises(InputError, match="no picture is left"):
        PictureChoice(exclude=tuple(f"p{index}" for index in range(6))).of(*folders)
    with pytest.raises(InputError, match="needs its --masks"):
        PictureChoice().of(folders[0], [])


@pytest.mark.parametrize("words", [{"fold": (3, 3)}, {"held_out": ("(",)}, {"group_regex": "("}])
def test_words_that_mean_nothing_are_refused_at_once(words: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Received"):
        PictureChoice(**words)  # type: ignore[arg-type]
