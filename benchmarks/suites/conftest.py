"""Fixtures of the suites: drawn pictures, untrained networks in every format, and the recorder of counts."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.suites.counters import COUNTED, SKIPPED, Recorder, benchmark_name, versions
from benchmarks.suites.networks import Networks, make_networks
from segrun_train.synthetic import draw_scene


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--counters-out", type=Path, help="write what the benchmarks counted to this file")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COUNTED] = {}
    config.stash[SKIPPED] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped:
        item.config.stash[SKIPPED][benchmark_name(item)] = _reason(report)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--counters-out")
    if path is None:
        return
    counted = session.config.stash[COUNTED]
    names = {name for entry in counted.values() for name in entry["depends_on"]}
    content = {
        "versions": versions(names),
        "benchmarks": dict(sorted(counted.items())),
        "skipped": dict(sorted(session.config.stash[SKIPPED].items())),
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr)


@pytest.fixture
def record(request: pytest.FixtureRequest, benchmark: Any) -> Recorder:
    return Recorder(benchmark.extra_info, request.config.stash[COUNTED], benchmark_name(request.node))


@pytest.fixture(scope="session")
def picture() -> npt.NDArray[np.uint8]:
    """Return a drawn picture, uint8 [512, 512, 3]."""
    return draw_scene(1, 512, 512).pixels


@pytest.fixture(scope="session")
def mosaic(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a larger one, uint8 [1024, 1536, 3], put together from the first."""
    return np.tile(picture, (2, 3, 1))


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    return make_networks(tmp_path_factory.mktemp("networks"))


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the profiles that the user's own ``segrun tune`` wrote out of the benchmarks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
