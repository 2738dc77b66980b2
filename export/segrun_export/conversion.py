"""Making each variant from the Keras model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segrun.agreement import iou
from segrun.card import ModelCard
from segrun.progress import Progress
from segrun.threshold import mask_from_scores
from segrun_export.calibration import histograms, refuse_poor_tiles
from segrun_export.histogram import Method
from segrun_export.int8_choice import Recipe, Trial, proposals
from segrun_export.join_balance import BalancedJoins
from segrun_export.onnx_conversion import onnx_from_keras, operator_counts
from segrun_export.onnx_half import onnx_half
from segrun_export.onnx_int8 import convolutions, onnx_int8
from segrun_export.profile_deepness import deepness_onnx
from segrun_export.reference import Reference, artefact_run, keras_scores
from segrun_export.tflite_conversion import tflite_from_keras, tflite_operators
from segrun_export.tflite_int8 import TfliteQuantiser
from segrun_export.variants import Variant
from segrun_export.weight_rounding import RoundedKernels

# One calibration tile in so many is kept from the ranges and judges the recipes.
_ONE_IN = 4
_CONTRAST = 1.5


@dataclass(frozen=True)
class Quantisation:
    """How int8 files are made.

    Args:
        method: of calibration; ``auto`` measures every one on tiles of its own.
        keep_float: layers that stay in float32; empty keeps the fewest that the gates allow.
    """

    method: Method | Literal["auto"] = "auto"
    keep_float: tuple[str, ...] = ()


@dataclass(frozen=True)
class Converted:
    """One converted file, not proven yet.

    Args:
        content: its bytes.
        operators: how often each operator stands in it.
        settings: what was chosen on the way, for the report.
    """

    content: bytes
    operators: dict[str, int]
    settings: dict[str, Any]


class Converter:
    """Converts one model into any variant; what several variants share is made once.

    Args:
        network: the Keras model.
        reference: Keras's scores on real tiles, for their thresholds.
        calibration: uint8 [n, tile, tile, b], tiles for int8; None where no int8 is asked for.
        quantisation: how int8 files are made.
        threads: of the engines.
        progress: told about calibration.
    """

    def __init__(
        self,
        network: Any,
        reference: Reference,
        calibration: npt.NDArray[np.uint8] | None,
        quantisation: Quantisation,
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._network = network
        self._reference = reference
        self._calibration = calibration
        self._quantisation = quantisation
        self._threads = threads
        self._progress = progress

    def convert(self, variant: Variant, card: ModelCard) -> Iterator[Converted]:
        """Make one variant; int8 gives files of growing care, of which the first that passes parity is wanted.

        Args:
            variant: which.
            card: of the model, for what a profile writes into its file.
        Raises:
            ModelError: a layer cannot be converted, or a layer to keep in float is not there.
            InputError: too few calibration tiles, or constant ones.
        """
        if variant.precision == "int8":
            yield from self._tflite_int8() if variant.format == "tflite" else self._onnx_int8()
        elif variant.format == "tflite":
            content = tflite_from_keras(self._network, variant.precision)
            yield Converted(content, tflite_operators(content), {})
        else:
            content = self._onnx_of(variant, card)
            yield Converted(content, operator_counts(content), {})

    def _onnx_of(self, variant: Variant, card: ModelCard) -> bytes:
        if variant.profile == "deepness":
            return deepness_onnx(self._onnx, card)
        return self._onnx if variant.precision == "fp32" else onnx_half(self._onnx)

    @cached_property
    def _onnx(self) -> bytes:
        return onnx_from_keras(self._network)

    @cached_property
    def _joins(self) -> BalancedJoins:
        return BalancedJoins(self._network, self._ranging)

    @cached_property
    def _rounded(self) -> RoundedKernels:
        with self._joins.in_place():
            return RoundedKernels(self._network, self._ranging, progress=self._progress)

    @property
    def _tiles(self) -> npt.NDArray[np.uint8]:
        if self._calibration is None:
            raise ValueError("int8 needs calibration tiles. Received: none.")
        refuse_poor_tiles(self._calibration)
        return self._calibration

    @property
    def _ranging(self) -> npt.NDArray[np.uint8]:
        """The tiles that give the ranges: all but those that judge; a handful do both."""
        tiles = self._tiles
        few = len(tiles) < 2 * _ONE_IN
        return tiles if few else tiles[np.arange(len(tiles)) % _ONE_IN != _ONE_IN - 1]

    @cached_property
    def _judging(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The tiles that judge recipes, as they are and with more contrast, and Keras's masks of them.

        Another place, season or camera shows values that no calibration tile has, and a range cut too close fails there.
        """
        tiles = self._tiles
        tiles = tiles if len(tiles) < 2 * _ONE_IN else tiles[_ONE_IN - 1 :: _ONE_IN]
        middle = tiles.mean(axis=(1, 2, 3), keepdims=True)
        stronger = np.clip(np.round((tiles - middle) * _CONTRAST + middle), 0, 255).astype(np.uint8)
        tiles = np.concatenate([tiles, stronger])
        return tiles, self._masks(keras_scores(self._network, tiles))

    def _masks(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
        return mask_from_scores(scores, self._reference.thresholds, self._reference.activation)

    def _onnx_int8(self) -> Iterator[Converted]:
        rounded = self._rounded
        with self._joins.in_place(), rounded.in_place():
            content = onnx_from_keras(self._network)
        found = histograms(content, self._ranging, threads=self._threads, progress=self._progress)
        return self._proposed(
            lambda recipe: onnx_int8(content, found, recipe.method, keep_float=recipe.keep_float),
            convolutions(content),
            ("onnx", "cpu"),
            operator_counts,
        )

    def _tflite_int8(self) -> Iterator[Converted]:
        rounded = self._rounded
        with self._joins.in_place(), rounded.in_place():
            quantiser = TfliteQuantiser(
                self._network, self._ranging, threads=self._threads, progress=self._progress
            )
        return self._proposed(
            lambda recipe: quantiser.quantised(recipe.method, keep_float=recipe.keep_float),
            quantiser.convolutions,
            ("tflite", "litert"),
            tflite_operators,
        )

    def _proposed(
        self,
        make: Callable[[Recipe], bytes],
        layers: Sequence[str],
        place: tuple[str, str],
        operators: Callable[[bytes], dict[str, int]],
    ) -> Iterator[Converted]:
        wanted = self._quantisation.method
        found = proposals(
            lambda recipe: self._trial(recipe, make(recipe), *place),
            layers,
            method=None if wanted == "auto" else wanted,
            keep_float=self._quantisation.keep_float,
        )
        for best, tried in found:
            settings = {
                **best.to_dict(),
                "rounded_layers": len(self._rounded),
                "join_factors": list(self._joins.factors),
                "tried": [trial.to_dict() for trial in tried],
            }
            yield Converted(best.content, operators(best.content), settings)

    def _trial(self, recipe: Recipe, content: bytes, suffix: str, engine: str) -> Trial:
        tiles, wanted = self._judging
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"candidate.{suffix}"
            path.write_bytes(content)
            found = self._masks(artefact_run(path, tiles, engine, threads=self._threads).scores)
        same = bool((found == wanted).all())
        return Trial(recipe, float((found != wanted).mean()), 1.0 if same else iou(found, wanted), content)
