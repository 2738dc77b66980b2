from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.gpu import __main__ as command


def test_without_a_card_it_says_so_and_ends_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "card_here", lambda: None)
    done = CliRunner().invoke(command.main, ["--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert done.output.startswith("skipped: no NVIDIA card answers here")
    assert not (tmp_path / "out").exists()
