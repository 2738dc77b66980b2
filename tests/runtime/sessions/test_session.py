"""The contract that every engine keeps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.errors import EngineError
from segrun.model_file import ModelFile
from segrun.sessions import Session, SessionOptions, open_session
from segrun.sessions.onnx import OnnxSession
from segrun.sessions.providers import openvino_devices
from segrun.sessions.symmetric import SymmetricSession
from tests.runtime.red_model import red_tflite
from tests.runtime.sessions.gpu_stand_in import GpuStandIn

Open = Callable[[], Session]


def cpu(path: Path) -> Session:
    return open_session(ModelFile.read(path), SessionOptions("cpu", 1, 2))


def cpu_through_buffers(path: Path) -> Session:
    return OnnxSession(ModelFile.read(path), SessionOptions("cpu", 1, 2), buffers="cpu")


def eight_views(path: Path) -> Session:
    return SymmetricSession(cpu(path))


def openvino(path: Path) -> Session:
    pytest.importorskip("onnxruntime_ep_openvino", reason="the openvino extra is not installed")
    import onnxruntime

    try:
        openvino_devices(onnxruntime)
    except EngineError as error:
        pytest.skip(str(error))
    return open_session(ModelFile.read(path), SessionOptions("openvino", 1, 2))


def cuda(path: Path) -> Session:
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("onnxruntime has no CUDA here")
    return open_session(ModelFile.read(path), SessionOptions("cuda", 1, 2))


def litert(path: Path) -> Session:
    return open_session(red_tflite(path.parent), SessionOptions("litert", 1, 2))


def litert_for_two(path: Path) -> Session:
    return open_session(red_tflite(path.parent), SessionOptions("litert", 1, 2, callers=2))


@pytest.fixture(
    params=[
        cpu, cpu_through_buffers, eight_views, openvino, cuda, litert, litert_for_two, "gpu stand-in", "halved",
    ],
    ids=lambda param: param if isinstance(param, str) else param.__name__,
)  # fmt: skip
def session(
    request: pytest.FixtureRequest, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    if isinstance(request.param, str):
        GpuStandIn(most_tiles=1 if request.param == "halved" else None).install(monkeypatch)
        opened = open_session(ModelFile.read(identity_model), SessionOptions("cuda", 1, 2))
    else:
        opened = request.param(identity_model)
    yield opened
    opened.close()


def pixels_of(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (2, 64, 64, 3), np.uint8)


def test_scores_are_those_of_the_model(session: Session) -> None:
    for seed in range(3):
        pixels = pixels_of(seed)
        scores = session.run(pixels)
        assert scores.shape == (2, 64, 64, 1)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores[..., 0], pixels[..., 0] / 255, atol=2e-6)
        np.testing.assert_array_equal(pixels, pixels_of(seed))


def test_scores_are_the_callers_own(session: Session) -> None:
    first = session.run(pixels_of(0))
    kept = first.copy()
    second = session.run(pixels_of(1))
    np.testing.assert_array_equal(first, kept)
    second[:] = -1.0
    np.testing.assert_array_equal(session.run(pixels_of(0)), kept)


def test_what_runs_is_told(session: Session) -> None:
    assert session.engine in ("cpu", "openvino", "cuda", "litert")
    assert session.reason
    assert (session.batch, session.threads) == (2, 1)
    assert (session.card.tile, len(session.card.bands), len(session.card.classes)) == (64, 3, 1)


def test_another_thread_may_run_it(session: Session) -> None:
    found: list[NDArray[np.float32]] = []
    worker = threading.Thread(target=lambda: found.append(session.run(pixels_of(0))))
    worker.start()
    worker.join()
    np.testing.assert_array_equal(found[0], session.run(pixels_of(0)))


def test_threads_do_not_meet(session: Session) -> None:
    def runs(seed: int) -> bool:
        own = pixels_of(seed)
        return all(np.array_equal(np.rint(255 * session.run(own))[..., 0], own[..., 0]) for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(runs, range(4)))


def test_tiles_of_another_size_are_an_error_of_one_line(session: Session) -> None:
    with pytest.raises(EngineError) as caught:
        session.run(np.zeros((2, 32, 64, 3), np.uint8))
    assert "\n" not in str(caught.value)


def test_a_closed_session_cannot_run(session: Session) -> None:
    session.close()
    with pytest.raises(EngineError, match="closed"):
        session.run(pixels_of(0))
