"""What keeps a foreign ONNX file from running here, or in Deepness, GeoDeep and WebODM."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from segrun.card import CARD_KEY
from segrun.errors import ModelError, SegrunError
from segrun.face import FaceHints, TensorSpec, face_of
from segrun.model_file import ModelFile
from segrun.onnx_facts import operator_sets
from segrun.sessions.providers import import_onnxruntime

Target = Literal["segrun", "deepness"]
Severity = Literal["error", "warning"]
NEWEST_OPSET, OLDEST_OPSET = 22, 9
_KEYS = ("model_type", "class_names", "resolution", "tiles_size", "tiles_overlap", "seg_thresh")


@dataclass(frozen=True)
class Finding:
    """One thing that is in the way.

    Args:
        target: of whom.
        severity: an ``error`` keeps the file from running or makes its masks wrong.
        message: what, and the cure.
    """

    target: Target
    severity: Severity
    message: str


@dataclass(frozen=True)
class Subject:
    """A file as the checks see it.

    Args:
        inputs: of the graph.
        outputs: of the graph.
        opset: of the default operator set.
        domains: other operator sets.
        metadata: every entry.
        scores: what the graph gives for noise, float32; None where it could not be run.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    opset: int
    domains: tuple[str, ...]
    metadata: dict[str, str]
    scores: np.ndarray[Any, np.dtype[Any]] | None = None

    @property
    def channels_first(self) -> bool | None:
        """Whether the input is NCHW; None where its shape does not tell."""
        shape = self.inputs[0].shape if self.inputs else ()
        if len(shape) != 4:
            return None
        first, last = (isinstance(shape[axis], int) and int(shape[axis] or 99) <= 32 for axis in (1, 3))
        return None if first == last else first

    @property
    def classes(self) -> int | None:
        """Number of output channels."""
        shape = self.outputs[0].shape if self.outputs else ()
        if len(shape) != 4:
            return None
        sizes = [shape[axis] for axis in (1, 3) if isinstance(shape[axis], int)]
        return min((int(size or 0) for size in sizes), default=None)


def lint(path: Path, *, hints: FaceHints | None = None) -> list[Finding]:
    """Look for what is in the way of an ONNX file.

    Args:
        path: of the file.
        hints: what the user would say to ``segrun predict``.
    Returns:
        The findings, those for segrun first; empty where nothing is in the way.
    Raises:
        ModelError: not an ONNX file.
    """
    file = ModelFile.read(path)
    if file.format != "onnx":
        raise ModelError(f"{path} is a TFLite file; lint reads ONNX files. Use segrun inspect.")
    sets = operator_sets(path)
    findings: list[Finding] = []
    try:
        inputs, outputs, scores = _tried(path)
    except ModelError as error:
        findings.append(Finding("segrun", "error", str(error)))
        inputs, outputs, scores = (), (), None
    others = tuple(name for name in sets if name)
    subject = Subject(inputs, outputs, sets.get("", 0), others, file.metadata, scores)
    if inputs:
        findings += _for_segrun(file, subject, hints or FaceHints())
        findings += [Finding("deepness", *item) for check in _DEEPNESS for item in check(subject)]
    return findings


def _tried(
    path: Path,
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...], np.ndarray[Any, np.dtype[Any]] | None]:
    """Load a file and feed it noise where its input's shape allows; a run that fails says nothing here."""
    ort = import_onnxruntime()
    settings = ort.SessionOptions()
    settings.log_severity_level = 4
    try:
        session = ort.InferenceSession(str(path), sess_options=settings, providers=["CPUExecutionProvider"])
    except Exception as error:
        cause = str(error).strip().splitlines()[0][:300]
        raise ModelError(f"{path} cannot be loaded by onnxruntime ({cause}). Export it again.") from error
    inputs, outputs = (
        tuple(TensorSpec(item.name, item.type, tuple(item.shape)) for item in items)
        for items in (session.get_inputs(), session.get_outputs())
    )
    kinds = {"tensor(uint8)": np.uint8, "tensor(float)": np.float32, "tensor(float16)": np.float16}
    if len(inputs) != 1 or inputs[0].type not in kinds or len(inputs[0].shape) != 4:
        return inputs, outputs, None
    first, *rest = inputs[0].shape
    sizes = [
        size if isinstance(size, int) else (256 if position else 1)
        for position, size in enumerate((first, *rest))
    ]
    noise = np.random.default_rng(0).random(sizes)
    scaled = noise * 255 if inputs[0].type == "tensor(uint8)" else noise
    try:
        (scores,) = session.run([outputs[0].name], {inputs[0].name: scaled.astype(kinds[inputs[0].type])})
    except Exception:  # noqa: BLE001 - onnxruntime's own unnamed classes; the shape was a guess
        return inputs, outputs, None
    return inputs, outputs, np.asarray(scores, np.float32)


