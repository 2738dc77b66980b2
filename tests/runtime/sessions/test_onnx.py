from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from segrun.errors import EngineError, MissingExtraError, ModelError
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import SessionOptions, open_session
from segrun.sessions.onnx import OnnxSession
from segrun.sessions.providers import openvino_devices
from tests.onnx_models import card, identity_graph, write_model


def test_auto_says_what_it_took_and_why(identity_model: Path) -> None:
    session = open_session(ModelFile.read(identity_model), SessionOptions())
    assert session.engine == "cpu"
    assert session.reason.startswith("auto")
    session.close()


def test_the_batch_is_static_and_the_output_the_callers_own(identity_model: Path) -> None:
    session = open_session(ModelFile.read(identity_model), SessionOptions("cpu", 2, 3))
    pixels = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    first = session.run(pixels)
    assert first.shape == (3, 64, 64, 1)
    assert first.dtype == np.float32
    first[:] = -1
    np.testing.assert_allclose(session.run(pixels)[..., 0], pixels[..., 0] / 255, atol=1e-7)


def test_an_engine_that_is_not_here_is_an_error_and_no_other_runs(identity_model: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"segrun\[gpu\]"):
        open_session(ModelFile.read(identity_model), SessionOptions("cuda"))


def test_the_openvino_plugin_runs_the_file_in_its_own_precision(identity_model: Path) -> None:
    pytest.importorskip("onnxruntime_ep_openvino", reason="the openvino extra is not installed")
    import onnxruntime

    try:
        openvino_devices(onnxruntime)
    except EngineError as error:
        pytest.skip(str(error))
    session = open_session(ModelFile.read(identity_model), SessionOptions("openvino", 2))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    np.testing.assert_allclose(session.run(pixels)[..., 0], pixels[..., 0] / 255, atol=1e-6)


def test_a_plugin_without_a_device_is_an_error_with_the_cure(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime_ep_openvino", reason="the openvino extra is not installed")
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_ep_devices", list)
    with pytest.raises(EngineError, match=r"no device on this machine.*Use --engine cpu"):
        open_session(ModelFile.read(identity_model), SessionOptions("openvino"))


def test_a_model_with_a_fixed_batch_runs_only_so(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx", identity_graph(32, batch=2), card(32))
    with pytest.raises(ModelError, match="fixed batch of 2"):
        open_session(ModelFile.read(path), SessionOptions(batch=1))


def test_a_foreign_model_with_a_fixed_batch_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "foreign.onnx"
    path.write_bytes(identity_graph(64, batch=2))
    session = open_session(ModelFile.read(path), SessionOptions(batch=1))
    assert session.batch == 2
    assert session.card.name == "foreign"


def test_an_onnx_file_does_not_run_on_litert(identity_model: Path) -> None:
    with pytest.raises(EngineError, match="tflite"):
        open_session(ModelFile.read(identity_model), SessionOptions("litert"))


@pytest.mark.parametrize("bad", [{"engine": "quantum"}, {"threads": 0}, {"batch": 0}])
def test_options_that_make_no_sense_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Received"):
        SessionOptions(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("threads", "callers", "pool"), [(1, 1, 1), (2, 2, 1), (8, 1, 8), (8, 4, 5), (3, 2, 2), (1, 4, 1)]
)
def test_callers_and_the_pool_they_share_are_the_threads_asked_for(
    identity_model: Path, threads: int, callers: int, pool: int
) -> None:
    session = OnnxSession(ModelFile.read(identity_model), SessionOptions("cpu", threads, callers=callers))
    # One thread of the pool is the caller's own.
    assert session._session.get_session_options().intra_op_num_threads == pool
    session.close()


@pytest.mark.parametrize("threads", [3, 4])
def test_scores_do_not_depend_on_who_shares_the_pool(threads: int) -> None:
    roofs = ModelFile.read(find_model("roofs"))
    alone = OnnxSession(roofs, SessionOptions("cpu", 1))
    shared = OnnxSession(roofs, SessionOptions("cpu", threads, callers=2))
    tile = alone.card.tile
    tiles = np.random.default_rng(0).integers(0, 256, (4, 1, tile, tile, 3), np.uint8)
    with ThreadPoolExecutor(2) as callers:
        together = list(callers.map(shared.run, tiles))
    assert [scores.tobytes() for scores in together] == [alone.run(pixels).tobytes() for pixels in tiles]
