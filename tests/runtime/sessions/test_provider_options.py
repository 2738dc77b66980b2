from __future__ import annotations

from pathlib import Path

import click
import pytest

from segrun import options
from segrun.cli import run
from segrun.errors import EngineError, OutputError
from segrun.host_key import host_key
from segrun.model_file import ModelFile
from segrun.sessions import COMPUTES, NAMED_ENGINES, ONNX_ENGINES, SessionOptions, open_session
from segrun.sessions.provider_options import COMPUTES_OF, refuse_compute, with_options
from segrun.sessions.providers import OPENVINO_HINTS, PROVIDERS
from tests.runtime.grey_model import exported, grey_onnx
from tests.runtime.sessions.gpu_stand_in import GpuStandIn
from tests.runtime.test_predict import draw, save


def test_cuda_keeps_to_the_files_digits_and_searches_nothing_twice() -> None:
    (name, options), last = with_options("cuda", SessionOptions("cuda"), "a" * 64)
    assert (name, last) == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert options["use_tf32"] == "0"
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"
    assert options["arena_extend_strategy"] == "kSameAsRequested"
    assert options["enable_cuda_graph"] == "0"


def test_what_is_asked_for_is_set() -> None:
    (_, options), _ = with_options("cuda", SessionOptions("cuda", compute="tf32", cuda_graph=True), "a" * 64)
    assert (options["use_tf32"], options["enable_cuda_graph"]) == ("1", "1")
    (_, coreml), _ = with_options("coreml", SessionOptions("coreml"), "a" * 64)
    assert coreml["MLComputeUnits"] == "CPUAndGPU"


def test_tensorrt_keeps_its_engines_for_this_machine_and_model() -> None:
    first, second, last = with_options("tensorrt", SessionOptions("tensorrt", batch=4), "a" * 64)
    assert [first[0], second[0], last] == [PROVIDERS[name] for name in ("tensorrt", "cuda", "cpu")]
    folder = Path(first[1]["trt_engine_cache_path"])
    assert folder.is_dir()
    assert folder.name == f"{host_key()}-{'a' * 16}"
    assert (first[1]["trt_engine_cache_enable"], first[1]["trt_fp16_enable"]) == ("1", "0")
    other = with_options("tensorrt", SessionOptions("tensorrt", compute="fp16"), "b" * 64)[0][1]
    assert other["trt_engine_cache_path"] != str(folder)
    assert other["trt_engine_cache_prefix"] != first[1]["trt_engine_cache_prefix"]
    assert other["trt_fp16_enable"] == "1"


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "segrun").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("segrun.host_key.sys.platform", "linux")
    with pytest.raises(OutputError, match="XDG_CACHE_HOME"):
        with_options("tensorrt", SessionOptions("tensorrt"), "a" * 64)


def test_tensorrt_is_not_let_loose_with_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NVIDIA_TF32_OVERRIDE", raising=False)
    with pytest.raises(EngineError, match=r"would compute in TF32.*NVIDIA_TF32_OVERRIDE=0.*--compute tf32"):
        refuse_compute("tensorrt", SessionOptions("tensorrt"))
    refuse_compute("tensorrt", SessionOptions("tensorrt", compute="tf32"))
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")
    refuse_compute("tensorrt", SessionOptions("tensorrt"))


@pytest.mark.parametrize("engine", [*ONNX_ENGINES, *NAMED_ENGINES])
def test_every_engine_takes_what_it_can_compute_and_refuses_the_rest(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")
    for compute in COMPUTES:
        if compute == "file" or compute in COMPUTES_OF.get(engine, ()):
            refuse_compute(engine, SessionOptions(engine, compute=compute))
        else:
            with pytest.raises(EngineError, match=f"Received: --compute {compute}"):
                refuse_compute(engine, SessionOptions(engine, compute=compute))
    assert set(OPENVINO_HINTS) == {"file", *COMPUTES_OF["openvino"]}


def test_graphs_are_cudas() -> None:
    with pytest.raises(EngineError, match="--cuda-graph on cpu"):
        refuse_compute("cpu", SessionOptions("cpu", cuda_graph=True))


def test_a_graph_that_cannot_be_recorded_is_left_out(
    identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    GpuStandIn(broken="This session cannot use the graph capture feature").install(monkeypatch)
    with pytest.raises(EngineError, match="Leave out --cuda-graph"):
        open_session(ModelFile.read(identity_model), SessionOptions("cuda", cuda_graph=True))


def test_the_option_names_what_engines_know() -> None:
    @click.command()
    @options.compute
    def command(compute: str) -> None:
        """Take it."""

    (parameter,) = command.params
    assert isinstance(parameter.type, click.Choice)
    assert tuple(parameter.type.choices) == COMPUTES


def test_predict_and_verify_take_it(
    tmp_path: Path, identity_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    words = ["predict", "-m", identity_model, tmp_path / "a.png", "-o", tmp_path / "out", "--engine", "cpu"]
    assert run([str(word) for word in [*words, "--compute", "bf16"]]) == 1
    assert "engine cpu cannot compute so. Received: --compute bf16. Leave it out." in capsys.readouterr().err
    assert run([str(word) for word in [*words, "--cuda-graph"]]) == 1
    assert "Received: --cuda-graph on cpu" in capsys.readouterr().err
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    assert run(["verify", str(path), "--engine", "cpu", "--compute", "tf32"]) == 1
    assert "--compute tf32" in capsys.readouterr().err
