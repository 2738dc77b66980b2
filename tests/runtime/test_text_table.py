from __future__ import annotations

import pytest

from segrun.text_table import aligned


def test_columns_stand_below_each_other_and_nothing_trails() -> None:
    rows = [("file", "ms", ""), ("a.onnx", "1", "failed: a long reason"), ("b", "1000", "")]
    assert aligned(rows) == ["file    ms", "a.onnx  1     failed: a long reason", "b       1000"]


def test_rows_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        aligned([("a", "b"), ("c",)])
