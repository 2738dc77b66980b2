from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from segrun.formats import UnusableError, check_whole, read_header

PIXELS = np.random.default_rng(0).integers(0, 256, (19, 23, 4), np.uint8)


def webp(channels: int, *, lossless: bool) -> bytes:
    content = io.BytesIO()
    Image.fromarray(PIXELS[..., :channels]).save(content, "WEBP", lossless=lossless)
    return content.getvalue()


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_head_tells_size_and_no_cut_passes(channels: int, lossless: bool) -> None:
    whole = webp(channels, lossless=lossless)
    header = read_header(whole)
    assert (header.height, header.width, header.bands) == (19, 23, 3)
    check_whole(whole)
    check_whole(whole + b"junk")
    for length in range(12, len(whole)):
        with pytest.raises(UnusableError, match=r"is cut off|is corrupt"):
            check_whole(whole[:length])


def test_an_animation_is_refused() -> None:
    frames = [Image.fromarray(PIXELS[..., :3]), Image.fromarray(255 - PIXELS[..., :3])]
    content = io.BytesIO()
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(UnusableError, match="is an animation"):
        read_header(content.getvalue())


def test_a_container_that_claims_to_be_empty_is_corrupt() -> None:
    with pytest.raises(UnusableError, match="no chunks"):
        read_header(b"RIFF\x04\0\0\0WEBPVP8 " + bytes(30))
