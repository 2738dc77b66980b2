"""The augmented set on disk: paired, seeded, binary, whole or absent."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from segrun import cli
from segrun.errors import InputError, OutputError
from segrun_train.augment_set import SOURCE_REGEX, write_augmented_set
from segrun_train.augment_set_operations import AugmentPlan
from segrun_train.groups import group_by_regex
from segrun_train.synthetic import draw_scene, write_scene_pairs


def read(path: Path) -> npt.NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_scene_pairs(tmp_path / "source", 3, seed=2, height=96, width=96)
    return tmp_path / "source"


def write(source: Path, out: Path, **options: object) -> object:
    return write_augmented_set([source / "images"], [source / "masks"], out, **options)  # type: ignore[arg-type]


def test_set_has_originals_and_evenly_spread_copies_under_one_name_each(source: Path, tmp_path: Path) -> None:
    written = write_augmented_set([source / "images"], [source / "masks"], tmp_path / "out", total=14, seed=1)
    assert (written.originals, written.copies, written.grey_masks) == (3, 11, 0)
    images = sorted(path.name for path in (tmp_path / "out" / "images").iterdir())
    assert images == sorted(path.name for path in (tmp_path / "out" / "masks").iterdir())
    assert len(images) == 14
    sources = [re.sub(r"(_aug\d+)?\.png$", "", name) for name in images]
    assert sorted(sources.count(name) for name in set(sources)) == [4, 5, 5]
    group = group_by_regex(SOURCE_REGEX)
    assert {group(Path(name).stem) for name in images} == set(sources)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["images", "masks"]


def test_a_copy_never_takes_the_name_of_an_original(source: Path, tmp_path: Path) -> None:
    for folder in (source / "images", source / "masks"):
        for old, new in (("scene_00000", "a"), ("scene_00001", "a_aug001"), ("scene_00002", "a_aug003")):
            (folder / f"{old}.png").rename(folder / f"{new}.png")
    write(source, tmp_path / "out", total=9)
    assert sorted(path.stem for path in (tmp_path / "out" / "images").iterdir()) == [
        "a", "a_aug001", "a_aug001_aug001", "a_aug001_aug002", "a_aug002",
        "a_aug003", "a_aug003_aug001", "a_aug003_aug002", "a_aug004",
    ]  # fmt: skip
    for path in (source / "images").iterdir():
        np.testing.assert_array_equal(read(tmp_path / "out" / "images" / path.name), read(path))


def test_originals_are_kept_and_masks_are_binary(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "out", total=12)
    for path in (source / "images").iterdir():
        np.testing.assert_array_equal(read(tmp_path / "out" / "images" / path.name), read(path))
        np.testing.assert_array_equal(
            read(tmp_path / "out" / "masks" / path.name), read(source / "masks" / path.name)
        )
    for path in (tmp_path / "out" / "masks").iterdir():
        assert set(np.unique(read(path))) <= {0, 255}, path.name


def test_no_copy_equals_its_original_or_another_copy(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "out", total=27)
    assert len({read(path).tobytes() for path in (tmp_path / "out" / "images").iterdir()}) == 27


def test_masks_move_with_their_pictures(tmp_path: Path) -> None:
    scene = draw_scene(3, 128, 128, 25, "town")
    shown = np.where(scene.roofs[..., None] > 0, np.uint8(220), np.uint8(30)).repeat(3, axis=2)
    for folder, content in (("images", shown), ("masks", scene.roofs)):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "a.png"), content)
    write(tmp_path, tmp_path / "out", total=15)
    for path in (tmp_path / "out" / "images").iterdir():
        picture, mask = read(path), read(tmp_path / "out" / "masks" / path.name)
        seen = (
            (picture[..., 1] > 125)
            if picture.shape[2] == 3
            else (picture[..., 1] > 125) | (picture[..., 3] == 0) & (mask > 0)
        )
        assert (seen != (mask > 0)).mean() < 0.01, path.name


def test_grey_masks_keeps_what_augmentor_does(source: Path, tmp_path: Path) -> None:
    written = write_augmented_set(
        [source / "images"], [source / "masks"], tmp_path / "out", total=20, grey_masks=True
    )
    assert written.grey_masks > 5
    values = np.unique(
        np.concatenate([read(path).ravel() for path in (tmp_path / "out" / "masks").iterdir()])
    )
    assert len(values) > 50


def test_same_seed_same_files_and_global_generators_are_left_alone(source: Path, tmp_path: Path) -> None:
    random.seed(5)
    before = random.getstate()
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        write(source, tmp_path / name, total=9, seed=seed)
    assert random.getstate() == before
    files = {name: [p.read_bytes() for p in sorted((tmp_path / name).rglob("*.png"))] for name in "abc"}
    assert files["a"] == files["b"]
    assert files["a"] != files["c"]


def test_missing_pixels_stay_missing(tmp_path: Path) -> None:
    scene = draw_scene(6, 96, 96)
    alpha = np.full((96, 96, 1), 255, np.uint8)
    alpha[:30, :40] = 0
    for folder, content in (
        ("images", np.concatenate([scene.pixels, alpha], axis=2)),
        ("masks", scene.roofs),
    ):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "a.png"), content)
    write(tmp_path, tmp_path / "out", total=9)
    for path in (tmp_path / "out" / "images").iterdir():
        picture = read(path)
        if picture.shape[2] == 4:
            assert set(np.unique(picture[..., 3])) <= {0, 255}
            assert picture[picture[..., 3] == 0].max() == 0
    missing = [
        float((read(p)[..., 3] == 0).mean())
        for p in (tmp_path / "out" / "images").iterdir()
        if read(p).shape[2] == 4
    ]
    assert len(missing) >= 6
    assert 0.02 < np.mean(missing) < 0.3


def test_class_indices_stay_indices(tmp_path: Path) -> None:
    scene = draw_scene(3, 96, 96)
    for folder, content in (("images", scene.pixels), ("masks", scene.classes)):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "a.png"), content)
    write(tmp_path, tmp_path / "out", total=10, classes=6)
    present = set(np.unique(scene.classes))
    for path in (tmp_path / "out" / "masks").iterdir():
        assert set(np.unique(read(path))) <= present


def test_a_full_folder_is_refused_and_a_failed_run_leaves_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(source, out, total=4)
    before = {path: path.read_bytes() for path in out.rglob("*.png")}
    with pytest.raises(OutputError, match="not empty"):
        write(source, out, total=5)
    (source / "masks" / "scene_00001.png").write_bytes(b"not a picture")
    with pytest.raises(InputError, match="scene_00001"):
        write(source, out, total=5, overwrite=True)
    with pytest.raises(InputError, match="scene_00001"):
        write(source, tmp_path / "other", total=5)
    assert {path: path.read_bytes() for path in out.rglob("*.png")} == before
    assert not list((tmp_path / "other").iterdir())


def test_inputs_are_never_overwritten(source: Path) -> None:
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    with pytest.raises(OutputError, match="place of an input"):
        write(source, source, total=5, overwrite=True)
    assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before


def test_overwriting_replaces_the_earlier_set(source: Path, tmp_path: Path) -> None:
    write(source, tmp_path / "out", total=20)
    write(source, tmp_path / "out", total=5, overwrite=True)
    assert len(list((tmp_path / "out").rglob("*.png"))) == 10
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["images", "masks"]


def test_too_small_a_total_and_impossible_plans_are_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="total=2"):
        write(source, tmp_path / "out", total=2)
    with pytest.raises(ValueError, match="zoom"):
        AugmentPlan(zoom=(0.9, 1.2))
    assert not (tmp_path / "out").exists()


def test_command_reports_the_pattern_that_keeps_copies_together(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "augment",
        "--images",
        str(source / "images"),
        "--masks",
        str(source / "masks"),
        "--out",
        str(tmp_path / "o"),
    ]
    assert cli.run([*words, "--total", "6", "--exclude", "scene_00001", "--json", "-", "-q"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["originals"] == 2
    assert report["copies"] == 4
    assert re.match(report["group_regex"], "a_aug003").group(1) == "a"  # type: ignore[union-attr]
    assert cli.run([*words, "--total", "1", "--overwrite"]) == 2
    assert cli.run([*words, "--total", "6"]) == 1


def test_the_notebooks_set_of_324(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "dida"
    written = write_augmented_set([folder / "images"], [folder / "masks"], tmp_path / "out", exclude={"278"})
    assert (written.originals, written.copies, written.grey_masks) == (24, 300, 0)
    assert len(list((tmp_path / "out" / "images").iterdir())) == 324
