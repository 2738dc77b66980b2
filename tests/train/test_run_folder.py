from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import keras
import pytest

from segrun.errors import InputError, OutputError
from segrun_train.run_folder import check_run, close_run, initial_weights, open_run, writing


def test_a_fresh_folder_is_made(tmp_path: Path) -> None:
    assert not open_run(tmp_path / "a" / "b", resume=False, overwrite=False)
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_with_a_run_is_left_alone_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch\n")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"history\.csv"):
        open_run(tmp_path, resume=False, overwrite=False)
    assert not open_run(tmp_path, resume=True, overwrite=False)
    assert not open_run(tmp_path, resume=False, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_other_files_are_refused_even_where_overwriting_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "notes.txt").write_text("mine")
    for resume, overwrite in ((False, False), (True, False), (False, True)):
        with pytest.raises(OutputError, match=r"not a run.*notes\.txt"):
            open_run(tmp_path, resume=resume, overwrite=overwrite)
    assert len(list(tmp_path.iterdir())) == 3
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        check_run(tmp_path / "file", resume=False, overwrite=False)


def test_a_run_killed_before_its_first_epoch_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text("stem\n")
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "old").write_text("")
    assert not open_run(tmp_path, resume=False, overwrite=False)
    assert not list(tmp_path.iterdir())


def test_resuming_is_advised_only_where_there_is_a_state(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch\n")
    with pytest.raises(OutputError, match=r"Use --overwrite or another"):
        check_run(tmp_path, resume=False, overwrite=False)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "epoch.npz").write_bytes(b"")
    with pytest.raises(OutputError, match=r"Use --resume, --overwrite or another"):
        check_run(tmp_path, resume=False, overwrite=False)


def test_a_state_is_there_to_be_resumed_until_the_run_is_closed(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "epoch.npz").write_bytes(b"")
    assert open_run(tmp_path, resume=True, overwrite=False)
    close_run(tmp_path)
    assert not open_run(tmp_path, resume=True, overwrite=False)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = tmp_path / "file" / "run"
    with pytest.raises(OutputError, match="Not a directory"), writing(run):
        open_run(run, resume=False, overwrite=False)
    with pytest.raises(OutputError, match="No space left"), writing(run):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_other_trouble_keeps_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writing(tmp_path):
        (tmp_path / "none").read_bytes()


@pytest.mark.parametrize(
    "parts", [{}, {"config.json": "[]", "metadata.json": "{}"}, {"config.json": "{}", "metadata.json": "{}"}]
)
def test_a_start_that_is_a_broken_archive_is_said_in_one_line(parts: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with pytest.raises(InputError, match="is not a Keras model") as found:
        initial_weights(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="logits")]), path)
    assert "\n" not in str(found.value)
