from __future__ import annotations

import dataclasses
import json

from benchmarks.alternating import Alternation, ProcessCost
from benchmarks.gpu.cards import Card
from benchmarks.gpu.flops import Work
from benchmarks.gpu.page import Found, page
from benchmarks.gpu.rows import Row
from benchmarks.gpu.training_step import Step
from segrun.timing import Timing

WORK = Work(flops=1_000_000_000, activations=1000, weights=1000)
BOUND = Row(
    "m.onnx", "fp32", "cuda", 4, "bound", "", Timing(100, 4, 256, 0.8, 8.0, 8.5, 9.0, {"NVML card 0": 40.0})
)
PLAIN = Row("m.onnx", "fp32", "cuda", 4, "plain", "", Timing(100, 4, 256, 1.2, 12.0, 12.0, 13.0))
ABSENT = Row("m.onnx", "fp32", "tensorrt", 1, "bound", "pip install it")
RUNS = Alternation({"PNG folder, cuda, batch 1": (ProcessCost(2.0, 1.0, 0.5, None),) * 3})
STEPS = (
    Step("torch", "unet", 32, "mixed_bfloat16", "", 50.0, 10**13, "gpu:0"),
    Step("torch", "unet", 32, "float32", "", 100.0, 10**13, "cuda:0"),
    Step("jax", "unet", 32, "float32", "jax is not installed"),
)
FOUND = Found("NVIDIA L4", Card(1.0, 400.0, None, 1000.0), {"m.onnx": WORK}, (BOUND, PLAIN, ABSENT), RUNS,
              {"PNG folder, cuda, batch 1": 500}, "m.onnx", STEPS)  # fmt: skip


def text(found: Found) -> str:
    return page(
        found,
        hardware="8 processors",
        versions="onnxruntime-gpu 1",
        command="python -m benchmarks.gpu m.onnx",
    )


def test_calls_tell_the_ratio_and_the_share_of_the_roofline() -> None:
    # 4 tiles of 1 GFLOP at 1 TFLOP/s take 4 ms at least; a call took 8 ms.
    assert "| m.onnx | fp32 | cuda | 4 | 1.50 | 50.0 % | 500 | 8.000 | 9.000 | 0.1000 |" in text(FOUND)
    assert "- m.onnx on tensorrt, batch 1, bound: pip install it" in text(FOUND)


def test_whole_runs_and_training_steps() -> None:
    said = text(FOUND)
    assert "| PNG folder, cuda, batch 1 | 1.000 (1.000 to 1.000) | 25.0 % | 2.00 | 250 | 1.50 |" in said
    assert "Written by `python -m benchmarks.gpu m.onnx`." in said
    assert "| unet | torch | float32 | 32 | 100.0 | 320 | 100.00 | - | cuda:0 |" in said
    assert "| unet | torch | mixed_bfloat16 | 32 | 50.0 | 640 | 200.00 | 50.0 % | gpu:0 |" in said
    assert "- unet on jax, batch 32, float32: jax is not installed" in said


def test_all_figures_are_kept() -> None:
    kept = json.loads(json.dumps(FOUND.as_json()))
    assert kept["calls"][0]["timing"]["p50_ms"] == 8.0
    assert kept["runs"]["PNG folder, cuda, batch 1"][0]["wall_s"] == 2.0
    assert [step["reason"] for step in kept["steps"]] == ["", "", "jax is not installed"]


def test_a_card_that_is_not_listed_gets_no_share() -> None:
    said = text(dataclasses.replace(FOUND, peaks=None, runs=None))
    assert "is not listed" in said
    assert "| 4 | 1.50 | - | 500 |" in said
    assert "Whole runs" not in said
