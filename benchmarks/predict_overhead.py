"""What `segrun predict` costs beyond the engine: 200 PNG tiles against a bare session.run loop on the same decoded arrays.

Both sides run in one process, alternating, with the same threads; both load the model and run every tile. The ratio of the
medians is the figure, since one machine's milliseconds say nothing about another's.

    python benchmarks/predict_overhead.py --model unet.onnx
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import onnxruntime

from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.pictures import read_picture
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from segrun_train.synthetic import write_scene_pairs

TARGET = 1.10


class Clock:
    """Wall and processor time since it was made; the second is steadier where other programs want the machine too."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def passed(self) -> tuple[float, float]:
        """Return both in seconds."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def bare_loop(model: Path, arrays: list[np.ndarray], threads: int) -> tuple[float, float]:
    """Load the model and run every tile; return seconds of wall and of processor time."""
    started = Clock()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )
    for array in arrays:
        session.run(["score"], {"image": array})
    return started.passed()


def whole_predict(model: Path, tiles: Path, threads: int, out: Path) -> tuple[float, float]:
    """Run `segrun predict` on the same tiles as files; return seconds of wall and of processor time."""
    started = Clock()
    options = PredictOptions(out=out, session=SessionOptions("cpu", threads, spinning=True))
    report = predict(model, [tiles], options)
    passed = started.passed()
    if report.exit_code != 0:
        raise SystemExit(f"predict failed: {report.failures}")
    return passed


@click.command()
@click.option("--model", required=True, help="An .onnx file of the contract, or a bundled model.")
@click.option("--tiles", "count", default=200, show_default=True)
@click.option("--runs", default=5, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write the figures here.")
def main(model: str, count: int, runs: int, threads: int, json_path: Path | None) -> None:
    """Print the ratio of medians."""
    path = find_model(model)
    card = ModelFile.read(path).card()
    if card is None:
        raise click.UsageError("the model has no card; use one that segrun exported")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_scene_pairs(work / "scenes", count, seed=3, height=card.tile, width=card.tile)
        tiles = work / "scenes/images"
        arrays = [read_picture(tile).pixels[None] for tile in sorted(tiles.iterdir())]
        whole_predict(path, tiles, threads, work / "warm")
        pairs = []
        for run in range(runs):
            both = {}
            # The order alternates, so that a machine that slows down slows both.
            for side in ("bare", "predict") if run % 2 == 0 else ("predict", "bare"):
                if side == "bare":
                    both[side] = bare_loop(path, arrays, threads)
                else:
                    both[side] = whole_predict(path, tiles, threads, work / f"masks{run}")
            pairs.append(both)
            print(f"run {run + 1}: bare {both['bare'][0]:.2f} s, predict {both['predict'][0]:.2f} s")
    print(f"{count} tiles of {card.tile}x{card.tile}, {threads} threads, model {card.name}")
    figures: dict[str, object] = {"runs": pairs, "tiles": count}
    for index, clock in enumerate(("wall", "processor")):
        bare, ours = (statistics.median(both[side][index] for both in pairs) for side in ("bare", "predict"))
        figures[f"{clock}_ratio"] = ours / bare
        per_tile = 1000 * bare / count
        print(
            f"{clock} time: median bare {bare:.2f} s ({per_tile:.1f} ms/tile), predict {ours:.2f} s, ratio {ours / bare:.3f}"
        )
    ratio = statistics.median(both["predict"][0] for both in pairs) / statistics.median(
        both["bare"][0] for both in pairs
    )
    print(f"target {TARGET} for wall time: {'reached' if ratio <= TARGET else 'MISSED'}")
    if json_path is not None:
        json_path.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