def _for_segrun(file: ModelFile, subject: Subject, hints: FaceHints) -> list[Finding]:
    found = []
    try:
        card = file.card()
        file.verify_content()
        face_of(
            list(subject.inputs),
            list(subject.outputs),
            card=card,
            metadata=subject.metadata,
            hints=hints,
            where=str(file.path),
        )
    except SegrunError as error:
        found.append(Finding("segrun", "error", str(error)))
    if not OLDEST_OPSET <= subject.opset <= NEWEST_OPSET:
        found.append(
            Finding(
                "segrun",
                "warning",
                f"opset {subject.opset} is unusual. Export with opset 17 for most engines.",
            )
        )
    if subject.domains:
        names = ", ".join(subject.domains)
        found.append(
            Finding(
                "segrun",
                "warning",
                f"operators outside ONNX ({names}) run on few engines. Export without them.",
            )
        )
    if CARD_KEY not in file.metadata:
        found.append(
            Finding(
                "segrun", "warning",
                "no card: thresholds, ground sampling distance and parity are unknown. Use segrun export.",
            )
        )  # fmt: skip
    found += [Finding("segrun", *item) for item in _scores(subject, logits_known=hints.ending is not None)]
    return found


Item = tuple[Severity, str]


def _scores(subject: Subject, *, logits_known: bool) -> list[Item]:
    scores = subject.scores
    if scores is None:
        return []
    if not bool(np.isfinite(scores).all()):
        return [("error", "the graph gives NaN or infinity for noise. Export it again and compare.")]
    inside = bool((scores >= 0).all() and (scores <= 1).all())
    if not inside and not logits_known:
        found = f"{scores.min():.3g} to {scores.max():.3g}"
        cure = "Use --output-is logits, or put the sigmoid or softmax into the graph."
        return [("error", f"the output is no score in [0, 1] but {found}. {cure}")]
    if inside and (subject.classes or 0) > 1:
        axis = 1 if scores.shape[1] == subject.classes else 3
        if float(np.abs(scores.sum(axis=axis) - 1).max()) > 1e-2:
            return [
                ("error", "several sigmoid channels: they do not sum to 1. Export one class, or softmax.")
            ]
    return []


def _layout(subject: Subject) -> list[Item]:
    if subject.channels_first is False:
        return [("error", "the input is NHWC; Deepness feeds NCHW. Use segrun export --profile deepness.")]
    if subject.channels_first is None:
        return [
            (
                "error",
                f"the input {_shown(subject.inputs)} does not tell its bands. Export it with fixed bands.",
            )
        ]
    return []


def _input_type(subject: Subject) -> list[Item]:
    if subject.inputs[0].type != "tensor(float)":
        kind = subject.inputs[0].type
        return [("error", f"the input is {kind}; Deepness feeds float32 in [0, 1]. Export it so.")]
    return []


def _class_count(subject: Subject) -> list[Item]:
    if subject.classes == 1:
        cure = "Export background and class as two channels."
        return [
            (
                "error",
                f"one sigmoid channel: GeoDeep takes the largest of the channels and finds nothing. {cure}",
            )
        ]
    try:
        names = json.loads(subject.metadata.get("class_names", "null"))
    except ValueError:
        return [("error", 'class_names is not JSON. Write it as {"0": "background", "1": "roof"}.')]
    if isinstance(names, dict) and subject.classes is not None and len(names) != subject.classes:
        return [
            (
                "error",
                f"class_names has {len(names)} names for {subject.classes} channels. Name each channel.",
            )
        ]
    return []


def _size(subject: Subject) -> list[Item]:
    shape = subject.inputs[0].shape
    if any(not isinstance(size, int) for size in shape[1:]) and "tiles_size" not in subject.metadata:
        return [
            (
                "error",
                f"the size is dynamic ({_shown(subject.inputs)}) and tiles_size is missing. Add the key.",
            )
        ]
    return []


def _metadata(subject: Subject) -> list[Item]:
    missing = [key for key in _KEYS if key not in subject.metadata]
    found: list[Item] = []
    if "model_type" in missing:
        found.append(("error", "no model_type: Deepness takes it for no model. Add model_type = Segmentor."))
    if "resolution" in missing:
        found.append(
            (
                "error",
                "no resolution: the ground sampling distance is unknown. Add resolution in cm per pixel.",
            )
        )
    rest = [key for key in missing if key not in ("model_type", "resolution")]
    if rest:
        found.append(("warning", f"no {', '.join(rest)}: defaults will be taken. Add these metadata keys."))
    return found


def _shown(specs: tuple[TensorSpec, ...]) -> str:
    return "; ".join(f"{spec.name} {spec.type} {list(spec.shape)}" for spec in specs)


_DEEPNESS: tuple[Callable[[Subject], list[Item]], ...] = (
    _layout,
    _input_type,
    _class_count,
    _size,
    _metadata,
)
