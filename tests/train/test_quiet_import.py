from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segrun_train.quiet_import import quiet_import
from segrun_train.synthetic import write_scene_pairs


def test_what_is_written_past_python_is_kept_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_import():
        os.write(2, b"chatter\n")
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_it_is_shown_where_the_import_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        with quiet_import():
            os.write(2, b"the cause\n")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        broken()
    assert capfd.readouterr().err == "the cause\n"


def test_the_users_own_level_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with quiet_import():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


def test_one_line_errors_of_keras_commands_are_one_line(tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="Keras is not installed")
    write_scene_pairs(tmp_path, 2, height=32, width=32)
    (tmp_path / "broken.keras").write_bytes(b"no zip")
    folders = ["--images", str(tmp_path / "images"), "--masks", str(tmp_path / "masks")]
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    for words, said in (
        (["train", *folders, "--out", str(tmp_path)], "place of an input"),
        (["evaluate", *folders, "--model", str(tmp_path / "broken.keras")], "cannot be loaded"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from segrun.cli import main; main()", *words],
            env=environment, check=False, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        (line,) = done.stderr.splitlines()
        assert line.startswith("segrun: ")
        assert said in line
        assert done.returncode == 1
