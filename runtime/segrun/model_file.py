"""A model file's own bytes: its metadata and its content hash, read without any model library."""

from __future__ import annotations

import contextlib
import hashlib
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from segrun import flatbuffer, wire
from segrun.card import CARD_KEY, GOLDEN_KEY, ModelCard, card_sha256
from segrun.errors import ModelError

if TYPE_CHECKING:
    from segrun.golden import GoldenTiles

ModelFormat = Literal["onnx", "tflite"]

_IR_VERSION, _GRAPH, _METADATA = 1, 7, 14
_ZIP_MARK = b"PK\x03\x04"


@dataclass(frozen=True)
class ModelFile:
    """What a model file says, apart from its graph.

    Args:
        path: where it lies.
        format: ``"onnx"`` or ``"tflite"``.
        metadata: every metadata entry.
        content_sha256: of the file without its metadata, as ``docs/model-contract.md`` defines it.
    """

    path: Path
    format: ModelFormat
    metadata: dict[str, str]
    content_sha256: str

    @classmethod
    def read(cls, path: Path) -> ModelFile:
        """Read metadata and content hash in one pass; the file is mapped, not loaded.

        Raises:
            ModelError: unreadable, empty, truncated, or neither ONNX nor TFLite.
        """
        try:
            with path.open("rb") as handle:
                if path.stat().st_size == 0:
                    raise ModelError(f"{path} is empty. Copy or export it again.")
                mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise ModelError(
                f"cannot read {path} ({error.strerror}). Name a readable .onnx or .tflite file."
            ) from error
        # Not closed by hand: an error on its way out still holds views of the mapping, and closing it would hide that error.
        return cls._of(path, memoryview(mapped))

    @classmethod
    def _of(cls, path: Path, content: memoryview) -> ModelFile:
        if bytes(content[:4]) == _ZIP_MARK:
            raise ModelError(f"{path} is a Keras model or another zip file. Run segrun export on it first.")
        if bytes(content[4:8]) == flatbuffer.MARK:
            metadata, digest = _read_tflite(content, where=str(path))
            return cls(path, "tflite", metadata, digest)
        metadata, digest = _read_onnx(content, where=str(path))
        return cls(path, "onnx", metadata, digest)

    def card(self) -> ModelCard | None:
        """Return the card, or None for a foreign model.

        Raises:
            ModelError: the card is damaged or of another contract.
        """
        text = self.metadata.get(CARD_KEY)
        return None if text is None else ModelCard.from_json(text, where=str(self.path))

    def golden(self) -> GoldenTiles | None:
        """Return the golden tiles, or None where the file has none.

        Raises:
            ModelError: they are damaged.
        """
        from segrun.golden import GoldenTiles

        text = self.metadata.get(GOLDEN_KEY)
        return None if text is None else GoldenTiles.decode(text, where=str(self.path))

    def verify_content(self) -> None:
        """Compare the content with the hash in the card, and the card with the hash in its certificate.

        A file without a card passes, and so does a card whose certificate, or lack of one, names no hash of it.

        Raises:
            ModelError: they differ: the file was changed or damaged after its export.
        """
        card = self.card()
        if card is not None and card.content_sha256 != self.content_sha256:
            raise ModelError(
                f"{self.path} is not the file its card describes: it was changed or damaged after its export. "
                f"Received: content sha256 {self.content_sha256[:12]}, card says {card.content_sha256[:12] or 'none'}. "
                "Copy or export it again."
            )
        certificate = (card.parity if card is not None else None) or {}
        stated = certificate.get("card_sha256")
        if card is not None and stated is not None and stated != card_sha256(self.metadata[CARD_KEY]):
            raise ModelError(
                f"{self.path} has another card than its certificate names: it was edited after its export. "
                f"Received: thresholds {list(card.thresholds)}, certified {certificate.get('thresholds')}. "
                "Copy or export it again; other thresholds are given where the model runs, as predict --threshold."
            )


def content_sha256(content: bytes, *, where: str = "the model") -> str:
    """Return the content hash of an ONNX or TFLite model that is still in memory.

    Raises:
        ModelError: the bytes are neither.
    """
    read = _read_tflite if content[4:8] == flatbuffer.MARK else _read_onnx
    return read(memoryview(content), where=where)[1]


def with_metadata(content: bytes, metadata: Mapping[str, str]) -> bytes:
    """Return an ONNX file with these metadata entries; its content hash stays the same.

    Args:
        content: the bytes of an ONNX file.
        metadata: entries to set; entries under other keys are kept.
    Raises:
        ModelError: the bytes are no ONNX model.
    """
    view = memoryview(content)
    kept: list[memoryview | bytes] = []
    for field in wire.fields(view, where="the model"):
        if field.number == _METADATA:
            key, _ = wire.string_pair(view[field.payload : field.end], where="the model")
            if key in metadata:
                continue
        kept.append(view[field.start : field.end])
    for key, value in metadata.items():
        pair = wire.bytes_field(1, key.encode()) + wire.bytes_field(2, value.encode())
        kept.append(wire.bytes_field(_METADATA, pair))
    return b"".join(kept)


def _read_tflite(content: memoryview, *, where: str) -> tuple[dict[str, str], str]:
    metadata: dict[str, str] = {}
    digest = hashlib.sha256()
    position = 0
    for entry in sorted(flatbuffer.metadata_entries(content, where=where), key=lambda item: item.start):
        if entry.name in metadata:
            raise ModelError(f"{where} holds the metadata key {entry.name!r} twice. Export the model again.")
        with contextlib.suppress(UnicodeDecodeError):  # other tools keep binary metadata
            metadata[entry.name] = bytes(content[entry.start : entry.end]).decode()
        if entry.name in (CARD_KEY, GOLDEN_KEY) and entry.start >= position:
            digest.update(content[position : entry.start])
            digest.update(bytes(entry.end - entry.start))
            position = entry.end
    digest.update(content[position:])
    return metadata, digest.hexdigest()


def _read_onnx(content: memoryview, *, where: str) -> tuple[dict[str, str], str]:
    metadata: dict[str, str] = {}
    digest = hashlib.sha256()
    seen = set()
    for field in wire.fields(content, where=where):
        seen.add((field.number, field.wire_type))
        if field.number != _METADATA:
            digest.update(content[field.start : field.end])
            continue
        if field.wire_type != wire.BYTES:
            raise ModelError(f"{where} is not an ONNX file (its metadata are no text). Export it again.")
        key, value = wire.string_pair(content[field.payload : field.end], where=where)
        if key in metadata:
            # Readers disagree on which entry counts, so a second card could contradict the first.
            raise ModelError(f"{where} holds the metadata key {key!r} twice. Export the model again.")
        metadata[key] = value
    if not {(_IR_VERSION, wire.VARINT), (_GRAPH, wire.BYTES)} <= seen:
        raise ModelError(
            f"{where} is not an ONNX file (no version or no graph in it). Name an .onnx or .tflite file."
        )
    return metadata, digest.hexdigest()
