from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.cli import run
from segrun.errors import EngineError, InputError, OutputError
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from tests.onnx_models import card, identity_graph, nan_graph, write_model


def draw(height: int, width: int, bands: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, bands), np.uint8)


def save(path: Path, rgb: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    order = [0] if rgb.shape[2] == 1 else [2, 1, 0, 3][: rgb.shape[2]]
    assert cv2.imwrite(str(path), rgb[..., order])
    return path


def read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.uint8)


def left_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("batch", [1, 4])
def test_a_folder_is_mirrored_and_every_pixel_is_right(
    tmp_path: Path, identity_model: Path, batch: int
) -> None:
    sizes = {"a": (64, 64), "sub/b": (1, 1), "sub/deep/c": (63, 190), "d": (200, 65)}
    pictures = {name: draw(*size, seed=index) for index, (name, size) in enumerate(sizes.items())}
    for name, pixels in pictures.items():
        save(tmp_path / f"tiles/{name}.png", pixels)
    options = PredictOptions(out=tmp_path / "out", session=SessionOptions("cpu", 2, batch))
    report = predict(identity_model, [tmp_path / "tiles"], options)
    assert report.exit_code == 0
    assert left_in(tmp_path / "out") - {".segrun/journal.jsonl", ".segrun/lock"} == {
        f"{name}.png" for name in sizes
    }
    for name, pixels in pictures.items():
        expected = np.where(pixels[..., 0] >= 128, 255, 0)
        np.testing.assert_array_equal(read(tmp_path / f"out/{name}.png"), expected)


def test_alpha_0_is_no_data(tmp_path: Path, identity_model: Path) -> None:
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[:20, :, 3] = 0
    save(tmp_path / "a.png", pixels)
    report = predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out"))
    assert (read(tmp_path / "out/a.png")[:20] == 0).all()
    assert (read(tmp_path / "out/a.png")[20:] == 255).all()
    assert report.inputs[0]["invalid_pixels"] == 20 * 64
    predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out7", nodata=7))
    assert (read(tmp_path / "out7/a.png")[:20] == 7).all()


