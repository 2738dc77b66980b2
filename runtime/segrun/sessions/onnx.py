"""ONNX files on onnxruntime's engines: its CPU provider, the OpenVINO plugin, CUDA and TensorRT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.errors import EngineError, ModelError, SegrunError
from segrun.face import TensorSpec, face_of
from segrun.foreign_card import card_of_foreign
from segrun.host import available_cpus
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions
from segrun.sessions.providers import PROVIDERS, choose, import_onnxruntime, provider_options, with_openvino

BATCH_DIMENSION = "n"


class OnnxSession:
    """A ``Session`` on onnxruntime.

    Args:
        file: the model.
        options: engine, threads, batch and hints.
        profile: where onnxruntime writes what each node did, until ``end_profile``; None for nowhere.
    Raises:
        EngineError: the engine is not here, or onnxruntime put another one in its place.
        ModelError: onnxruntime cannot load the file, or its face is not usable.
        MissingExtraError: no onnxruntime is installed.
    """

    def __init__(self, file: ModelFile, options: SessionOptions, profile: Path | None = None) -> None:
        ort = import_onnxruntime()
        self.engine, self.reason = choose(ort, options.engine)
        self.reason = options.why or self.reason
        self.threads = options.threads or available_cpus()
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = self.threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        # Threads that spin on every processor take the time of those that decode and write.
        spinning = options.spinning and self.threads < available_cpus()
        settings.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
        # One static shape: the OpenVINO plugin gains up to 2x by it, and CUDA searches its algorithms only once.
        settings.add_free_dimension_override_by_name(BATCH_DIMENSION, options.batch)
        if profile is not None:
            settings.enable_profiling = True
            settings.profile_file_prefix = str(profile)
        self._session = self._load(ort, file, settings)
        self._refuse_substitute()
        inputs = [_spec(item) for item in self._session.get_inputs()]
        outputs = [_spec(item) for item in self._session.get_outputs()]
        card = file.card()
        self._face = face_of(
            inputs, outputs, card=card, metadata=file.metadata, hints=options.hints, where=str(file.path)
        )
        self.card: ModelCard = card or card_of_foreign(self._face, file.metadata, file.path.stem)
        self.batch = options.batch
        if self._face.batch not in (None, options.batch):
            if card is not None:
                raise ModelError(
                    f"{file.path} has a fixed batch of {self._face.batch}. Received: batch={options.batch}."
                )
            self.batch = self._face.batch or 1
        self._output = [self._face.output_name]

    def _load(self, ort: Any, file: ModelFile, settings: Any) -> Any:
        try:
            if self.engine == "openvino":
                with with_openvino(ort, settings, self.threads):
                    return ort.InferenceSession(str(file.path), sess_options=settings)
            providers: list[Any] = [(PROVIDERS[self.engine], provider_options(self.engine))]
            if self.engine != "cpu":
                providers.append(PROVIDERS["cpu"])
            return ort.InferenceSession(str(file.path), sess_options=settings, providers=providers)
        except SegrunError:
            raise
        except Exception as error:
            # onnxruntime raises its own unnamed exception classes; the first line carries the cause.
            cause = str(error).strip().splitlines()[0][:300]
            if self.engine == "cpu":
                raise ModelError(
                    f"{file.path} cannot be loaded by onnxruntime ({cause}). Export it again."
                ) from error
            raise EngineError(
                f"engine {self.engine} cannot load {file.path} ({cause}). Use --engine cpu."
            ) from error

    def _refuse_substitute(self) -> None:
        """Compare what runs with what was asked for: onnxruntime itself falls back with a warning at most."""
        running = self._session.get_providers()
        if not running or running[0] != PROVIDERS[self.engine]:
            raise EngineError(
                f"engine {self.engine} was asked for and onnxruntime runs {', '.join(running)} in its place. "
                "Run segrun doctor for the cause, or use --engine cpu."
            )

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        try:
            output = self._session.run(self._output, {self._face.input_name: self._face.feed(pixels)})[0]
        except Exception as error:
            cause = str(error).strip().splitlines()[0][:300]
            raise EngineError(
                f"engine {self.engine} failed while running ({cause}). Use --engine cpu."
            ) from error
        return self._face.scores(output)

    def end_profile(self) -> Path:
        """Finish the profile and return its file."""
        return Path(self._session.end_profiling())

    def close(self) -> None:
        """Free the engine."""
        self._session = None


def _spec(item: Any) -> TensorSpec:
    return TensorSpec(item.name, item.type, tuple(item.shape))
