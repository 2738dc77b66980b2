from __future__ import annotations

import json
import platform
import socket
from pathlib import Path

from benchmarks.machine import this_machine


def test_it_tells_what_decides_speed_and_nothing_private() -> None:
    machine = this_machine()
    text = machine.markdown()
    assert machine.cpus >= 1
    assert 0.1 < machine.memory_gib < 100_000
    assert f"Python {platform.python_version()}" in text
    assert f"numpy {machine.versions['numpy']}" in text
    assert json.loads(json.dumps(machine.as_json())) == machine.as_json()
    assert str(Path.home()) not in text
    if len(socket.gethostname()) > 3:
        assert socket.gethostname() not in text
