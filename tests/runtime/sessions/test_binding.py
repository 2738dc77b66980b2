from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun.face import Face
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import SessionOptions, open_session
from segrun.sessions.binding import BoundCall
from segrun.sessions.onnx import OnnxSession
from tests.runtime.sessions.gpu_stand_in import GpuStandIn


def test_a_real_network_gives_the_same_bytes_through_buffers() -> None:
    file, options = ModelFile.read(find_model("roofs")), SessionOptions("cpu", 1, 1)
    plain, bound = open_session(file, options), OnnxSession(file, options, buffers="cpu")
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 256, (1, 256, 256, 3), np.uint8)
        np.testing.assert_array_equal(bound.run(pixels), plain.run(pixels))


@given(batches=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4))
def test_nothing_of_an_earlier_call_stays(identity_model: Path, batches: list[int]) -> None:
    session = OnnxSession(ModelFile.read(identity_model), SessionOptions("cpu", 1, 2), buffers="cpu")
    for seed in batches:
        pixels = np.random.default_rng(seed).integers(0, 256, (2, 64, 64, 3), np.uint8)
        np.testing.assert_array_equal(np.rint(255 * session.run(pixels))[..., 0], pixels[..., 0])


def test_buffers_are_made_once_and_on_the_gpu(identity_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = GpuStandIn().install(monkeypatch)
    session = open_session(ModelFile.read(identity_model), SessionOptions("cuda", 1, 3))
    for _ in range(4):
        session.run(np.zeros((3, 64, 64, 3), np.uint8))
    assert machine.buffers == [((3, 64, 64, 3), "cuda"), ((3, 64, 64, 1), "cuda")]


def test_a_model_of_another_layout_gets_buffers_of_its_own_shape() -> None:
    calls: list[Any] = []

    class Binding:
        def __getattr__(self, name: str) -> Any:
            return lambda *words: calls.append((name, words))

    class Session:
        def io_binding(self) -> Binding:
            return Binding()

        def run_with_iobinding(self, binding: Binding) -> None:
            calls.append(("run", binding))

    face = Face("in", "out", 32, 3, 2, np.float32, "nchw", "nhwc")
    call = BoundCall(onnxruntime, Session(), face, batch=4, output_type="tensor(float16)", device="cpu")
    found = call(np.zeros((4, 3, 32, 32), np.float32))
    assert found.shape == (4, 32, 32, 2)
    assert found.dtype == np.float16
    assert [name for name, _ in calls[2:]] == ["synchronize_inputs", "run", "synchronize_outputs"]
