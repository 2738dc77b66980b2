"""What every sink does alike."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun.errors import OutputError
from segrun.pictures import read_mask
from segrun.sinks import open_sink

ENDINGS = [".png", ".tif"]


def rows_of(mask: npt.NDArray[np.uint8], cuts: list[int]) -> list[tuple[int, npt.NDArray[np.uint8]]]:
    starts = sorted({0, *(cut for cut in cuts if cut < mask.shape[0])})
    return list(zip(starts, np.split(mask, starts[1:]), strict=True))


def write_all(path: Path, mask: npt.NDArray[np.uint8], cuts: list[int], *, foreground: int) -> Path:
    sink = open_sink(path, height=mask.shape[0], width=mask.shape[1], foreground=foreground)
    for row, rows in rows_of(mask, cuts):
        sink.write(row, rows)
    return sink.commit()


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 600),
    width=st.integers(1, 300),
    foreground=st.integers(2, 254),
    cuts=st.lists(st.integers(1, 600), max_size=6),
)
@pytest.mark.parametrize("ending", ENDINGS)
def test_indices_come_back_however_the_rows_are_cut(
    ending: str, seed: int, height: int, width: int, foreground: int, cuts: list[int]
) -> None:
    mask = np.random.default_rng(seed).integers(0, foreground + 1, (height, width), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = write_all(Path(folder) / f"a{ending}", mask, cuts, foreground=foreground)
        assert (read_mask(path) == mask).all()
        assert [item.name for item in Path(folder).iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_equal_masks_give_equal_bytes(tmp_path: Path, ending: str) -> None:
    mask = np.random.default_rng(0).integers(0, 200, (600, 500), np.uint8)
    paths = [
        write_all(tmp_path / f"{len(cuts)}{ending}", mask, cuts, foreground=200)
        for cuts in ([], [7], [256, 299], list(range(1, 600)))
    ]
    first, *others = (path.read_bytes() for path in paths)
    for content in others:
        assert content == first


@pytest.mark.parametrize("ending", ENDINGS)
def test_folders_are_made_and_the_file_appears_only_on_commit(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a" / "b" / f"c.v1{ending}"
    sink = open_sink(path, height=2, width=3)
    assert sink.path == path
    sink.write(0, np.zeros((2, 3), np.uint8))
    assert not path.exists()
    assert all(item.name.startswith(".") for item in path.parent.iterdir())
    assert sink.commit() == path
    assert [item.name for item in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_abort_leaves_nothing_and_an_earlier_file_stays(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    sink = open_sink(path, height=300, width=300)
    sink.write(0, np.zeros((280, 300), np.uint8))
    sink.abort()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"earlier")
    sink = open_sink(path, height=2, width=3)
    sink.abort()
    assert path.read_bytes() == b"earlier"


@pytest.mark.parametrize("ending", ENDINGS)
def test_abort_after_commit_is_harmless(tmp_path: Path, ending: str) -> None:
    path = write_all(tmp_path / f"a{ending}", np.zeros((2, 3), np.uint8), [], foreground=1)
    sink = open_sink(path, height=1, width=1)
    sink.write(0, np.zeros((1, 1), np.uint8))
    sink.commit()
    sink.abort()
    assert read_mask(path).shape == (1, 1)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("row", "rows"),
    [
        (1, np.zeros((1, 4), np.uint8)),
        (0, np.zeros((1, 5), np.uint8)),
        (0, np.zeros((6, 4), np.uint8)),
        (0, np.zeros((1, 4), np.int64)),
        (0, np.zeros((1, 4, 1), np.uint8)),
    ],
)
def test_rows_that_do_not_fit_are_our_own_error(
    tmp_path: Path, ending: str, row: int, rows: npt.NDArray[np.uint8]
) -> None:
    sink = open_sink(tmp_path / f"a{ending}", height=5, width=4)
    with pytest.raises(ValueError, match="rows must"):
        sink.write(row, rows)
    with pytest.raises(ValueError, match=r"needs all its rows\. Received: 0 of 5"):
        sink.commit()
    sink.abort()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, ending: str) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(OutputError, match=r"cannot write .*file.*-o\."):
        open_sink(tmp_path / "file" / f"a{ending}", height=5, width=4)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from segrun.errors import OutputError
from segrun.sinks import open_sink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
rows = np.random.default_rng(0).integers(0, 200, (1024, 1024), np.uint8)
sink = None
try:
    sink = open_sink(Path(sys.argv[1]), height=1024, width=1024, foreground=200)
    sink.write(0, rows)
    sink.commit()
except OutputError as error:
    if sink is not None:
        sink.abort()
    print(error)
    sys.exit(5)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits to play a full disk with")
@pytest.mark.parametrize("limit", [500, 5000, 300_000, 900_000])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, ending: str, limit: int) -> None:
    path = tmp_path / f"a{ending}"
    done = subprocess.run(
        # -B: Python would keep bytecode that the limit cut off, and later trip over it.
        [sys.executable, "-B", "-c", FULL_DISK, str(path), str(limit)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout.startswith(f"cannot write {path} (")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
