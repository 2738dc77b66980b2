from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segrun.errors import InputError
from segrun.formats.png import IHDR, SIGNATURE, chunk
from segrun.picture_head import picture_size
from segrun.pictures import read_mask, read_picture

PixelArray = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def colours() -> PixelArray:
    smooth = cv2.resize(np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8), (70, 50))
    return np.asarray(smooth, np.uint8)


def save(path: Path, image: Image.Image, kind: str, **options: Any) -> Path:
    image.save(path, kind, **options)
    return path


def png(width: int, height: int, *, colour: int = 2, bits: int = 8, data: bytes = b"") -> bytes:
    head = chunk(b"IHDR", IHDR.pack(width, height, bits, colour, 0, 0, 0))
    return SIGNATURE + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


LOSSLESS = [
    ("a.png", "PNG", {}),
    ("a.bmp", "BMP", {}),
    ("a.webp", "WEBP", {"lossless": True}),
    ("a.tif", "TIFF", {}),
]


@pytest.mark.parametrize(("name", "kind", "options"), LOSSLESS)
def test_pixels_come_as_stored_in_rgb_order(
    tmp_path: Path, colours: PixelArray, name: str, kind: str, options: dict[str, Any]
) -> None:
    path = save(tmp_path / name, Image.fromarray(colours), kind, **options)
    picture = read_picture(path)
    assert (picture.pixels == colours).all()
    assert picture.pixels.flags.c_contiguous
    assert picture.valid is None
    assert picture.warnings == ()
    assert picture_size(path) == (50, 70)


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_comes_close(tmp_path: Path, colours: PixelArray, progressive: bool) -> None:
    path = save(tmp_path / "a.jpg", Image.fromarray(colours), "JPEG", quality=95, progressive=progressive)
    assert np.abs(read_picture(path).pixels.astype(int) - colours).mean() < 3
    assert picture_size(path) == (50, 70)


def test_exif_orientation_is_ignored(tmp_path: Path, colours: PixelArray) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "a.jpg", Image.fromarray(colours), "JPEG", exif=exif)
    assert read_picture(path).pixels.shape == (50, 70, 3)
    assert picture_size(path) == (50, 70)


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.tif", "TIFF")])
def test_alpha_zero_is_not_valid_and_colours_under_soft_alpha_stay(
    tmp_path: Path, colours: PixelArray, name: str, kind: str
) -> None:
    alpha = np.full(colours.shape[:2], 128, np.uint8)
    alpha[:10] = 0
    picture = read_picture(save(tmp_path / name, Image.fromarray(np.dstack([colours, alpha])), kind))
    assert (picture.pixels == colours).all()
    assert picture.valid is not None
    assert (picture.valid == (alpha != 0)).all()


