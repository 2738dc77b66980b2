from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.suites.counters import Recorder

# Names of modules only: the standard library's are Python's own affair.
COUNT = """
import json, sys
{code}
ours = sorted(name for name in sys.modules if name.partition(".")[0] == "segrun")
others = {{name.partition(".")[0] for name in sys.modules}} - sys.stdlib_module_names - {{"segrun", "_distutils_hack"}}
spec = lambda name: getattr(sys.modules.get(name), "__file__", None) or ""
print(json.dumps([len(ours), sorted(name for name in others if "site-packages" in spec(name))]))
"""
RUN = "from segrun.cli import run; run({words!r})"
STARTS = {
    "import": "import segrun",
    "help": RUN.format(words=["--help"]),
    "predict-help": RUN.format(words=["predict", "--help"]),
    "train-help": RUN.format(words=["train", "--help"]),
    "model": "import segrun; segrun.load('roofs', engine='cpu', threads=1).close()",
}


def ran(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.benchmark(group="start-up")
@pytest.mark.parametrize("start", list(STARTS))
def test_command(benchmark: Any, record: Recorder, start: str) -> None:
    benchmark.pedantic(ran, args=(STARTS[start],), rounds=5, warmup_rounds=1)
    ours, packages = json.loads(ran(COUNT.format(code=STARTS[start])).splitlines()[-1])
    record("python", modules_of_segrun=ours, packages=packages)
