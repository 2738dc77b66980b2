from __future__ import annotations

import pytest

from segrun.deepness_keys import class_names, number, numbers
from segrun.errors import ModelError


@pytest.mark.parametrize(
    ("text", "value"), [("15", 15.0), ("[0.5]", 0.5), ('"21"', 21.0), (None, 7.0), ("many", 7.0)]
)
def test_a_number_is_read_however_it_was_written(text: str | None, value: float) -> None:
    assert number(text, 7.0) == value


def test_means_are_read_and_never_guessed() -> None:
    assert numbers("[0.485, 0.456, 0.406]", 3, 0.0) == [0.485, 0.456, 0.406]
    assert numbers(None, 3, 1.0) == [1.0, 1.0, 1.0]
    for text in ("[0.5]", "half"):
        with pytest.raises(ModelError, match="3 numbers"):
            numbers(text, 3, 0.0)


def test_classes_have_names_or_get_plain_ones() -> None:
    assert class_names({"class_names": '{"0": "background", "1": "roof"}'}, 2) == ["background", "roof"]
    assert class_names({"class_names": "no json"}, 1) == ["class 1"]
    assert class_names({}, 3) == ["background", "class 1", "class 2"]
