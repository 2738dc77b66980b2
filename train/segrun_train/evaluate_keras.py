"""A ``.keras`` file behind the protocol of engines, so that it is tiled, blended and cut exactly as exported files are."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.card import RGB, ModelCard, ModelClass
from segrun.errors import EngineError, MissingExtraError, ModelError
from segrun.face import FaceHints
from segrun.host import available_cpus
from segrun.run_record import RUN_FILE, RunRecord
from segrun_train.quiet_import import quiet_import

# Nobody has measured the reach of a file that was not exported: it gets as much as any model takes by itself.
_QUARTER = 4


class KerasSession:
    """A ``Session`` on Keras, whichever backend it runs on.

    The card comes from the ``run.json`` beside the file; without one the classes are named by number, at threshold 0.5.

    Args:
        path: the file; of the model contract's face: uint8 pixels in, scores out.
        threads: of the backend (tensorflow only); None takes every processor this process may use.
    Raises:
        ModelError: no Keras model, of another face, or not the one that the ``run.json`` beside it describes.
        EngineError: the backend cannot take that number of threads any more.
        MissingExtraError: Keras is not installed.
    """

    batch = 1
    reason = "a .keras file runs on Keras"
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, threads: int | None = None) -> None:
        keras = _import_keras()
        backend = keras.backend.backend()
        if threads is not None:
            _limit_threads(backend, threads)
        self.threads = threads or available_cpus()
        self.engine = f"keras-{backend}"
        self._model = _load(keras, path)
        tile, bands, classes = _face(self._model, path)
        self.card = _card(path, tile, bands, classes)

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        # A copy: the backend may hand out its own memory, which the caller would write on.
        return np.array(self._model.predict_on_batch(pixels), np.float32)

    def close(self) -> None:
        """Free the model."""
        self._model = None


def refuse_hints(hints: FaceHints, path: Path) -> None:
    """Refuse what is said of foreign models: a ``.keras`` file says it itself.

    Raises:
        ModelError: any hint.
    """
    stated = [
        name
        for name, value in (
            ("--tile", hints.tile),
            ("--layout", hints.layout),
            ("--input-scale", hints.input_scale),
            ("--output-is", hints.ending),
        )
        if value is not None
    ]
    if stated:
        raise ModelError(
            f"a .keras file says itself what it takes. Received: {', '.join(stated)} with {path}. Leave that out."
        )


def _import_keras() -> Any:
    try:
        with quiet_import():
            import keras
    except ImportError as error:
        raise MissingExtraError("evaluating a .keras file", "train") from error
    return keras


def _limit_threads(backend: str, threads: int) -> None:
    if backend != "tensorflow":
        raise EngineError(
            f"threads of a .keras file can be set on tensorflow alone. Received: {threads} on {backend}. Leave them out."
        )
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError as error:
        raise EngineError(
            f"tensorflow is running already and keeps its threads. Received: {threads}. Start a process of its own."
        ) from error


def _load(keras: Any, path: Path) -> Any:
    try:
        return keras.models.load_model(path, compile=False)
    except Exception as error:
        # Keras raises whatever its parts raise: zip errors, KeyErrors of the configuration, ValueErrors.
        cause = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelError(
            f"{path} cannot be loaded as a Keras model ({cause}). "
            "Name a whole .keras file, made of stock Keras layers."
        ) from error


def _face(model: Any, path: Path) -> tuple[int, int, int]:
    """Return tile, bands and classes of a model that follows the contract."""
    faces = [[(tuple(t.shape), str(t.dtype)) for t in side] for side in (model.inputs, model.outputs)]
    if all(len(side) == 1 and len(side[0][0]) == 4 for side in faces):
        (_, height, width, bands), dtype = faces[0][0]
        (_, out_height, out_width, classes), _ = faces[1][0]
        square = height is not None and height == width == out_height == out_width
        if square and dtype == "uint8" and bands and classes:
            return height, bands, classes
    raise ModelError(
        f"{path} does not take uint8 [n, tile, tile, bands] and give scores of the same size. Received: "
        f"{faces[0]} and {faces[1]}. Put the scaling inside, as segrun train does."
    )


def _card(path: Path, tile: int, bands: int, classes: int) -> ModelCard:
    overlap = tile // _QUARTER
    if not (path.parent / RUN_FILE).exists():
        names = ["class 1"] if classes == 1 else ["background", *(f"class {i}" for i in range(1, classes))]
        return ModelCard(
            path.stem, tile, tuple(ModelClass(name) for name in names),
            activation="sigmoid" if classes == 1 else "softmax",
            bands=RGB if bands == 3 else tuple(f"band{i + 1}" for i in range(bands)), overlap_px=overlap,
        )  # fmt: skip
    record = RunRecord.read(path.parent)
    received = hashlib.sha256(path.read_bytes()).hexdigest()
    if record.model_sha256 and record.model_sha256 != received:
        raise ModelError(
            f"{path} is not the model that the {RUN_FILE} beside it describes. Received: sha256 {received[:12]}, "
            f"described: {record.model_sha256[:12]}. Move it into a folder of its own, or name the one described."
        )
    try:
        return ModelCard(
            record.name, tile, record.classes, activation=record.activation, bands=record.bands,
            gsd_cm=record.gsd_cm, gsd_range_cm=record.gsd_range_cm, overlap_px=overlap, parent_sha256=received,
            training_data=record.training_data, notices=record.notices,
        )  # fmt: skip
    except ValueError as error:
        raise ModelError(f"{path.parent / RUN_FILE} contradicts itself ({error}). Train again.") from error
