"""How many processors this process may really use."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def available_cpus(cgroup: Path = CGROUP) -> int:
    """Count the processors that the affinity mask and the cgroup quota leave to this process; at least 1.

    ``os.cpu_count`` would count the whole machine inside a container that may use a part of it.

    Args:
        cgroup: root of the cgroup file system; version 2 and version 1 layouts are read.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(affinity, _quota(cgroup) or affinity))


def _quota(cgroup: Path) -> int | None:
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()
        return None if limit == "max" else math.ceil(int(limit) / int(period))
    except (OSError, ValueError):
        pass
    try:
        limit_us = int((cgroup / "cpu/cpu.cfs_quota_us").read_text())
        period_us = int((cgroup / "cpu/cpu.cfs_period_us").read_text())
        return math.ceil(limit_us / period_us) if limit_us > 0 else None
    except (OSError, ValueError):
        return None