def test_soft_alpha_of_tiff_leaves_colours_alone_without_rasterio(
    tmp_path: Path, colours: PixelArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segrun.pictures.rasterio_is_here", lambda: False)
    alpha = np.full(colours.shape[:2], 128, np.uint8)
    picture = read_picture(save(tmp_path / "a.tif", Image.fromarray(np.dstack([colours, alpha])), "TIFF"))
    assert (picture.pixels == colours).all()


def test_a_palette_picture_is_a_colour_picture(tmp_path: Path, colours: PixelArray) -> None:
    image = Image.fromarray(colours).quantize(16)
    picture = read_picture(save(tmp_path / "a.png", image, "PNG"))
    assert (picture.pixels == np.asarray(image.convert("RGB"))).all()


def test_a_grey_picture_serves_a_model_of_one_band(tmp_path: Path, colours: PixelArray) -> None:
    grey = colours[..., 0]
    path = save(tmp_path / "a.png", Image.fromarray(grey), "PNG")
    assert (read_picture(path, bands=1).pixels[..., 0] == grey).all()
    with_alpha = np.dstack([grey, np.where(grey > 99, 255, 0).astype(np.uint8)])
    picture = read_picture(save(tmp_path / "b.png", Image.fromarray(with_alpha), "PNG"), bands=1)
    assert (picture.pixels[..., 0] == grey).all()
    assert picture.valid is not None
    assert (picture.valid == (grey > 99)).all()


def refusals(folder: Path, colours: PixelArray) -> dict[str, tuple[Path, str]]:
    rgb = Image.fromarray(colours)
    deep = Image.fromarray(colours[..., 0].astype(np.uint16) * 200)
    jpeg, whole_png = io.BytesIO(), io.BytesIO()
    rgb.save(jpeg, "JPEG")
    rgb.save(whole_png, "PNG")

    def written(name: str, content: bytes) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    flipped = bytearray(whole_png.getvalue())
    flipped[len(flipped) // 2] ^= 1
    return {
        "empty": (written("empty.png", b""), "is empty (0 bytes). Copy"),
        "zero-sized": (written("zero.png", png(0, 40)), "has no pixels (0 x 40)"),
        "truncated jpeg": (written("cut.jpg", jpeg.getvalue()[:-20]), "no end-of-image marker). Copy"),
        "truncated png": (written("cut.png", whole_png.getvalue()[:-20]), "no IEND chunk). Copy"),
        "flipped bit": (written("bit.png", bytes(flipped)), "checksum of its IDAT chunk does not match"),
        "short png": (written("short.png", png(40, 40, data=bytes(9))), "is corrupt (libpng error: Not enough image data)"),
        "16 bits": (save(folder / "deep.png", deep, "PNG"), "has 16 bits per band, 8 are needed. Convert"),
        "16 bits tiff": (save(folder / "deep.tif", deep, "TIFF"), "uint16, uint8 is needed. Convert"),
        "grey png": (save(folder / "grey.png", rgb.convert("L"), "PNG"), "has 1 band (grey), the model wants 3."),
        "grey alpha": (save(folder / "la.png", rgb.convert("LA"), "PNG"), "has 1 band (grey), the model wants 3."),
        "grey jpeg": (save(folder / "grey.jpg", rgb.convert("L"), "JPEG"), "has 1 band (grey), the model wants 3."),
        "grey bmp": (save(folder / "grey.bmp", rgb.convert("L"), "BMP"), "has 1 band (grey), the model wants 3."),
        "grey tiff": (save(folder / "grey.tif", rgb.convert("L"), "TIFF"), "has 1 band (gray), the model wants 3."),
        "cmyk jpeg": (save(folder / "cmyk.jpg", rgb.convert("CMYK"), "JPEG"), "is in CMYK (4 print colours). Convert"),
        "text": (written("text.png", b"hello, not a picture"), "is not a picture (it starts with 68 65 6c"),
        "html": (written("page.png", b"\n<!DOCTYPE html>"), "is a web page or XML text. Use PNG, JPEG"),
        "gif": (save(folder / "gif.png", rgb, "GIF"), "is a GIF. Use PNG, JPEG"),
        "too large": (written("bomb.png", png(40000, 40000)), "more pixels than OpenCV reads (40000 x 40000)."),
        "absent": (folder / "absent.png", "cannot read"),
        "folder": (folder, "cannot read"),
    }  # fmt: skip


def test_what_cannot_be_used_is_refused_in_one_line_with_cause_and_cure(
    tmp_path: Path, colours: PixelArray, capfd: pytest.CaptureFixture[str]
) -> None:
    for what, (path, words) in refusals(tmp_path, colours).items():
        with pytest.raises(InputError) as caught:
            read_picture(path)
        message = str(caught.value)
        assert str(path) in message, what
        assert words in message, what
        assert "\n" not in message, what
        assert message.endswith("."), what
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


@settings(deadline=None, max_examples=60)
@given(data=st.data())
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "TIFF"])
def test_no_damage_escapes_as_anything_but_an_input_error(kind: str, data: st.DataObject) -> None:
    whole = io.BytesIO()
    Image.fromarray(np.arange(900, dtype=np.uint8).reshape(15, 20, 3)).save(whole, kind)
    content = bytearray(whole.getvalue())
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[position] = data.draw(st.sampled_from([0, 1, 127, 128, 255]))
    content = content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        path.write_bytes(content)
        for read in (read_picture, read_mask, picture_size):
            with contextlib.suppress(InputError):
                read(path)


def test_a_cmyk_tiff_is_refused_with_and_without_rasterio(
    tmp_path: Path, colours: PixelArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "cmyk.tif", Image.fromarray(colours).convert("CMYK"), "TIFF")
    with pytest.raises(InputError, match="is in CMYK"):
        read_picture(path)
    monkeypatch.setattr("segrun.pictures.rasterio_is_here", lambda: False)
    with pytest.raises(InputError, match="is in CMYK"):
        read_picture(path)


