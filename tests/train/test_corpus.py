from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.errors import InputError
from segrun_train.corpus import read_corpus
from tests.train.drawn_pairs import draw_pairs


def test_folders_are_read_once_and_described(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path / "town", 3, alpha=True)
    corpus = read_corpus([images], [masks], gsd_cm=[25.0])
    assert [sample.stem for sample in corpus.samples] == ["p0", "p1", "p2"]
    first = corpus.samples[0].full
    assert first.pixels.shape == (48, 52, 3)
    assert (first.valid[:8] == 0).all()
    assert (first.valid[8:] == 255).all()
    (described,) = corpus.description
    assert (described["name"], described["pairs"], described["gsd_cm"]) == ("town", 3, 25.0)


def test_the_hash_follows_content_and_not_place(tmp_path: Path) -> None:
    first, second = (
        read_corpus(*([folder] for folder in draw_pairs(tmp_path / name, 2))) for name in ("a", "b")
    )
    assert first.description[0]["sha256"] == second.description[0]["sha256"]
    (tmp_path / "b" / "masks" / "p0.png").write_bytes((tmp_path / "b" / "masks" / "p1.png").read_bytes())
    third = read_corpus([tmp_path / "b" / "images"], [tmp_path / "b" / "masks"])
    assert third.description[0]["sha256"] != first.description[0]["sha256"]


def test_excluded_stems_are_left_out(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 3)
    assert [sample.stem for sample in read_corpus([images], [masks], exclude={"p1"}).samples] == ["p0", "p2"]
    with pytest.raises(InputError, match="every picture"):
        read_corpus([images], [masks], exclude={"p0", "p1", "p2"})


def test_a_mask_value_that_fits_no_class_is_named_with_its_file(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 2)
    for path in masks.iterdir():
        cv2.imwrite(str(path), np.full((48, 52), 3, np.uint8))
    assert len(read_corpus([images], [masks], classes=4).samples) == 2
    with pytest.raises(InputError, match=r"p0\.png has a value that fits no class\. Received: 3"):
        read_corpus([images], [masks], classes=3)


def test_sizes_that_differ_are_refused(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 1)
    cv2.imwrite(str(masks / "p0.png"), np.zeros((20, 30), np.uint8))
    with pytest.raises(InputError, match="30x20 and 52x48"):
        read_corpus([images], [masks])


def test_unpaired_names_and_empty_folders_are_refused(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 2)
    (masks / "p1.png").unlink()
    with pytest.raises(InputError, match="p1"):
        read_corpus([images], [masks])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="empty"):
        read_corpus([empty], [masks])


def test_ground_distances_come_from_names_where_asked(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 1)
    with pytest.raises(InputError, match="not named as a web map tile"):
        read_corpus([images], [masks], gsd_cm=["tile"])
    for folder in (images, masks):
        (folder / "p0.png").rename(folder / "OAM-386695-220241-19.png")
    (sample,) = read_corpus([images], [masks], gsd_cm=["tile"]).samples
    assert sample.gsd_cm == pytest.approx(13.2 * 512 / 52, rel=0.01)
    with pytest.raises(ValueError, match="one for each"):
        read_corpus([images], [masks], gsd_cm=[1.0, 2.0])
