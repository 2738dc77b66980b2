from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segrun.formats import UnusableError, check_whole, read_header, tiff

PIXELS = np.random.default_rng(0).integers(0, 256, (19, 23, 4), np.uint8)


def written(pixels: Any, **options: Any) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "TIFF", **options)
    return content.getvalue()


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_head_tells_size_and_bands(channels: int, big: bool) -> None:
    whole = written(PIXELS[..., :channels], big_tiff=big)
    header = read_header(whole)
    assert (header.height, header.width, header.colour, header.bands, header.bits) == (19, 23, "rgb", 3, 8)
    check_whole(whole)


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_no_cut_passes(compression: str | None) -> None:
    whole = written(PIXELS[..., :3], compression=compression)
    directory = tiff.read_directory(whole)
    last = max(
        *(tag.start + tag.count for tag in directory.tags.values()),
        *map(sum, zip(directory.values(273), directory.values(279), strict=True)),
    )
    for length in range(8, last):
        with pytest.raises(UnusableError, match="is cut off"):
            check_whole(whole[:length])


def test_samples_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(UnusableError, match=r"not unsigned whole numbers \(32 bits\)"):
        read_header(written(PIXELS[..., 0].astype(np.float32)))


def test_colours_that_are_not_rgb_are_seen() -> None:
    content = io.BytesIO()
    Image.new("LAB", (5, 4)).save(content, "TIFF")
    assert read_header(content.getvalue()).colour == "other"
    assert read_header(written(PIXELS[..., 0])).colour == "grey"


def test_georeference_is_seen_by_its_tags(shared_data: Path) -> None:
    assert tiff.is_georeferenced((shared_data / "geotiff" / "images" / "OSBS_029.tif").read_bytes())
    assert not tiff.is_georeferenced(written(PIXELS[..., :3]))
