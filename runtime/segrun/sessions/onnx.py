"""ONNX files on onnxruntime's engines: its CPU provider, the OpenVINO plugin, CUDA, TensorRT and others by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.errors import EngineError, ModelError, SegrunError
from segrun.face import DTYPES, TensorSpec, face_of
from segrun.foreign_card import card_of_foreign
from segrun.host import available_cpus
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions
from segrun.sessions.binding import BoundCall
from segrun.sessions.out_of_memory import EngineMemoryError, is_out_of_memory
from segrun.sessions.provider_options import DEVICE_OF, refuse_compute, with_options
from segrun.sessions.providers import (
    NVIDIA,
    PROVIDERS,
    choose,
    import_onnxruntime,
    preload_gpu_libraries,
    with_openvino,
)

BATCH_DIMENSION = "n"


class OnnxSession:
    """A ``Session`` on onnxruntime.

    Args:
        file: the model.
        options: engine, threads, batch, hints and precision.
        profile: where onnxruntime writes what each node did, until ``end_profile``; None for nowhere.
        buffers: the device on which input and output stay between calls, ``cuda`` or ``cpu``; None takes the engine's own,
            and none for engines that compute in the processor's memory.
    Raises:
        EngineError: the engine is not here, onnxruntime put another one in its place, or it cannot compute as asked.
        EngineMemoryError: there is no memory for so many tiles.
        ModelError: onnxruntime cannot load the file, or its face is not usable.
        MissingExtraError: no onnxruntime is installed.
    """

    engine: str
    reason: str
    threads: int
    batch: int
    notes: tuple[str, ...] = ()

    def __init__(
        self,
        file: ModelFile,
        options: SessionOptions,
        profile: Path | None = None,
        buffers: str | None = None,
    ) -> None:
        ort = import_onnxruntime()
        self.engine, self.reason = choose(ort, options.engine)
        self.reason = options.why or self.reason
        refuse_compute(self.engine, options)
        self.threads = options.threads or available_cpus()
        settings = ort.SessionOptions()
        callers = options.callers if self.engine == "cpu" else 1
        # One pool serves all calls of a session, and each caller's own thread computes beside it.
        settings.intra_op_num_threads = max(1, self.threads - callers + 1)
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
        self._missing = preload_gpu_libraries(ort) if self.engine in NVIDIA else ()
        self._session: Any = self._load(ort, file, settings, options)
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
        device = buffers or DEVICE_OF.get(self.engine)
        self._bound: BoundCall | None = None
        if device is not None and outputs[0].type in DTYPES:
            try:
                self._bound = BoundCall(
                    ort,
                    self._session,
                    self._face,
                    batch=self.batch,
                    output_type=outputs[0].type,
                    device=device,
                )
            except Exception as error:
                raise self._failure(error, "cannot hold its buffers") from error

    def _load(self, ort: Any, file: ModelFile, settings: Any, options: SessionOptions) -> Any:
        # Left to itself onnxruntime would print, and put the CPU in the place of an engine that fails, even mid-run.
        silent = {"enable_fallback": 0}
        try:
            if self.engine == "openvino":
                with with_openvino(ort, settings, self.threads, options.compute):
                    return ort.InferenceSession(str(file.path), sess_options=settings, **silent)
            providers = with_options(self.engine, options, file.content_sha256)
            return ort.InferenceSession(str(file.path), sess_options=settings, providers=providers, **silent)
        except SegrunError:
            raise
        except Exception as error:
            if self.engine == "cpu" and not is_out_of_memory(error):
                raise ModelError(
                    f"{file.path} cannot be loaded by onnxruntime ({_cause(error)}). Export it again."
                ) from error
            raise self._failure(error, f"cannot load {file.path}", options) from error

    def _failure(self, error: Exception, what: str, options: SessionOptions | None = None) -> EngineError:
        """Put onnxruntime's own error, whose class says nothing, into ours."""
        if is_out_of_memory(error):
            return EngineMemoryError(
                f"engine {self.engine} ran out of memory ({_cause(error)}). Use a smaller --batch, or --engine cpu."
            )
        cure = (
            "Leave out --cuda-graph." if options is not None and options.cuda_graph else "Use --engine cpu."
        )
        return EngineError(f"engine {self.engine} {what} ({_cause(error)}). {cure}")

    def _refuse_substitute(self) -> None:
        """Compare what runs with what was asked for: onnxruntime itself falls back with a warning at most."""
        running = self._session.get_providers()
        if not running or running[0] != PROVIDERS[self.engine]:
            cause = f" (it misses {', '.join(self._missing)})" if self._missing else ""
            cure = "Run: pip install 'segrun[gpu]'" if self._missing else "Run segrun doctor"
            raise EngineError(
                f"engine {self.engine} was asked for and onnxruntime runs {', '.join(running)} in its place{cause}. "
                f"{cure}, or use --engine cpu."
            )

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score one batch; see ``Session.run``."""
        if self._session is None:
            raise EngineError("the session is closed. Open it again.")
        values = self._face.feed(pixels)
        try:
            if self._bound is not None:
                output = self._bound(values)
            else:
                output = self._session.run(self._output, {self._face.input_name: values})[0]
        except Exception as error:
            raise self._failure(error, "failed while running") from error
        return self._face.scores(output)

    def end_profile(self) -> Path:
        """Finish the profile and return its file."""
        return Path(self._session.end_profiling())

    def close(self) -> None:
        """Free the engine."""
        self._bound = None
        self._session = None


def _spec(item: Any) -> TensorSpec:
    return TensorSpec(item.name, item.type, tuple(item.shape))


def _cause(error: Exception) -> str:
    """Return the first line of an error's text, which carries the cause."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
