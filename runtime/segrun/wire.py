"""Protobuf's wire format, as much of it as finding the top-level fields of an ONNX file needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from segrun.errors import ModelError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


class Field(NamedTuple):
    """Where one field of a message stands.

    Args:
        number: the field's number in the .proto file.
        wire_type: ``VARINT``, ``FIXED64``, ``BYTES`` or ``FIXED32``.
        start: offset of the field's tag.
        payload: offset of its first content byte (after tag and length).
        end: offset after its last byte.
    """

    number: int
    wire_type: int
    start: int
    payload: int
    end: int


def fields(buffer: memoryview, *, where: str) -> Iterator[Field]:
    """Yield the top-level fields of one message; nested messages are skipped, not entered.

    Args:
        buffer: the bytes of the message.
        where: the file's name, for the error message.
    Raises:
        ModelError: the bytes are truncated or no protobuf message.
    Source: https://protobuf.dev/programming-guides/encoding/
    """
    position = 0
    while position < len(buffer):
        start = position
        tag, position = _varint(buffer, position, where)
        number, wire_type = tag >> 3, tag & 7
        if number == 0 or number >= 1 << 29:
            raise _damaged(where, start)
        if wire_type == VARINT:
            payload = position
            _, position = _varint(buffer, position, where)
        elif wire_type == BYTES:
            length, payload = _varint(buffer, position, where)
            position = payload + length
        elif wire_type in (FIXED64, FIXED32):
            payload = position
            position += 8 if wire_type == FIXED64 else 4
        else:
            raise _damaged(where, start)
        if position > len(buffer):
            raise _damaged(where, start)
        yield Field(number, wire_type, start, payload, position)


def string_pair(buffer: memoryview, *, where: str) -> tuple[str, str]:
    """Read a ``StringStringEntryProto``: field 1 is the key, field 2 the value.

    Raises:
        ModelError: the bytes are no such message, or no UTF-8.
    """
    texts = {1: "", 2: ""}
    for field in fields(buffer, where=where):
        if field.number in texts and field.wire_type == BYTES:
            try:
                texts[field.number] = bytes(buffer[field.payload : field.end]).decode()
            except UnicodeDecodeError as error:
                raise ModelError(
                    f"{where} has metadata that is not UTF-8 ({error.reason}). Export the model again."
                ) from error
    return texts[1], texts[2]


def bytes_field(number: int, content: bytes) -> bytes:
    """Return one length-delimited field, tag and length included."""
    return _encoded(number << 3 | BYTES) + _encoded(len(content)) + content


def _varint(buffer: memoryview, position: int, where: str) -> tuple[int, int]:
    value = 0
    for index in range(_LONGEST_VARINT):
        if position + index >= len(buffer):
            raise _damaged(where, position)
        byte = buffer[position + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, position + index + 1
    raise _damaged(where, position)


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _damaged(where: str, offset: int) -> ModelError:
    return ModelError(
        f"{where} is truncated or not an ONNX file (no readable field at byte {offset}). Copy or export it again."
    )
