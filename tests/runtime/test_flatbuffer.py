from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun.errors import ModelError
from segrun.flatbuffer import metadata_entries


def drawn_file() -> bytes:
    """Lay out by hand a Model with one buffer ``{"a": 1}`` and one metadata entry ``segrun`` that names it."""
    out = bytearray(struct.pack("<I4s", 0, b"TFL3"))

    def put(content: bytes) -> int:
        out.extend(bytes(-len(out) % 4))
        at = len(out)
        out.extend(content)
        return at

    layout_model = put(struct.pack("<9H", 18, 12, 0, 0, 0, 0, 4, 0, 8))  # fields 4 and 6
    model = put(struct.pack("<iII", 0, 0, 0))
    struct.pack_into("<i", out, model, model - layout_model)
    struct.pack_into("<I", out, 0, model)
    for slot, layout, table in (
        (model + 4, (6, 8, 4), (0,)),
        (model + 8, (8, 12, 4, 8), (0, 0)),
    ):
        vector = put(struct.pack("<II", 1, 0))
        struct.pack_into("<I", out, slot, vector - slot)
        layout_at = put(struct.pack(f"<{len(layout)}H", *layout))
        table_at = put(struct.pack(f"<i{len(table)}I", 0, *table))
        struct.pack_into("<i", out, table_at, table_at - layout_at)
        struct.pack_into("<I", out, vector + 4, table_at - vector - 4)
        text = b'{"a": 1}' if slot == model + 4 else b"segrun"
        payload = put(struct.pack("<I", len(text)) + text)
        struct.pack_into("<I", out, table_at + 4, payload - table_at - 4)
    return bytes(out)


def test_the_entry_is_found_where_it_stands() -> None:
    content = drawn_file()
    (entry,) = metadata_entries(memoryview(content), where="m")
    assert entry.name == "segrun"
    assert content[entry.start : entry.end] == b'{"a": 1}'


def test_every_truncation_is_a_model_error() -> None:
    content = drawn_file()
    for length in range(len(content)):
        with pytest.raises(ModelError, match=r"m\.tflite is truncated or not a TFLite file"):
            metadata_entries(memoryview(content[:length]), where="m.tflite")


@given(st.integers(8, 200), st.integers(0, 255))
def test_any_changed_byte_either_parses_or_is_a_model_error(position: int, value: int) -> None:
    content = bytearray(drawn_file())
    content[position % len(content)] = value
    try:
        entries = metadata_entries(memoryview(bytes(content)), where="m")
    except ModelError:
        return
    assert all(0 <= entry.start <= entry.end <= len(content) for entry in entries)