def test_bad_pictures_are_named_and_the_good_ones_written(tmp_path: Path, identity_model: Path) -> None:
    good = [save(tmp_path / f"tiles/good{i}.png", draw(70, 70, seed=i)) for i in range(3)]
    whole = good[0].read_bytes()
    (tmp_path / "tiles/a_truncated.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "tiles/b_empty.png").write_bytes(b"")
    (tmp_path / "tiles/c_text.png").write_text("no picture")
    save(tmp_path / "tiles/d_grey.png", draw(70, 70, 1))
    cv2.imwrite(str(tmp_path / "tiles/e_deep.png"), draw(70, 70).astype(np.uint16) * 256)
    report = predict(identity_model, [tmp_path / "tiles"], PredictOptions(out=tmp_path / "out"))
    assert report.exit_code == 3
    assert [Path(failure.input).name[0] for failure in report.failures] == ["a", "b", "c", "d", "e"]
    assert all(Path(failure.input).name in failure.reason for failure in report.failures)
    masks = left_in(tmp_path / "out") - {".segrun/journal.jsonl", ".segrun/lock"}
    assert masks == {"good0.png", "good1.png", "good2.png"}


def test_when_nothing_can_be_used_it_failed(tmp_path: Path, identity_model: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    report = predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out"))
    assert report.exit_code == 1


def test_a_finished_run_repeated_does_nothing_and_new_pictures_are_added(
    tmp_path: Path, identity_model: Path
) -> None:
    save(tmp_path / "tiles/a.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out")
    predict(identity_model, [tmp_path / "tiles"], options)
    before = (tmp_path / "out/a.png").stat().st_mtime_ns
    again = predict(identity_model, [tmp_path / "tiles"], options)
    assert (again.kept, again.tiles, again.exit_code) == (1, 0, 0)
    assert (tmp_path / "out/a.png").stat().st_mtime_ns == before
    save(tmp_path / "tiles/b.png", draw(64, 64, seed=1))
    more = predict(identity_model, [tmp_path / "tiles"], options)
    assert (more.kept, more.tiles) == (1, 1)
    with pytest.raises(OutputError, match="other thresholds"):
        predict(identity_model, [tmp_path / "tiles"], dataclasses.replace(options, thresholds=(0.9,)))


def test_a_finished_run_is_known_from_another_folder(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "tiles/a.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out")
    predict(identity_model, [tmp_path / "tiles"], options)
    monkeypatch.chdir(tmp_path)
    again = predict(identity_model, [Path("tiles")], options)
    assert (again.kept, again.inputs[0]["input"]) == (1, "tiles/a.png")


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path, identity_model: Path) -> None:
    source = save(tmp_path / "a.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out")
    predict(identity_model, [source], options)
    whole = left_in(tmp_path / "out")
    (tmp_path / "out/.a.0123abcd.part.png").write_bytes(b"half")
    (tmp_path / "out/.a.scores.0123abcd.part.tif").write_bytes(b"half")
    predict(identity_model, [source], options)
    assert left_in(tmp_path / "out") == whole


def test_a_tile_without_finite_scores_never_becomes_background(tmp_path: Path) -> None:
    model = write_model(tmp_path / "nan.onnx", nan_graph(32), card(32))
    save(tmp_path / "tiles/bad.png", np.zeros((32, 32, 3), np.uint8))
    save(tmp_path / "tiles/good.png", np.full((32, 32, 3), 9, np.uint8))
    report = predict(model, [tmp_path / "tiles"], PredictOptions(out=tmp_path / "out"))
    assert report.exit_code == 3
    assert "not finite" in report.failures[0].reason
    assert not (tmp_path / "out/bad.png").exists()
    assert (read(tmp_path / "out/good.png") == 255).all()


def test_failed_tiles_are_said_even_when_nothing_else_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
    model = write_model(tmp_path / "m.onnx", nan_graph(32), card(32))
    pixels = draw(64, 64)
    pixels[..., 0] = np.maximum(pixels[..., 0], 1)
    pixels[40, 40, 0] = 0
    place = {"crs": "EPSG:32632", "transform": rasterio.transform.from_origin(5e5, 5e6, 0.2, 0.2)}
    with rasterio.open(
        tmp_path / "o.tif", "w", driver="GTiff", height=64, width=64, count=3, dtype="uint8", **place
    ) as target:
        target.write(pixels.transpose(2, 0, 1))
    words = ["predict", "-m", model, tmp_path / "o.tif", "-o", tmp_path / "out", "--overlap", "0", "--quiet"]
    assert run([str(word) for word in words]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "1 tile of " in line
    assert "no data" in line
    with rasterio.open(tmp_path / "out/o.tif") as mask:
        found = mask.read(1)
    assert (found[32:, 32:] == 255).all()
    assert (found[:32] == 1).all()


def test_an_engine_that_dies_before_anything_is_written_is_an_error(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    fail_after(monkeypatch, 0)
    with pytest.raises(EngineError, match="gone"):
        predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out"))
    assert left_in(tmp_path / "out") == {".segrun/journal.jsonl", ".segrun/lock"}


def test_an_engine_that_dies_midway_leaves_what_was_finished(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(20):
        save(tmp_path / f"tiles/{index:02}.png", draw(64, 64, seed=index))
    fail_after(monkeypatch, 12)
    options = PredictOptions(out=tmp_path / "out")
    report = predict(identity_model, [tmp_path / "tiles"], options)
    assert report.exit_code == 3
    assert report.engine_failure is not None
    written = len(list((tmp_path / "out").glob("*.png")))
    assert 1 <= written <= 12
    finished = {facts["input"] for facts in report.inputs}
    assert [failure.input for failure in report.failures] == [
        str(path) for path in sorted((tmp_path / "tiles").iterdir()) if str(path) not in finished
    ]
    assert len(report.failures) == 20 - written
    assert all("--resume" in failure.reason for failure in report.failures)
    assert report.errors[-1] == report.engine_failure
    monkeypatch.undo()
    with pytest.raises(OutputError, match="--resume"):
        predict(identity_model, [tmp_path / "tiles"], options)
    resumed = predict(identity_model, [tmp_path / "tiles"], dataclasses.replace(options, resume=True))
    assert (resumed.exit_code, resumed.kept, resumed.tiles) == (0, written, 20 - written)


def fail_after(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    from segrun.sessions.onnx import OnnxSession

    real = OnnxSession.run
    count = 0

    def run(self: OnnxSession, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        nonlocal count
        count += 1
        if count > batches:
            raise EngineError("the device is gone")
        return real(self, pixels)

    monkeypatch.setattr(OnnxSession, "run", run)


def test_two_inputs_of_one_name_are_refused_before_the_start(tmp_path: Path, identity_model: Path) -> None:
    save(tmp_path / "tiles/a.png", draw(64, 64))
    save(tmp_path / "tiles/a.jpg", draw(64, 64))
    with pytest.raises(InputError, match="mask name"):
        predict(identity_model, [tmp_path / "tiles"], PredictOptions(out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_softmax_masks_are_class_indices(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", identity_graph(32, classes=3), card(32, 3))
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:20, :, 0], pixels[20:, :20, 1], pixels[20:, 20:, 2] = 200, 200, 200
    save(tmp_path / "a.png", pixels)
    options = PredictOptions(out=tmp_path / "out", overlap=0, blend="crop", overlay=True)
    report = predict(model, [tmp_path / "a.png"], options)
    assert report.inputs[0]["pixels"] == {"background": 800, "class 1": 400, "class 2": 400}
    assert (tmp_path / "out/.segrun/overlays/a.jpg").exists()


@pytest.mark.parametrize(
    "options", [{"overlap": 33}, {"thresholds": (0.1, 0.2)}, {"thresholds": (float("nan"),)}]
)
def test_options_that_do_not_fit_the_model_are_refused(
    tmp_path: Path, identity_model: Path, options: dict[str, object]
) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    with pytest.raises(InputError, match="Received"):
        predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out", **options))  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(
    tmp_path: Path, identity_model: Path
) -> None:
    for index in range(12):
        save(tmp_path / f"tiles/{index:02}.png", draw(200, 200, seed=index))
    # A limit on the size of files makes real writes fail half-way, as a full disk does.
    code = (
        "import resource, signal, sys; from segrun.cli import run\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    words = ["predict", "--model", identity_model, tmp_path / "tiles", "-o", tmp_path / "out", "--quiet"]
    result = subprocess.run(
        # -B: Python would keep bytecode that the limit cut off, and later trip over it.
        [sys.executable, "-B", "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "Free some space" in result.stderr
    assert left_in(tmp_path / "out") == {".segrun/journal.jsonl", ".segrun/lock"}


def test_nodes_are_counted_by_provider(tmp_path: Path, identity_model: Path) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    report = predict(identity_model, [tmp_path / "a.png"], PredictOptions(out=tmp_path / "out", explain=True))
    assert report.placement == {"CPUExecutionProvider": 3}
    assert "nodes: 3 on CPUExecutionProvider" in "\n".join(report.lines())


def test_on_processors_auto_takes_one_tile_at_a_time(tmp_path: Path, identity_model: Path) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    options = PredictOptions(out=tmp_path / "out", auto_batch=True)
    assert predict(identity_model, [tmp_path / "a.png"], options).batch == 1


@pytest.mark.parametrize(
    "words",
    [["--batch", "0"], ["--batch", "many"], ["--batch", "5000"], ["--threads", "0"], ["--threads", "9999"],
     ["--max-ram", "0"], ["--engine", "abacus"]],
)  # fmt: skip
def test_options_that_make_no_sense_are_usage_errors(
    tmp_path: Path, identity_model: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    command = ["predict", "-m", str(identity_model), str(tmp_path / "a.png"), "-o", str(tmp_path / "out")]
    assert run([*command, *words]) == 2
    assert words[1] in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_pipe_does_not_hang_the_run(tmp_path: Path, identity_model: Path) -> None:
    save(tmp_path / "tiles/a.png", draw(64, 64))
    os.mkfifo(tmp_path / "tiles/b.png")
    report = predict(identity_model, [tmp_path / "tiles"], PredictOptions(out=tmp_path / "out"))
    assert [Path(facts["input"]).name for facts in report.inputs] == ["a.png"]
    with pytest.raises(InputError, match="pipe"):
        predict(identity_model, [tmp_path / "tiles/b.png"], PredictOptions(out=tmp_path / "out2"))


def test_an_input_given_twice_is_said_to_be(tmp_path: Path, identity_model: Path) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    with pytest.raises(InputError, match="given twice"):
        predict(
            identity_model, [tmp_path / "a.png", tmp_path / "a.png"], PredictOptions(out=tmp_path / "out")
        )


def test_a_tile_starts_without_what_only_rasters_and_reports_need(
    tmp_path: Path, identity_model: Path
) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    code = (
        "import sys; from segrun.cli import run\n"
        "assert run(sys.argv[1:]) == 0\n"
        "slow = {'importlib.metadata', 'tempfile', 'concurrent.futures', 'rasterio', 'rich', 'segrun.strips'}\n"
        "sys.exit(', '.join(slow & set(sys.modules)) or 0)"
    )
    words = ["predict", "--model", identity_model, tmp_path / "a.png", "-o", tmp_path / "out", "--quiet"]
    result = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
