from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.spelling import DATA, ROOT, spelled


def test_paths_say_nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = [
        "benchmarks/peers",
        str(ROOT / "docs"),
        f"--raster={DATA / 'a/geotiff/b c.tif'}",
        "--out",
        str(tmp_path),
    ]
    said = spelled("python -m benchmarks.peers", words)
    assert said == (
        f"python -m benchmarks.peers benchmarks/peers docs '--raster=DATA/a/geotiff/b c.tif' --out {tmp_path.name}"
    )


def test_what_is_no_path_stays() -> None:
    words = ["--runs", "3", "--quick", "--engine=cpu", "local/not-there", ""]
    assert spelled("p", words) == "p --runs 3 --quick --engine=cpu local/not-there ''"


def test_words_too_long_for_a_name_are_no_path() -> None:
    words = " ".join(["word"] * 100)
    assert spelled("p", ["--caption", words]) == f"p --caption '{words}'"