def test_damage_inside_a_whole_jpeg_is_heard(
    tmp_path: Path, colours: PixelArray, capfd: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path / "a.jpg", Image.fromarray(colours), "JPEG", quality=95)
    content = bytearray(path.read_bytes())
    middle = len(content) - 400
    content[middle : middle + 2] = b"\xff\xd9"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"is corrupt \(Corrupt JPEG data: premature end of data segment\)"):
        read_picture(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "kind", "true"), [("a.png", "JPEG", "JPEG"), ("a.jpg", "PNG", "PNG"), ("a", "PNG", "PNG")]
)
def test_a_misnamed_picture_is_used_with_a_warning(
    tmp_path: Path, colours: PixelArray, name: str, kind: str, true: str
) -> None:
    picture = read_picture(save(tmp_path / name, Image.fromarray(colours), kind))
    assert picture.pixels.shape == colours.shape
    assert len(picture.warnings) == 1
    assert f"{name} is a {true} by its content" in picture.warnings[0]


def test_a_grey_mask_keeps_its_values(tmp_path: Path) -> None:
    values = np.arange(240, dtype=np.uint8).reshape(12, 20)
    for name, kind in (("a.png", "PNG"), ("a.bmp", "BMP"), ("a.tif", "TIFF")):
        assert (read_mask(save(tmp_path / name, Image.fromarray(values), kind)) == values).all()
    same = Image.fromarray(np.dstack([values] * 3))
    assert (read_mask(save(tmp_path / "rgb.png", same, "PNG")) == values).all()
    one_bit = Image.fromarray(values > 99)
    assert (read_mask(save(tmp_path / "bit.png", one_bit, "PNG")) == np.where(values > 99, 255, 0)).all()


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_palette_mask_gives_its_indices(tmp_path: Path, bits: int, transparent: bool) -> None:
    indices = np.random.default_rng(bits).integers(0, 2**bits, (13, 21), np.uint8)
    image = Image.fromarray(indices).convert("P")
    image.putdata(indices.ravel().tolist())
    image.putpalette(np.random.default_rng(1).integers(0, 256, 3 * 2**bits, np.uint8).tobytes())
    options = {"transparency": 0} if transparent else {}
    assert (read_mask(save(tmp_path / "a.png", image, "PNG", bits=bits, **options)) == indices).all()


def test_a_palette_mask_in_tiff_gives_its_indices(tmp_path: Path) -> None:
    indices = np.random.default_rng(0).integers(0, 5, (13, 21), np.uint8)
    image = Image.fromarray(indices).convert("P")
    image.putdata(indices.ravel().tolist())
    image.putpalette([200, 10, 10, 10, 200, 10, 10, 10, 200, 9, 9, 9, 77, 7, 7])
    assert (read_mask(save(tmp_path / "a.tif", image, "TIFF")) == indices).all()


def test_a_mask_in_colours_is_refused_with_a_cure(tmp_path: Path, colours: PixelArray) -> None:
    path = save(tmp_path / "a.png", Image.fromarray(colours), "PNG")
    with pytest.raises(InputError, match=r"a\.png is a mask in colours\. Save it as grey values"):
        read_mask(path)


def test_a_16_bit_mask_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.fromarray(np.full((4, 4), 300, np.uint16)), "PNG")
    with pytest.raises(InputError, match="has 16 bits per band"):
        read_mask(path)


def test_real_pictures_read_as_pillow_reads_them(shared_data: Path) -> None:
    for path in sorted((shared_data / "dida" / "images").glob("*.png"))[:5]:
        picture, wanted = read_picture(path), np.asarray(Image.open(path))
        assert (picture.pixels == wanted[..., :3]).all()
        valid = np.ones(wanted.shape[:2], np.bool_) if picture.valid is None else picture.valid
        assert (valid == (wanted[..., 3] != 0)).all()


def test_real_misnamed_pictures_are_used_with_a_warning(shared_data: Path, tmp_path: Path) -> None:
    path = next((shared_data / "oam_kampala" / "images").glob("*.jpg"))
    misnamed = tmp_path / f"{path.stem}.png"
    shutil.copyfile(path, misnamed)
    picture = read_picture(misnamed)
    assert (picture.pixels == read_picture(path).pixels).all()
    assert len(picture.warnings) == 1


def test_real_16_bit_and_colour_masks_are_refused(shared_data: Path) -> None:
    with pytest.raises(InputError, match="uint16, uint8 is needed"):
        read_picture(shared_data / "spacenet_solaris" / "images" / "atlanta_pan_900.tif")
    with pytest.raises(InputError, match="is a mask in colours"):
        read_mask(shared_data / "dubai_sample" / "masks" / "image_part_001.png")
