"""The example of docs/embedding.md runs as it stands, and says where its frames lie."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import cv2
import pytest

from tests.onnx_models import card, identity_graph, write_model

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/ground_station.py"


@pytest.fixture(scope="module")
def station() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ground_station", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ground_station"] = module
    spec.loader.exec_module(module)
    return module


def test_it_runs(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", identity_graph(128), card(128))
    arguments = [sys.executable, str(EXAMPLE), "--model", str(model), "--frames", "4", "--out", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "footprints.geojsonl").read_text().splitlines()
    features = [json.loads(line) for line in lines]
    assert [item["properties"]["frame"] for item in features] == [0, 1, 2, 3]
    for item in features:
        mask = cv2.imread(str(tmp_path / item["properties"]["mask"]), cv2.IMREAD_UNCHANGED)
        assert mask is not None
        assert mask.shape == (360, 480)
        assert item["properties"]["engine"] == "cpu"
        assert item["properties"]["area_m2"]["roof"] > 0


@pytest.mark.parametrize("heading", [0, 90, 213])
def test_a_footprint_has_the_size_that_the_optics_give(station: ModuleType, heading: float) -> None:
    from rasterio.warp import transform

    camera = station.Camera(height=300, width=400, view_deg=53.13010235)  # as wide as it is high above
    ring = station.footprint(station.Pose(27.63, 85.52, 100.0, heading), camera)
    assert ring[0] == ring[-1]
    east, north = transform(
        "EPSG:4326", "+proj=tmerc +lat_0=27.63 +lon_0=85.52 +datum=WGS84", *zip(*ring, strict=True)
    )
    corners = list(zip(east, north, strict=True))
    sides = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in itertools.pairwise(corners)]
    assert sides == pytest.approx([100, 75, 100, 75], abs=0.01)
    doubled_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(corners))
    assert doubled_area == pytest.approx(2 * 7500, rel=1e-3)  # positive: counter-clockwise


def test_the_top_of_the_picture_looks_along_the_heading(station: ModuleType) -> None:
    camera = station.Camera(height=300, width=400, view_deg=60.0)
    *_, top_right, top_left, _ = station.footprint(station.Pose(0.0, 10.0, 100.0, 90.0), camera)
    # Heading east, the top edge lies in the east and its left end in the north.
    assert top_right[0] == pytest.approx(top_left[0])
    assert top_right[0] > 10.0
    assert top_left[1] > 0 > top_right[1]
