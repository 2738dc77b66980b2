"""One training step of a network on this machine's card, in a process of its own, with any backend of Keras.

KERAS_BACKEND=torch python -m benchmarks.gpu.training_step '{"network": "unet", "batch": 32, "policy": "float32"}'
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

BACKENDS = ("torch", "jax")
TILE = 256
WARM_UP, STEPS = 5, 30
PATIENCE_S = 1800


@dataclass(frozen=True)
class Step:
    """What a step took.

    Args:
        backend: of Keras.
        network: by its name.
        batch: tiles in a step.
        policy: Keras's dtype policy.
        reason: why it was not timed; empty where it was.
        ms: median; None where it was not timed.
        flops: multiplications and additions of a step: three times those of the forward pass.
        device: where Keras computed.
    """

    backend: str
    network: str
    batch: int
    policy: str
    reason: str = ""
    ms: float | None = None
    flops: int = 0
    device: str = ""


def forward_flops(model: Any) -> int:
    """Count the multiplications and additions of a Keras model's convolutions for one input."""
    total = 0
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in {"Conv2D", "DepthwiseConv2D"}:
            total += math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
        elif kind == "Conv2DTranspose":
            total += math.prod(layer.kernel.shape) * math.prod(layer.input.shape[1:3])
        elif kind == "SeparableConv2D":
            kernels = math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)
            total += kernels * math.prod(layer.output.shape[1:3])
    return 2 * total


def step_here(network: str, batch: int, policy: str, tile: int = TILE, steps: int = STEPS) -> Step:
    """Time steps in this process."""
    import keras
    import numpy as np

    from segrun_train.losses import loss_named
    from segrun_train.networks import build
    from segrun_train.optimisation import jit_compile, make_optimizer
    from segrun_train.recipes import Recipe

    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    recipe = Recipe()
    backend = keras.backend.backend()
    model = build(network, tile, 3, 1)
    model.compile(
        optimizer=make_optimizer(recipe, 100), loss=loss_named(recipe.loss), jit_compile=jit_compile(backend)
    )
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (batch, tile, tile, 3)).astype(np.uint8)
    masks = draw.integers(0, 2, (batch, tile, tile, 1)).astype(np.float32)
    took = []
    for _ in range(WARM_UP + steps):
        started = time.perf_counter()
        float(model.train_on_batch(images, masks))  # waits for the card
        took.append(time.perf_counter() - started)
    ms = 1000 * statistics.median(took[WARM_UP:])
    flops = 3 * batch * forward_flops(model)
    return Step(backend, network, batch, policy, "", ms, flops, device_of(model))


def device_of(model: Any) -> str:
    """Return where a model's first weights lie, as its backend calls the place."""
    value = model.trainable_variables[0].value
    # A jax array lies on several devices; Keras's own list of them does not know torch.
    places = value.devices() if callable(getattr(value, "devices", None)) else (value.device,)
    return ", ".join(sorted(map(str, places)))


def on_card(found: Step) -> Step:
    """Return a step that ran on a card as it is, and one that ran elsewhere as not timed."""
    if found.ms is None or any(word in found.device.lower() for word in ("cuda", "gpu")):
        return found
    reason = (
        f"it ran on {found.device}: this {found.backend} is a build for processors, or does not see the card"
    )
    return replace(found, reason=reason, ms=None)


def step(backend: str, network: str, batch: int, policy: str) -> Step:
    """Time steps in a process of its own; one that dies is a step with a reason."""
    empty = Step(backend, network, batch, policy)
    if importlib.util.find_spec(backend) is None:
        return Step(backend, network, batch, policy, f"{backend} is not installed")
    words = json.dumps({"network": network, "batch": batch, "policy": policy})
    command = [sys.executable, "-m", "benchmarks.gpu.training_step", words]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=environment
        )
    except subprocess.TimeoutExpired:
        return Step(backend, network, batch, policy, f"not done after {PATIENCE_S} s")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1][:200]
        return Step(**{**asdict(empty), "reason": f"its process ended with {done.returncode} ({last})"})
    return on_card(Step(**json.loads(done.stdout.splitlines()[-1])))


if __name__ == "__main__":
    print(json.dumps(asdict(step_here(**json.loads(sys.argv[1])))))
