"""How a model wants its pixels and gives its scores, for models of the contract and foreign ones alike.

    pixels uint8 [n, t, t, b] -> Face.feed -> the model's own input ... its own output -> Face.scores -> float32 [n, t, t, k]

For a model of the contract both steps are the identity. What a foreign model does not say is asked for by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.deepness_keys import number, numbers
from segrun.errors import ModelError
from segrun.tensor_spec import Layout, TensorSpec, input_layout, output_layout, tile_side

__all__ = ["DTYPES", "Face", "FaceHints", "Layout", "TensorSpec", "face_of"]
Ending = Literal["scores", "logits"]
# What float16 makes of a score of 1, with room to spare; logits go far beyond.
NOISE = 2e-3
DTYPES: dict[str, type[np.generic]] = {
    "tensor(uint8)": np.uint8,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}


@dataclass(frozen=True)
class FaceHints:
    """What the user says about a foreign model; None where the model must say it itself.

    Args:
        tile: side of a tile, pixels, for models of dynamic size.
        layout: of the input.
        input_scale: factor from stored pixel values to the model's input, e.g. 1/255.
        ending: whether the output is scores in [0, 1] or logits.
    """

    tile: int | None = None
    layout: Layout | None = None
    input_scale: float | None = None
    ending: Ending | None = None


@dataclass(frozen=True)
class Face:
    """The two conversions around a model.

    Args:
        input_name: of the model's input tensor.
        output_name: of the model's output tensor.
        tile: side of a tile, pixels.
        bands: channels of the input.
        classes: channels of the output.
        dtype: of the input.
        layout: of the input.
        output_layout: of the output.
        scale: factor from stored pixel values to the model's input, for each band.
        offset: added after scaling, for each band.
        ending: ``"logits"`` where the sigmoid or softmax is left to us.
        batch: fixed batch size of the file, None where it is symbolic.
        checked: whether each batch of scores is looked over for what is no score: a foreign file does not say what it gives.
    """

    input_name: str
    output_name: str
    tile: int
    bands: int
    classes: int
    dtype: type[np.generic] = np.uint8
    layout: Layout = "nhwc"
    output_layout: Layout = "nhwc"
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    ending: Ending = "scores"
    batch: int | None = None
    checked: bool = False

    def feed(self, pixels: NDArray[np.uint8]) -> NDArray[Any]:
        """Turn uint8 [n, t, t, b] into the model's own input."""
        if self.dtype is np.uint8 and not self.scale:
            values: NDArray[Any] = pixels
        else:
            values = pixels.astype(np.float32)
            if self.scale:
                values *= np.asarray(self.scale, np.float32)
            if self.offset:
                values += np.asarray(self.offset, np.float32)
            values = values.astype(self.dtype, copy=False)
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2)) if self.layout == "nchw" else values

    def scores(self, output: NDArray[Any]) -> NDArray[np.float32]:
        """Turn the model's own output into float32 [n, t, t, k] in [0, 1].

        Raises:
            ModelError: a foreign model gives something else; values that are not finite pass, as they are told elsewhere.
        """
        values = output.transpose(0, 2, 3, 1) if self.output_layout == "nchw" else output
        values = np.ascontiguousarray(values, dtype=np.float32)
        if self.ending == "scores":
            return self._seen_to_be_scores(values) if self.checked else values
        if self.classes == 1:
            with np.errstate(over="ignore"):  # to infinity, and from there to the score 0 that is right
                return np.asarray(1.0 / (1.0 + np.exp(-values)), np.float32)
        values = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(values / values.sum(axis=-1, keepdims=True), np.float32)

    def _seen_to_be_scores(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        low, high = values.min(), values.max()
        if low >= 0 and high <= 1:
            return values
        is_finite = np.isfinite(values)
        finite = values[is_finite]
        if finite.size and (finite.min() < -NOISE or finite.max() > 1 + NOISE):
            raise ModelError(
                f"the model gives no scores in [0, 1]. Received: {self.output_name} from {finite.min():.4g} to "
                f"{finite.max():.4g}. Use --output-is logits, or put the sigmoid or softmax into the graph."
            )
        # Noise alone, but a score raster has no room for it.
        return np.where(is_finite, values.clip(0, 1), values)


def face_of(
    inputs: list[TensorSpec],
    outputs: list[TensorSpec],
    *,
    card: ModelCard | None,
    metadata: Mapping[str, str],
    hints: FaceHints,
    where: str,
) -> Face:
    """Find out how a model file wants to be fed.

    Args:
        inputs: of the file, as its engine lists them.
        outputs: the same.
        card: of the file, None for a foreign one.
        metadata: of the file; Deepness's keys are understood.
        hints: what the user says.
        where: the file's name, for messages.
    Raises:
        ModelError: the file has no face that segrun can use, or does not say enough about it.
    """
    if len(inputs) != 1 or len(inputs[0].shape) != 4:
        raise ModelError(
            f"{where} must have one input of four dimensions. Received: {_listed(inputs)}. Export it so."
        )
    if len(outputs) != 1 or len(outputs[0].shape) != 4:
        raise ModelError(
            f"{where} must have one output of four dimensions. Received: {_listed(outputs)}. Export it so."
        )
    source, target = inputs[0], outputs[0]
    _refuse_hints(card, hints, where)
    if source.type not in DTYPES:
        raise ModelError(f"{where} takes {source.type}; segrun feeds uint8, float and float16. Export it so.")
    layout = hints.layout or ("nhwc" if card is not None else input_layout(source, where))
    stated = hints.tile or (card.tile if card else None) or int(number(metadata.get("tiles_size"), 0))
    tile = tile_side(source, layout, stated, where)
    bands = _fixed(source.shape[3 if layout == "nhwc" else 1], "bands", source, where)
    given = output_layout(target, tile, layout)
    classes = _fixed(target.shape[3 if given == "nhwc" else 1], "classes", target, where)
    spatial = target.shape[1:3] if given == "nhwc" else target.shape[2:4]
    if any(isinstance(side, int) and side != tile for side in spatial):
        raise ModelError(
            f"{where} gives {target.shape} for tiles of {tile}: output and tile must have one size. "
            "Export it with 'same' padding."
        )
    ready = card is not None or (source.type == "tensor(uint8)" and hints.input_scale is None)
    scale, offset = (
        ((), ()) if ready else _scaling(metadata, hints.input_scale, bands, f"{where} takes {source.type}")
    )
    batch = source.shape[0] if isinstance(source.shape[0], int) and source.shape[0] > 0 else None
    return Face(
        input_name=source.name,
        output_name=target.name,
        tile=tile,
        bands=bands,
        classes=classes,
        dtype=DTYPES[source.type],
        layout=layout,
        output_layout=given,
        scale=scale,
        offset=offset,
        ending=hints.ending or "scores",
        batch=batch,
        checked=card is None,
    )


def _refuse_hints(card: ModelCard | None, hints: FaceHints, where: str) -> None:
    """Refuse what the user says where the model's own card says it already, and a scale that is none."""
    if hints.input_scale is not None and not (math.isfinite(hints.input_scale) and hints.input_scale != 0):
        raise ModelError(
            f"an input scale must be a number other than 0. Received: {hints.input_scale}. Use 0.00392157."
        )
    stated = [
        name
        for name, value in (
            ("--layout", hints.layout),
            ("--input-scale", hints.input_scale),
            ("--output-is", hints.ending),
        )
        if value is not None
    ]
    if card is not None and stated:
        raise ModelError(
            f"{where} has a card that says how it is fed. Received: {', '.join(stated)}. Leave it out."
        )


def _scaling(
    metadata: Mapping[str, str], stated: float | None, bands: int, what: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if stated is not None:
        return (stated,) * bands, ()
    if "model_type" not in metadata:
        raise ModelError(
            f"{what} and does not say of which range. "
            "Use --input-scale 0.00392157 for [0, 1], or --input-scale 1 for 0 to 255."
        )
    mean = numbers(metadata.get("standardization_mean"), bands, 0.0)
    std = numbers(metadata.get("standardization_std"), bands, 1.0)
    scale = tuple(1.0 / (255.0 * s) for s in std)
    offset = tuple(-m / s for m, s in zip(mean, std, strict=True))
    return scale, offset if any(offset) else ()


def _fixed(side: int | str | None, what: str, spec: TensorSpec, where: str) -> int:
    if isinstance(side, int) and side > 0:
        return side
    raise ModelError(
        f"{where} does not fix the number of its {what}. Received: {spec.name} {spec.shape}. Export it so."
    )


def _listed(specs: list[TensorSpec]) -> str:
    return "; ".join(f"{spec.name} {spec.type} {list(spec.shape)}" for spec in specs) or "none"
