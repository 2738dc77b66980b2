from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun import wire
from segrun.errors import ModelError


@given(st.lists(st.tuples(st.integers(1, 1000), st.binary(max_size=300)), max_size=8))
def test_written_fields_are_found_again_and_cover_the_buffer(parts: list[tuple[int, bytes]]) -> None:
    content = b"".join(wire.bytes_field(number, body) for number, body in parts)
    found = list(wire.fields(memoryview(content), where="m"))
    assert [(f.number, content[f.payload : f.end]) for f in found] == parts
    assert b"".join(content[f.start : f.end] for f in found) == content


@given(st.binary(max_size=200))
def test_any_bytes_either_parse_or_are_a_model_error(content: bytes) -> None:
    with contextlib.suppress(ModelError):
        ends = [field.end for field in wire.fields(memoryview(content), where="m.onnx")]
        assert (ends[-1] if ends else 0) == len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\x08",  # a varint field without its value
        b"\x3a\x05abc",  # five bytes promised, three there
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length of more than ten bytes
        b"\x0b\x08\x01\x0c",  # a group
        b"\x00\x00",  # field number 0
        b"\x0d\x00\x00",  # a fixed32 cut off
        b"\x09\x00\x00\x00\x00",  # a fixed64 cut off
    ],
)
def test_broken_wire_is_a_model_error(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"m\.onnx is truncated or not an ONNX file"):
        list(wire.fields(memoryview(content), where="m.onnx"))


def test_scalars_are_skipped_by_their_size() -> None:
    content = b"\x08\x96\x01" + b"\x0d" + bytes(4) + b"\x11" + bytes(8) + wire.bytes_field(7, b"x")
    kinds = [(f.number, f.wire_type, f.end) for f in wire.fields(memoryview(content), where="m")]
    assert kinds == [(1, wire.VARINT, 3), (1, wire.FIXED32, 8), (2, wire.FIXED64, 17), (7, wire.BYTES, 20)]


def test_a_pair_that_is_not_utf8_is_a_model_error() -> None:
    pair = wire.bytes_field(1, b"\xff\xfe") + wire.bytes_field(2, b"v")
    with pytest.raises(ModelError, match="not UTF-8"):
        wire.string_pair(memoryview(pair), where="m")
