from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath
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


def test_a_whole_journal_is_read_and_not_written(tmp_path: Path, picture: Path) -> None:
    run(tmp_path / "out", picture, complete=True)
    path = tmp_path / "out/.segrun/journal.jsonl"
    os.utime(path, ns=(1, 1))
    with opened(tmp_path / "out") as journal:
        assert journal.finished("a", picture, "a.png") is not None
    assert path.stat().st_mtime_ns == 1


def test_a_cut_journal_is_mended_in_one_step(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run(tmp_path / "out", picture, complete=True)
    path = tmp_path / "out/.segrun/journal.jsonl"
    whole = path.read_bytes()
    # A power cut leaves zeros, or less than UTF-8, where a line was to be.
    path.write_bytes(whole + b'{"name": "b\xc3\x00\x00')
    with monkeypatch.context() as full:
        full.setattr("segrun.atomic.Path.replace", failing)
        with pytest.raises(OutputError, match="No space"):
            opened(tmp_path / "out")
    assert path.read_bytes() == whole + b'{"name": "b\xc3\x00\x00'
    with opened(tmp_path / "out") as journal:
        assert set(journal.done) == {"a"}
    assert path.read_bytes() == whole


def test_scores_and_overlay_are_on_the_disk_before_they_are_noted(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[Path] = []
    monkeypatch.setattr("segrun.journal.settle", settled.append)
    out = tmp_path / "out"
    facts = {"scores": str(out / "a.scores.tif"), "overlay": str(out / ".segrun/overlays/a.jpg")}
    with opened(out) as journal:
        journal.add(Done("a", fingerprint(picture), "a.png", facts))
        journal.add(Done("b", fingerprint(picture), "b.png", {"scores": None, "overlay": None}))
        journal.complete()
    assert settled == [out / "a.png", Path(facts["scores"]), Path(facts["overlay"]), out / "b.png"]


def test_half_written_files_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ours = [
        ".a.0123abcd.part.png",
        "sub/.b.scores.0123abcd.part.tif",
        ".segrun/overlays/.a.0123abcd.part.jpg",
    ]
    others = [".c.0123abcd.part.png", "elsewhere/.a.0123abcd.part.png", "sub/.a.0123abcd.part.tif"]
    for name in (*ours, *others):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).touch()
    names = [PurePosixPath("a"), PurePosixPath("sub/b")]
    with opened(out) as journal:
        journal.sweep(names)
        assert all((out / name).exists() for name in ours)
    with opened(out, resume=True) as journal:
        journal.sweep(names)
    assert not any((out / name).exists() for name in ours)
    assert all((out / name).exists() for name in others)


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
