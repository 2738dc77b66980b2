"""The energy that a machine says it took, where it says so: RAPL counters of processors, NVML counters of NVIDIA cards.

Both count what the whole package or card took, other programs' work among it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from segrun.sessions import GPU_ENGINES

log: logging.Logger = logging.getLogger("segrun")
POWERCAP = Path("/sys/class/powercap")


@dataclass(frozen=True)
class Counter:
    """A number that grows with the energy taken.

    Args:
        name: for reports.
        read: returns joules since some moment.
        wraps_at: joules after which it starts from 0 again; None where it never does.
    """

    name: str
    read: Callable[[], float]
    wraps_at: float | None = None

    def since(self, start: float) -> float:
        """Return the joules since it stood at ``start``."""
        passed = self.read() - start
        return passed + self.wraps_at if passed < 0 and self.wraps_at is not None else passed


class EnergyMeter:
    """Counts while its context is open.

    Args:
        counters: to read.
    """

    def __init__(self, counters: tuple[Counter, ...]) -> None:
        self.joules: dict[str, float] = {}
        self._counters = counters
        self._starts: tuple[float, ...] = ()

    @classmethod
    def of(cls, engine: str) -> EnergyMeter:
        """Return a meter of the processors, and of the first card for an engine that runs there."""
        return cls((*rapl_counters(), *(nvml_counters() if engine in GPU_ENGINES else ())))

    def __enter__(self) -> Self:
        self._starts = tuple(counter.read() for counter in self._counters)
        return self

    def __exit__(self, *_: object) -> None:
        self.joules = {
            counter.name: counter.since(start)
            for counter, start in zip(self._counters, self._starts, strict=True)
        }


def rapl_counters(powercap: Path = POWERCAP) -> tuple[Counter, ...]:
    """Return a counter for each processor package that the kernel lets this user read.

    Args:
        powercap: the kernel's folder.
    Source: https://www.kernel.org/doc/html/latest/power/powercap/powercap.html
    """
    found = []
    for zone in sorted(powercap.glob("intel-rapl:*")):
        try:
            name = (zone / "name").read_text().strip()
            wraps_at = int((zone / "max_energy_range_uj").read_text()) / 1e6
            _joules(zone)
        except (OSError, ValueError):
            continue  # most kernels let only root read it
        # Parts of a package (cores, memory) are counted in it already, and "psys" is the whole platform.
        if name.startswith("package"):
            found.append(Counter(f"RAPL {name}", partial(_joules, zone), wraps_at))
    return tuple(found)


def nvml_counters() -> tuple[Counter, ...]:
    """Return a counter of the first NVIDIA card; none where pynvml or the card is missing, or too old to count."""
    try:
        import pynvml
    except ImportError:
        log.warning(
            "the card's energy is not counted: pynvml is missing. Install it with: pip install nvidia-ml-py"
        )
        return ()
    library: Any = pynvml
    try:
        library.nvmlInit()
        card = library.nvmlDeviceGetHandleByIndex(0)
        library.nvmlDeviceGetTotalEnergyConsumption(card)
    except library.NVMLError:
        return ()
    return (Counter("NVML card 0", lambda: library.nvmlDeviceGetTotalEnergyConsumption(card) / 1e3),)


def _joules(zone: Path) -> float:
    return int((zone / "energy_uj").read_text()) / 1e6
