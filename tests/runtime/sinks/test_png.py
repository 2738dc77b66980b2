from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segrun.colours import class_colours
from segrun.formats import check_whole
from segrun.sinks.png import PngSink


def write(path: Path, mask: npt.NDArray[np.uint8], *, foreground: int = 1, nodata: int | None = None) -> Path:
    sink = PngSink(path, height=mask.shape[0], width=mask.shape[1], foreground=foreground, nodata=nodata)
    sink.write(0, mask)
    return sink.commit()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 300))
def test_one_class_reads_as_0_and_255_everywhere(seed: int, height: int, width: int) -> None:
    mask = np.random.default_rng(seed).integers(0, 2, (height, width), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.png", mask)
        check_whole(path.read_bytes())
        seen = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert seen is not None
        assert (np.asarray(seen) == mask * 255).all()
        image = Image.open(path)
        image.load()
        assert image.mode == "L"
        assert (np.asarray(image) == mask * 255).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 254), st.booleans())
def test_more_classes_read_as_indices_and_as_colours(seed: int, foreground: int, with_nodata: bool) -> None:
    mask = np.random.default_rng(seed).integers(0, foreground + 1, (40, 30), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.png", mask, foreground=foreground, nodata=255 if with_nodata else None)
        image = Image.open(path)
        assert image.mode == "P"
        assert (np.asarray(image) == mask).all()
        colours = cv2.imread(str(path), cv2.IMREAD_COLOR)
        assert colours is not None
        assert (colours[..., ::-1] == class_colours(foreground)[mask]).all()


def test_pixels_without_data_are_background_unless_a_value_is_named(tmp_path: Path) -> None:
    mask = np.array([[0, 1, 255]], np.uint8)
    assert np.asarray(Image.open(write(tmp_path / "a.png", mask))).tolist() == [[0, 255, 0]]
    assert np.asarray(Image.open(write(tmp_path / "b.png", mask, nodata=7))).tolist() == [[0, 255, 7]]
    image = Image.open(write(tmp_path / "c.png", mask, foreground=3, nodata=9))
    assert np.asarray(image).tolist() == [[0, 1, 9]]
    assert np.asarray(image.convert("RGBA"))[0, :, 3].tolist() == [255, 255, 0]
    assert np.asarray(Image.open(write(tmp_path / "d.png", mask, foreground=3))).tolist() == [[0, 1, 0]]


@pytest.mark.parametrize(("foreground", "nodata"), [(1, 255), (3, 3), (3, 1), (1, 256), (1, -1)])
def test_nodata_that_means_a_class_is_refused(tmp_path: Path, foreground: int, nodata: int) -> None:
    with pytest.raises(ValueError, match="nodata must"):
        PngSink(tmp_path / "a.png", height=1, width=1, foreground=foreground, nodata=nodata)
    assert list(tmp_path.iterdir()) == []


def test_a_mask_of_roofs_stays_small(tmp_path: Path) -> None:
    mask = np.zeros((512, 512), np.uint8)
    mask[100:200, 100:220] = mask[300:420, 250:400] = 1
    assert write(tmp_path / "a.png", mask).stat().st_size < 2000
