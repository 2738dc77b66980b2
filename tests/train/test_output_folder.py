from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import OutputError
from segrun_train.output_folder import refuse_inputs


def test_an_output_that_is_or_holds_an_input_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "images"
    inner.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for output in (inner, tmp_path / "a", tmp_path / "link", tmp_path / "a" / "images" / ".." / "images"):
        with pytest.raises(OutputError, match="place of an input"):
            refuse_inputs([tmp_path / "fine", output], [tmp_path / "b", inner])


def test_folders_beside_and_below_inputs_are_fine(tmp_path: Path) -> None:
    refuse_inputs([tmp_path / "a" / "run", tmp_path / "imag", tmp_path / "images2"], [tmp_path / "images"])
    refuse_inputs([tmp_path / "images" / "run"], [tmp_path / "images"])
