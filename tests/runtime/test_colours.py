from __future__ import annotations

import numpy as np
import pytest

from segrun.colours import class_colours


@pytest.mark.parametrize("foreground", [1, 7, 8, 60, 254])
def test_every_class_has_a_colour_of_its_own(foreground: int) -> None:
    colours = class_colours(foreground)
    assert colours.shape == (foreground + 1, 3)
    assert len(np.unique(colours, axis=0)) == foreground + 1
    assert not colours[0].any()


def test_a_class_keeps_its_colour_when_classes_are_added() -> None:
    assert (class_colours(20)[:4] == class_colours(3)).all()


@pytest.mark.parametrize("foreground", [0, 255])
def test_what_a_mask_cannot_hold_is_refused(foreground: int) -> None:
    with pytest.raises(ValueError, match="1 to 254"):
        class_colours(foreground)
