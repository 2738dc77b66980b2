from __future__ import annotations

from pathlib import Path

import click
import pytest

from segrun.cli import run
from segrun.errors import InputError
from segrun_train.commands.picture_options import excluded_stems, read_fold, read_fold_or_all
from tests.train.drawn_pairs import draw_pairs


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    images, masks = draw_pairs(tmp_path, 3)
    for folder in (images, masks):
        (folder / "a").mkdir()
        (folder / "p2.png").rename(folder / "a" / "p.2.png")
    return images, masks


def test_stems_and_lists_of_stems_are_taken_alike(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("p1.png\n# of another set\nelsewhere\n")
    assert excluded_stems(["p0", "p1.png", "p.2"], folders) == ("p.2", "p0", "p1")
    assert excluded_stems(["a/p.2"], folders) == ("a/p.2",)
    assert excluded_stems([str(tmp_path / "list.txt"), "p0"], folders) == ("elsewhere", "p0", "p1")
    assert excluded_stems([], [tmp_path / "none"]) == ()


def test_what_is_neither_a_file_nor_a_stem_is_named(folders: tuple[Path, Path], tmp_path: Path) -> None:
    for rule in ("p7", "p", "list.txt", str(tmp_path)):
        with pytest.raises(click.BadParameter, match="neither a file nor the stem") as found:
            excluded_stems(["p0", rule], folders)
        assert repr(rule) in found.value.message
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(InputError, match=r"cannot read.*list\.txt"):
        excluded_stems([str(tmp_path / "list.txt")], folders)


def test_a_list_that_names_no_picture_at_all_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("elsewhere\np7\n")
    with pytest.raises(InputError, match=r"--exclude names no picture.*list\.txt', read as a list"):
        excluded_stems(["p0", str(tmp_path / "list.txt")], folders)


@pytest.mark.parametrize("command", ["train", "check-data", "augment", "evaluate"])
def test_all_four_commands_refuse_a_stem_that_is_none(
    command: str, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [command, "--images", str(folders[0]), "--masks", str(folders[1]), "--exclude", "p7"]
    words += {"evaluate": ["--model", "roofs"], "check-data": []}.get(command, ["--out", str(tmp_path / "o")])
    assert run(words) == 2
    assert "'p7'" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_folds() -> None:
    context, parameter = click.Context(click.Command("x")), click.Option(["--fold"])
    assert read_fold(context, parameter, None) is None
    assert read_fold(context, parameter, "1/5") == (1, 5)
    assert read_fold_or_all(context, parameter, None) == (None, None)
    assert read_fold_or_all(context, parameter, "1/5") == (1, 5)
    assert read_fold_or_all(context, parameter, "5") == (None, 5)
    for value in ("", "5", "a", "1/2/3", "1/b"):
        with pytest.raises(click.BadParameter, match="K/N"):
            read_fold(context, parameter, value)
    for value in ("a", "1/2/3"):
        with pytest.raises(click.BadParameter, match="for all folds"):
            read_fold_or_all(context, parameter, value)
