from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import InputError
from segrun.pairs import Pair, find_pairs, find_pictures


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def test_pictures_are_found_in_sub_folders_in_one_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.png", "a/z.JPG", "a/c.tif", "a-b.webp", "c.bmp", "d.jpeg", "e.tiff")
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)]
    assert found == ["a/c.tif", "a/z.JPG", "a-b.webp", "b.png", "c.bmp", "d.jpeg", "e.tiff"]


def test_hidden_and_foreign_files_are_left_out(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "a.png",
        ".b.png",
        "._a.png",
        ".cache/c.png",
        "a.png.aux.xml",
        "a.tif.ovr",
        "a.tfw",
        "read.me",
        "png",
    )
    assert [path.name for path in find_pictures(tmp_path)] == ["a.png"]


def test_links_that_lead_back_end_somewhere(tmp_path: Path) -> None:
    touch(tmp_path, "a/b.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    assert [path.name for path in find_pictures(tmp_path)] == ["b.png"]


def test_a_linked_folder_elsewhere_is_searched(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere", "b.png")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert [path.name for path in find_pictures(tmp_path / "here")] == ["b.png"]


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent is not a folder\. Name a folder"):
        find_pictures(tmp_path / "absent")


def test_pairs_follow_stems_and_sub_folders(tmp_path: Path) -> None:
    images = touch(tmp_path / "images", "b.jpg", "a/b.png", "a.v1.png")
    masks = touch(tmp_path / "masks", "b.png", "a/b.tif", "a.v1.png")
    assert find_pairs([images], [masks]) == [
        Pair("a.v1", images / "a.v1.png", masks / "a.v1.png"),
        Pair("a/b", images / "a/b.png", masks / "a/b.tif"),
        Pair("b", images / "b.jpg", masks / "b.png"),
    ]


def test_folder_i_pairs_with_folder_i(tmp_path: Path) -> None:
    folders = [touch(tmp_path / name, "x.png") for name in ("i1", "i2", "m1", "m2")]
    pairs = find_pairs(folders[:2], folders[2:])
    assert [(pair.image.parent.name, pair.mask.parent.name) for pair in pairs] == [("i1", "m1"), ("i2", "m2")]


def test_unpaired_pictures_are_counted_and_three_are_named(tmp_path: Path) -> None:
    images = touch(tmp_path / "images", *(f"{index}.png" for index in range(6)))
    masks = touch(tmp_path / "masks", "0.png")
    with pytest.raises(
        InputError, match=r"5 pictures in .* have no mask in .*Received: 1, 2, 3 and 2 more\."
    ):
        find_pairs([images], [masks])
    assert [pair.stem for pair in find_pairs([images], [masks], strict=False)] == ["0"]


def test_unpaired_masks_are_refused_too(tmp_path: Path) -> None:
    images, masks = touch(tmp_path / "images", "0.png"), touch(tmp_path / "masks", "0.png", "1.png")
    with pytest.raises(InputError, match=r"1 masks in .* have no picture in .*Received: 1\."):
        find_pairs([images], [masks])


@pytest.mark.parametrize("strict", [True, False])
def test_two_files_of_one_stem_are_refused(tmp_path: Path, strict: bool) -> None:
    images, masks = touch(tmp_path / "images", "b.jpg", "b.png"), touch(tmp_path / "masks", "b.png")
    with pytest.raises(InputError, match=r"one stem\. Received: b\.jpg and b\.png\. Rename"):
        find_pairs([images], [masks], strict=strict)


def test_folders_without_a_common_name_are_refused(tmp_path: Path) -> None:
    images, masks = touch(tmp_path / "images", "a.png"), touch(tmp_path / "masks", "b.png")
    with pytest.raises(InputError, match=r"no picture in .*Received: a and b\."):
        find_pairs([images], [masks], strict=False)


def test_an_empty_folder_and_uneven_folders_are_refused(tmp_path: Path) -> None:
    images = touch(tmp_path / "images", "a.png")
    (tmp_path / "masks").mkdir()
    with pytest.raises(InputError, match=r"no pictures in .*masks\. Looked for: \.png"):
        find_pairs([images], [tmp_path / "masks"])
    with pytest.raises(InputError, match=r"Received: 2 folders of pictures, 1 of masks"):
        find_pairs([images, images], [images])


def test_real_sets_pair_completely(shared_data: Path) -> None:
    sets = {"dida": 25, "oam_banepa": 48, "oam_kampala": 147, "epfl_road": 80}
    images = [shared_data / name / "images" for name in sets]
    masks = [shared_data / name / "masks" for name in sets]
    assert len(find_pairs(images, masks)) == sum(sets.values())
