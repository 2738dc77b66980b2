"""FlatBuffers' layout, as much of it as finding the metadata of a TFLite file needs."""

from __future__ import annotations

import struct
from typing import NamedTuple

from segrun.errors import ModelError

MARK = b"TFL3"
# Field numbers of the tables ``Model``, ``Metadata`` and ``Buffer``.
_BUFFERS, _METADATA = 4, 6
_NAME, _BUFFER = 0, 1
_DATA = 0


class Entry(NamedTuple):
    """Where the payload of one metadata entry stands.

    Args:
        name: of the entry.
        start: offset of its first byte.
        end: offset after its last byte.
    """

    name: str
    start: int
    end: int


def metadata_entries(content: memoryview, *, where: str) -> list[Entry]:
    """Find the metadata entries of a TFLite file.

    Args:
        content: the whole file.
        where: the file's name, for the error message.
    Raises:
        ModelError: truncated, or not a TFLite file.
    Source: https://flatbuffers.dev/internals/ and tensorflow/compiler/mlir/lite/schema/schema.fbs.
    """
    try:
        model = _model(content)
        buffers = _vector(content, model, _BUFFERS)
        entries = []
        for table in _vector(content, model, _METADATA):
            name_at = _field(content, table, _NAME)
            number_at = _field(content, table, _BUFFER)
            start, end = _bytes(content, _followed(content, name_at)) if name_at else (0, 0)
            number = struct.unpack_from("<I", content, number_at)[0] if number_at else 0
            data_at = _field(content, buffers[number], _DATA)
            payload = _bytes(content, _followed(content, data_at)) if data_at else (0, 0)
            entries.append(Entry(bytes(content[start:end]).decode(), *payload))
    except (struct.error, ValueError, IndexError) as error:
        raise ModelError(
            f"{where} is truncated or not a TFLite file ({error}). Copy or export it again."
        ) from error
    return entries


def _model(content: memoryview) -> int:
    if bytes(content[4:8]) != MARK:
        raise ValueError("no TFL3 mark")
    return _followed(content, 0)


def _followed(content: memoryview, at: int) -> int:
    """Follow the unsigned relative offset that stands at ``at``."""
    target: int = at + struct.unpack_from("<I", content, at)[0]
    return target


def _field(content: memoryview, table: int, number: int) -> int:
    """Return where a table's field stands, 0 where the table leaves it out."""
    layout = table - struct.unpack_from("<i", content, table)[0]
    if layout < 0:
        raise ValueError("a table points before the file")
    if 4 + 2 * number >= struct.unpack_from("<H", content, layout)[0]:
        return 0
    offset: int = struct.unpack_from("<H", content, layout + 4 + 2 * number)[0]
    return table + offset if offset else 0


def _vector(content: memoryview, table: int, number: int) -> list[int]:
    """Return the positions of the tables in a table's vector field."""
    at = _field(content, table, number)
    if not at:
        return []
    vector = _followed(content, at)
    count: int = struct.unpack_from("<I", content, vector)[0]
    if vector + 4 + 4 * count > len(content):
        raise ValueError("a list runs past the end")
    return [_followed(content, vector + 4 + 4 * index) for index in range(count)]


def _bytes(content: memoryview, vector: int) -> tuple[int, int]:
    """Return start and end of a vector of bytes."""
    length: int = struct.unpack_from("<I", content, vector)[0]
    if vector + 4 + length > len(content):
        raise ValueError("a text runs past the end")
    return vector + 4, vector + 4 + length
