"""Making each variant from the Keras model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from segrun.card import ModelCard
from segrun.progress import Progress
from segrun.threshold import mask_from_scores
from segrun_export.calibration import METHODS, Histogram, Method, histograms
from segrun_export.onnx_conversion import onnx_from_keras, operator_counts
from segrun_export.onnx_half import onnx_half
from segrun_export.onnx_int8 import onnx_int8
from segrun_export.profile_deepness import deepness_onnx
from segrun_export.proof_tiles import ProofTiles
from segrun_export.reference import Reference, artefact_run
from segrun_export.tflite_conversion import tflite_from_keras, tflite_operators
from segrun_export.variants import Variant


@dataclass(frozen=True)
class Quantisation:
    """How int8 files are made.

    Args:
        method: of calibration; ``auto`` takes the one that flips fewest pixels.
        keep_float: layers of an ONNX file that stay in float32.
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
        reference: Keras's scores on real tiles.
        calibration: tiles for int8; None where no int8 is asked for.
        quantisation: how int8 files are made.
        threads: of the engines.
        progress: told about calibration.
    """

    def __init__(
        self,
        network: Any,
        reference: Reference,
        calibration: ProofTiles | None,
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

    def convert(self, variant: Variant, card: ModelCard) -> Converted:
        """Make one variant.

        Args:
            variant: which.
            card: of the model, for what a profile writes into its file.
        Raises:
            ModelError: a layer cannot be converted, or a layer to keep in float is not there.
            InputError: too few calibration tiles, or constant ones.
        """
        if variant.profile == "deepness":
            content = deepness_onnx(self._onnx, card)
            return Converted(content, operator_counts(content), {})
        if variant.format == "tflite":
            return self._tflite(variant)
        if variant.precision == "int8":
            return self._onnx_int8()
        content = self._onnx if variant.precision == "fp32" else onnx_half(self._onnx)
        return Converted(content, operator_counts(content), {})

    @cached_property
    def _onnx(self) -> bytes:
        return onnx_from_keras(self._network)

    @cached_property
    def _histograms(self) -> dict[str, Histogram]:
        return histograms(self._onnx, self._tiles(), threads=self._threads, progress=self._progress)

    def _tiles(self) -> Any:
        if self._calibration is None:
            raise ValueError("int8 needs calibration tiles. Received: none.")
        return self._calibration.pixels

    def _tflite(self, variant: Variant) -> Converted:
        tiles = None
        if variant.precision == "int8":
            # The same check of the tiles as for ONNX, and the same sentence.
            tiles = self._tiles()
            _ = self._histograms
        content = tflite_from_keras(self._network, variant.precision, tiles)
        return Converted(content, tflite_operators(content), {})

    def _onnx_int8(self) -> Converted:
        wanted = self._quantisation.method
        keep = self._quantisation.keep_float
        if wanted != "auto":
            content = onnx_int8(self._onnx, self._histograms, wanted, keep_float=keep)
            return Converted(
                content, operator_counts(content), {"calibration": wanted, "keep_float": list(keep)}
            )
        choices: Sequence[tuple[str, ...]] = (keep,) if keep else ((), ("first", "last"))
        tried = []
        for method in METHODS:
            for kept in choices:
                content = onnx_int8(self._onnx, self._histograms, method, keep_float=kept)
                tried.append((self._flips(content), method, kept, content))
        flips, method, kept, content = min(tried, key=lambda item: item[0])
        settings = {
            "calibration": method,
            "keep_float": list(kept),
            "flipped": flips,
            "tried": [{"calibration": m, "keep_float": list(k), "flipped": f} for f, m, k, _ in tried],
        }
        return Converted(content, operator_counts(content), settings)

    def _flips(self, content: bytes) -> float:
        reference = self._reference
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "candidate.onnx"
            path.write_bytes(content)
            scores = artefact_run(path, reference.proof.pixels, "cpu", threads=self._threads).scores
        masks = [
            mask_from_scores(item, reference.thresholds, reference.activation)
            for item in (reference.scores, scores)
        ]
        return float((masks[0] != masks[1]).mean())
