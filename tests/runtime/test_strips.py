from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segrun.errors import OutputError
from segrun.grid import Grid
from segrun.strips import FOLDER, StripStore


@pytest.fixture
def store(tmp_path: Path) -> StripStore:
    return StripStore(tmp_path / "work" / "ortho", segment_rows=3)


def test_a_strip_comes_back(store: StripStore) -> None:
    rows = np.random.default_rng(0).integers(0, 3, (7, 50), np.uint8)
    store.write(0, 4, rows)
    np.testing.assert_array_equal(store.read(0, 4, (7, 50)), rows)


def test_a_damaged_or_foreign_strip_counts_as_absent(store: StripStore, tmp_path: Path) -> None:
    store.write(0, 0, np.ones((7, 50), np.uint8), 1)
    path = next((tmp_path / "work" / "ortho").iterdir())
    whole = path.read_bytes()
    assert store.read(0, 0, (7, 51)) is None
    assert store.read(0, 1, (7, 50)) is None
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert store.read(0, 0, (7, 50)) is None
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert store.read(0, 0, (7, 50)) is None


def test_rows_count_as_finished_up_to_the_first_gap(store: StripStore) -> None:
    panel = Grid(100, 40, 32, 8).panels(100)[0]
    for tile_row in (0, 1, 3):
        row, end = panel.strip_rows(tile_row)
        store.write(0, tile_row, np.zeros((end - row, 40), np.uint8))
    assert store.finished_rows(0, panel) == 2


def test_failed_tiles_are_kept_with_their_strips(store: StripStore) -> None:
    panel = Grid(100, 40, 32, 8).panels(100)[0]
    for tile_row, failed in enumerate((2, 0, 5)):
        row, end = panel.strip_rows(tile_row)
        drawn = np.full((end - row, 40), 255, np.uint8)
        drawn[0, 0] = tile_row % 2
        store.write(0, tile_row, drawn, failed)
    assert [store.failed_tiles(0, panel, rows) for rows in range(4)] == [0, 2, 2, 7]


def test_nothing_is_left_of_strips_that_are_done(tmp_path: Path) -> None:
    work = tmp_path / ".segrun"
    one, other = (StripStore(work / FOLDER / "a" / name, segment_rows=3) for name in ("b", "c"))
    for store in (one, other):
        store.write(0, 0, np.ones((7, 50), np.uint8))
    one.remove()
    assert other.read(0, 0, (7, 50)) is not None
    other.remove()
    assert list(work.iterdir()) == []


def test_panels_are_put_side_by_side(store: StripStore) -> None:
    panels = Grid(32, 100, 32, 8).panels(40)
    assert len(panels) > 1
    for index, panel in enumerate(panels):
        store.write(index, 0, np.full((32, panel.width), index, np.uint8))
    rows = np.concatenate(list(store.assembled(panels, 0)))
    assert rows.shape == (32, 100)
    assert rows[0].tolist() == [index for index, panel in enumerate(panels) for _ in range(panel.width)]


def test_rows_come_back_a_few_at_a_time(store: StripStore) -> None:
    panels = Grid(32, 100, 32, 8).panels(40)
    drawn = np.random.default_rng(1).integers(0, 3, (32, 100), np.uint8)
    for index, panel in enumerate(panels):
        store.write(index, 0, drawn[:, panel.left : panel.right])
    pieces = list(store.assembled(panels, 0))
    assert {len(piece) for piece in pieces} == {3, 2}
    np.testing.assert_array_equal(np.concatenate(pieces), drawn)


def test_a_strip_of_one_value_takes_a_few_bytes_and_comes_back(store: StripStore, tmp_path: Path) -> None:
    panels = Grid(32, 100, 32, 8).panels(200)
    store.write(0, 0, np.full((32, 100), 255, np.uint8))
    assert sum(path.stat().st_size for path in (tmp_path / "work/ortho").iterdir()) < 24
    assert store.is_nodata(panels, 0)
    rows = store.read(0, 0, (32, 100))
    assert rows is not None
    assert rows.shape == (32, 100)
    assert (rows == 255).all()
    store.write_constant(0, 0, (32, 100), 1)
    assert not store.is_nodata(panels, 0)


def test_strips_of_other_panels_are_not_mistaken(store: StripStore, tmp_path: Path) -> None:
    store.write(1, 0, np.ones((32, 20), np.uint8))
    assert store.read(1, 0, (32, 20)) is not None
    assert StripStore(tmp_path / "work" / "ortho", panel_width=7).read(1, 0, (32, 20)) is None


def test_a_full_disk_is_one_line_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        StripStore(tmp_path / "file").write(0, 0, np.zeros((1, 1), np.uint8))
