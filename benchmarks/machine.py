"""The machine that measured, as a results page tells it: processor, cores, memory and versions; no names, no paths."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any

from segrun.doctor import diagnose

GIB = 1024**3


@dataclass(frozen=True)
class Machine:
    """What decides speed on one machine.

    Args:
        system: operating system, architecture, processor and the instruction sets that matter.
        cpus: processors that this process may use.
        memory_gib: of the whole machine.
        python: version.
        versions: of the packages that are installed, by name.
    """

    system: str
    cpus: int
    memory_gib: float
    python: str
    versions: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return dataclasses.asdict(self)

    def hardware(self) -> str:
        """Return what does not depend on the environment, in a few words."""
        return f"{self.system}, {self.cpus} processors, {self.memory_gib:.0f} GiB memory"

    def markdown(self) -> str:
        """Return one paragraph for a page of results."""
        packages = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"Machine: {self.hardware()}; Python {self.python}; {packages}."


def this_machine() -> Machine:
    """Describe the machine and the environment that runs this process."""
    found = diagnose()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    versions = {name: version for name, version in found.versions.items() if version is not None}
    return Machine(found.system, found.cpus, round(pages / GIB, 1), found.python, versions)
