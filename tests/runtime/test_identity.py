"""An identity model gives every pixel back, whatever the size, the overlap, the panels, and where a run broke off."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segrun.errors import EngineError
from segrun.grid import BLENDS, Blend
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from segrun.sessions.onnx import OnnxSession

rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
from tests.runtime.test_predict_raster import draw, write  # noqa: E402 - after the skip

TILE = 64


def predicted(
    model: Path, source: Path, options: PredictOptions, panel_width: int, dies_after: int | None
) -> None:
    """Run predict; with ``dies_after`` the engine drops out after so many calls and the run is resumed."""
    calls = 0
    real = OnnxSession.run

    def run(self: OnnxSession, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        nonlocal calls
        calls += 1
        # The first call of all warms the engine up.
        if dies_after is not None and calls > dies_after + 1:
            raise EngineError("unplugged")
        return real(self, pixels)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segrun.outputs.PANEL_WIDTH_PX", panel_width)
        patch.setattr(OnnxSession, "run", run)
        try:
            predict(model, [source], options)
        except EngineError:
            assert dies_after is not None
        patch.setattr(OnnxSession, "run", real)
        predict(model, [source], dataclasses.replace(options, resume=dies_after is not None))


@settings(max_examples=25)
@given(
    height=st.integers(1, 300), width=st.integers(1, 400), overlap=st.integers(0, TILE // 2),
    blend=st.sampled_from(BLENDS), batch=st.integers(1, 5), panel_width=st.integers(1, 500),
    dies_after=st.integers(0, 30) | st.none(),
)  # fmt: skip
@example(height=1, width=1, overlap=0, blend="hann", batch=5, panel_width=1, dies_after=0)
@example(height=257, width=399, overlap=31, blend="linear", batch=3, panel_width=130, dies_after=17)
@example(height=300, width=65, overlap=32, blend="hann", batch=1, panel_width=64, dies_after=9)
def test_every_pixel_comes_back(
    identity_model: Path,
    height: int,
    width: int,
    overlap: int,
    blend: Blend,
    batch: int,
    panel_width: int,
    dies_after: int | None,
) -> None:
    pixels = draw(height, width, seed=height * 1000 + width)
    session = SessionOptions("cpu", 1, batch)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write(folder / "o.tif", pixels)
        words: dict[str, Any] = {"session": session, "overlap": overlap, "blend": blend, "scores": True}
        predicted(identity_model, source, PredictOptions(out=folder / "a", **words), panel_width, dies_after)
        with rasterio.open(folder / "a/o.scores.tif") as scores:
            found = np.rint(255 * scores.scales[0] * scores.read(1))
        np.testing.assert_array_equal(found, pixels[..., 0])
        if dies_after is not None:
            predicted(identity_model, source, PredictOptions(out=folder / "b", **words), panel_width, None)
            for file in ("o.tif", "o.scores.tif"):
                assert (folder / "a" / file).read_bytes() == (folder / "b" / file).read_bytes()
