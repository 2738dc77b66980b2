"""Putting card and golden tiles into a file so that its content hash stands before and after."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from segrun.card import CARD_KEY, GOLDEN_KEY, ModelCard
from segrun.flatbuffer import metadata_entries
from segrun.golden import GoldenTiles
from segrun.model_file import ModelFormat, content_sha256, with_metadata
from segrun_export.tflite_conversion import with_tflite_metadata

# Room for a certificate that is written after parity ran, so that nothing else in the file moves.
_CERTIFICATE_BYTES = 8 * 1024
_SLOT_BYTES = 16 * 1024


@dataclass(frozen=True)
class Sealable:
    """A converted file with its golden tiles in it and a place for its card.

    Args:
        format: of the file.
        content: its bytes.
        card: with the file's own content hash, not certified yet.
        carded: whether the file carries its card; files for other programs do not.
    """

    format: ModelFormat
    content: bytes
    card: ModelCard
    carded: bool = True

    def sealed(self, card: ModelCard) -> bytes:
        """Return the file with this card.

        Raises:
            ValueError: the card has another content hash, or a TFLite file has too little room for it.
        """
        if card.content_sha256 != self.card.content_sha256:
            raise ValueError("the card is of another file.")
        if not self.carded:
            return self.content
        text = card.to_json().encode()
        if self.format == "onnx":
            return with_metadata(self.content, {CARD_KEY: text.decode()})
        slot = next(
            entry
            for entry in metadata_entries(memoryview(self.content), where="the model")
            if entry.name == CARD_KEY
        )
        size = slot.end - slot.start
        if len(text) > size:
            raise ValueError(f"the card must fit its place. Received: {len(text)} bytes, place for {size}.")
        return self.content[: slot.start] + text.ljust(size) + self.content[slot.end :]


def cardless(content: bytes, file_format: ModelFormat, card: ModelCard) -> Sealable:
    """Wrap a file that stays as its converter made it, since other programs would misread a card's promise."""
    described = dataclasses.replace(card, content_sha256=content_sha256(content))
    return Sealable(file_format, content, described, carded=False)


def sealable(content: bytes, file_format: ModelFormat, card: ModelCard, golden: GoldenTiles) -> Sealable:
    """Put golden tiles and a place for the card into a converted file.

    Args:
        content: the file as its converter made it.
        file_format: of it.
        card: its content hash is filled in here.
        golden: travels in the file.
    """
    if file_format == "onnx":
        prepared = with_metadata(content, {GOLDEN_KEY: golden.encode()})
    else:
        needed = len(card.to_json().encode()) + _CERTIFICATE_BYTES
        slot = -(-needed // _SLOT_BYTES) * _SLOT_BYTES
        prepared = with_tflite_metadata(content, {CARD_KEY: " " * slot, GOLDEN_KEY: golden.encode()})
    digest = content_sha256(prepared)
    return Sealable(file_format, prepared, dataclasses.replace(card, content_sha256=digest))
