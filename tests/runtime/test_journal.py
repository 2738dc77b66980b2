from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from segrun.errors import OutputError
from segrun.fingerprint import fingerprint
from segrun.journal import Done, RunJournal

KEY = {"model": "abc", "overlap": 32}


def opened(
    out: Path, key: dict[str, Any] = KEY, *, resume: bool = False, overwrite: bool = False
) -> contextlib.closing[RunJournal]:
    return contextlib.closing(RunJournal(out, key, resume=resume, overwrite=overwrite))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(b"pixels")
    return path


def run(out: Path, picture: Path, *, complete: bool) -> None:
    with opened(out) as journal:
        (out / "a.png").write_bytes(b"mask")
        journal.add(Done("a", fingerprint(picture), "a.png", {"tiles": 3}))
        if complete:
            journal.complete()


def test_a_finished_input_is_known(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=True)
    with opened(tmp_path / "out") as journal:
        done = journal.finished("a", picture, "a.png")
        assert done is not None
        assert done.facts == {"tiles": 3}
        assert journal.finished("b", picture, "b.png") is None


def test_an_input_whose_mask_is_gone_is_run_again(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=True)
    (tmp_path / "out/a.png").unlink()
    with opened(tmp_path / "out") as journal:
        assert journal.finished("a", picture, "a.png") is None


def test_an_unfinished_run_wants_resume(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=False)
    with pytest.raises(OutputError, match="--resume"):
        opened(tmp_path / "out")
    with opened(tmp_path / "out", resume=True) as journal:
        assert journal.finished("a", picture, "a.png") is not None


def test_another_run_is_refused_by_name_of_the_option(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=True)
    with pytest.raises(OutputError, match="other overlap"):
        opened(tmp_path / "out", {**KEY, "overlap": 0})
    with opened(tmp_path / "out", {**KEY, "overlap": 0}, overwrite=True) as journal:
        assert not journal.done


def test_a_changed_input_is_refused(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=True)
    picture.write_bytes(b"other pixels")
    with opened(tmp_path / "out") as journal, pytest.raises(OutputError, match="changed"):
        journal.finished("a", picture, "a.png")


def test_a_line_cut_off_by_a_kill_is_forgotten(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=False)
    path = tmp_path / "out/.segrun/journal.jsonl"
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with opened(tmp_path / "out", resume=True) as journal:
            assert set(journal.done) <= {"a"}


def test_a_mask_of_somebody_else_is_not_overwritten(tmp_path: Path, picture: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").write_bytes(b"precious")
    with opened(tmp_path / "out") as journal, pytest.raises(OutputError, match="--overwrite"):
        journal.finished("a", picture, "a.png")


def test_two_runs_in_one_folder_are_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "out"):
        code = (
            "import sys; from pathlib import Path; from segrun.journal import RunJournal\n"
            "from segrun.errors import OutputError\n"
            "try: RunJournal(Path(sys.argv[1]), {}, resume=False, overwrite=True)\n"
            "except OutputError as error: sys.exit('in use' in str(error) and 7)"
        )
        assert (
            subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], check=False).returncode == 7
        )


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="another folder with -o"):
        opened(tmp_path / "file")


def test_what_a_kill_leaves_unnoted_is_run_again(tmp_path: Path, picture: Path) -> None:
    journal = RunJournal(tmp_path / "out", KEY, resume=False, overwrite=False)
    (tmp_path / "out/a.png").write_bytes(b"mask")
    journal.add(Done("a", fingerprint(picture), "a.png"))
    noted = (tmp_path / "out/.segrun/journal.jsonl").read_text()
    assert "a.png" not in noted
    journal.close()
    (tmp_path / "out/.segrun/journal.jsonl").write_text(noted)
    with opened(tmp_path / "out", resume=True) as resumed:
        assert resumed.finished("a", picture, "a.png") is None


def test_a_disk_that_fails_is_one_line_and_releases_the_folder(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    journal = RunJournal(tmp_path / "out", KEY, resume=False, overwrite=False)
    (tmp_path / "out/a.png").write_bytes(b"mask")
    journal.add(Done("a", fingerprint(picture), "a.png"))
    with monkeypatch.context() as broken:
        broken.setattr("segrun.journal.settle", failing)
        with pytest.raises(OutputError, match=r"does not take .*a\.png \(Input/output error\)"):
            journal.complete()
        journal.close()
    with opened(tmp_path / "out", resume=True) as resumed:
        assert resumed.finished("a", picture, "a.png") is None
