from __future__ import annotations

import pytest

from segrun.formats import UnusableError, kind_of


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"GIF89a....", "is a GIF"),
        (b"%PDF-1.7", "is a PDF"),
        (b"PK\x03\x04....", "is a ZIP archive"),
        (b"\0\0\0\x18ftypheic....", "is a HEIC picture"),
        (b"\0\0\0\x18ftypmp42....", "is a video"),
        (b"\0\0\0\x0cjP  \r\n", "is a JPEG 2000 picture"),
        (b"\n\n<!doctype html>", "is a web page or XML text"),
        (b"version https://git-lfs.github.com/spec/v1", "is a Git LFS pointer"),
        (b"\x89PNG\n\x1a\n", "is not a picture (it starts with 89 50 4e 47"),
    ],
)
def test_strangers_are_named(content: bytes, what: str) -> None:
    with pytest.raises(UnusableError) as caught:
        kind_of(content)
    assert str(caught.value).startswith(what)


@pytest.mark.parametrize("head", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_every_kind_of_tiff_is_known(head: bytes) -> None:
    assert kind_of(head + bytes(20)) == "TIFF"
