"""What NVIDIA's cards can do at most, by name, and which card is here."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

from benchmarks.gpu.flops import Work


@dataclass(frozen=True)
class Card:
    """Peaks without sparsity.

    Args:
        fp32: on the ordinary cores, TFLOP/s; our engines take no TF32 unasked.
        fp16: on tensor cores, TFLOP/s.
        int8: on tensor cores, TOP/s; None where they have none for it.
        gb_per_s: of memory.
    Source: NVIDIA's data sheets of each card.
    """

    fp32: float
    fp16: float
    int8: float | None
    gb_per_s: float

    def floor_s(self, work: Work, precision: str, batch: int) -> float | None:
        """Return the least seconds of a call on this card: bound by its arithmetic or by its memory; None if not known."""
        peak = {"fp32": self.fp32, "fp16": self.fp16, "int8": self.int8}[precision]
        if peak is None:
            return None
        return max(
            batch * work.flops / (peak * 1e12), work.bytes_of(precision, batch) / (self.gb_per_s * 1e9)
        )


# Matched in this order: "H100 PCIe" stands before "H100".
CARDS = {
    "H200": Card(67.0, 989.0, 1979.0, 4800.0),
    "H100 PCIe": Card(51.0, 756.0, 1513.0, 2000.0),
    "H100 NVL": Card(60.0, 835.0, 1671.0, 3900.0),
    "H100": Card(67.0, 989.0, 1979.0, 3350.0),
    "A100-SXM4-80GB": Card(19.5, 312.0, 624.0, 2039.0),
    "A100": Card(19.5, 312.0, 624.0, 1555.0),
    "L40S": Card(91.6, 362.0, 733.0, 864.0),
    "L4": Card(30.3, 121.0, 242.0, 300.0),
    "A10G": Card(31.5, 70.0, 140.0, 600.0),
    "A10": Card(31.2, 125.0, 250.0, 600.0),
    "T4": Card(8.1, 65.0, 130.0, 320.0),
    "V100": Card(15.7, 125.0, None, 900.0),
    "RTX 4090": Card(82.6, 165.2, 660.6, 1008.0),
    "RTX 3090": Card(35.6, 71.0, 284.0, 936.0),
}


def peaks_of(name: str) -> Card | None:
    """Return the peaks of a card by the name that nvidia-smi gives it, None for one that is not listed."""
    words = f"{name} ".replace("-", " ").lower()
    for known, card in CARDS.items():
        if f"{known} ".replace("-", " ").lower() in words:
            return card
    return None


def card_here() -> str | None:
    """Return the name of the first NVIDIA card that answers, None where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    words = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    names = done.stdout.strip().splitlines()
    return names[0].strip() if done.returncode == 0 and names else None
