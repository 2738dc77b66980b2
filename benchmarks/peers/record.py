"""What was measured of one network, kept as a file: whatever fails later, the page can be made from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.alternating import Alternation
from benchmarks.peers.contestants import Absentee, Contestant


@dataclass(frozen=True)
class Setting:
    """What all networks of a page share.

    Args:
        raster: the orthophoto, or a corner of it.
        origin: the orthophoto, where it lies.
        truth: its mask; None where there is none.
        overlap: of neighbouring tiles, pixels.
        threads: of every engine.
        command: that measures, as the page prints it.
    """

    raster: Path
    origin: Path
    truth: Path | None
    overlap: int
    threads: int
    command: str


@dataclass(frozen=True)
class Measured:
    """One network's contestants and what each of their runs took.

    Args:
        setting: of the run.
        network: its name.
        tile: side of a tile, pixels.
        trained_on: folders whose pictures it learned from; empty where nobody knows.
        started: whether it started from weights of another network; None where nobody knows.
        contestants: who ran.
        absent: who did not.
        costs: of every run.
    """

    setting: Setting
    network: str
    tile: int
    trained_on: tuple[str, ...]
    started: bool | None
    contestants: tuple[Contestant, ...]
    absent: tuple[Absentee, ...]
    costs: Alternation

    def write(self, folder: Path) -> Path:
        """Write ``NETWORK.json``, with paths of this machine: it is not for publishing."""
        path = folder / f"{self.network}.json"
        folder.mkdir(parents=True, exist_ok=True)
        plain = {**asdict(self), "costs": self.costs.as_json()}
        path.write_text(json.dumps(plain, indent=1, default=str) + "\n", encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> Measured:
        """Return what ``write`` wrote.

        Raises:
            FileNotFoundError: there is none.
        """
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        setting = kept["setting"]
        truth = None if setting["truth"] is None else Path(setting["truth"])
        contestants = (
            Contestant(**{**item, "command": tuple(item["command"]), "mask": Path(item["mask"])})
            for item in kept["contestants"]
        )
        return cls(
            Setting(**{**setting, "raster": Path(setting["raster"]), "origin": Path(setting["origin"]), "truth": truth}),
            kept["network"], kept["tile"], tuple(kept["trained_on"]), kept["started"], tuple(contestants),
            tuple(Absentee(**item) for item in kept["absent"]),
            Alternation.from_json(kept["costs"]),
        )  # fmt: skip
