from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun_export import Facts, Variant, export
from segrun_export.variants import DEEPNESS
from tests.export.conftest import Drawn


class Page(HTMLParser):
    """Collects what a page would load, and its table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag
        self.loaded += [value or "" for key, value in attrs if key in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page(unet_file: Path, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Page:
    out = tmp_path_factory.mktemp("report")
    variants = [Variant("onnx", "fp32"), Variant("onnx", "int8"), DEEPNESS]
    facts = Facts(classes=("<b>square</b>",), gsd_cm=30.0)
    assert export(unet_file, drawn.pairs, out, facts=facts, variants=variants, tiles=6)
    found = Page()
    found.feed((out / "report.html").read_text())
    return found


def test_the_page_needs_no_other_file(page: Page) -> None:
    assert len(page.loaded) == 12
    assert all(source.startswith("data:image/png;base64,") for source in page.loaded)


def test_every_file_has_its_figures(page: Page) -> None:
    text = " ".join(page.text)
    for part in (
        "squares.onnx",
        "squares.int8.onnx",
        "squares.deepness.onnx",
        "calibration: ",
        "Receptive field",
        "tensorflow",
    ):
        assert part in text
    assert text.count("passed") >= 4


def test_an_engine_that_certified_nothing_is_named_once_for_each_reason(page: Page) -> None:
    found = [
        (text, reason)
        for text, reason in zip(page.text, page.text[1:], strict=False)
        if "Not certified on" in text
    ]
    if not found:
        pytest.skip("every engine runs here")
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r": \w.* \(squares\..*\)", reason) for _, reason in found)


def test_the_difference_picture_shows_as_many_pixels_as_the_heading_says(page: Page) -> None:
    counts = [int(found) for found in re.findall(r"(\d+) pixels differ", " ".join(page.text))]
    for index, count in enumerate(counts):
        content = base64.b64decode(page.loaded[4 * index + 3].partition(",")[2])
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        assert int(np.count_nonzero(picture)) == count
