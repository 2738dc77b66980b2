from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gpu import cards
from benchmarks.gpu.cards import CARDS, Card, card_here, peaks_of
from benchmarks.gpu.flops import Work


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA A100-SXM4-80GB", "A100-SXM4-80GB"),
        ("NVIDIA A100-PCIE-40GB", "A100"),
        ("NVIDIA L4", "L4"),
        ("NVIDIA L40S", "L40S"),
        ("Tesla T4", "T4"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
    ],
)
def test_cards_are_found_by_their_names(name: str, known: str) -> None:
    assert peaks_of(name) is CARDS[known]


@pytest.mark.parametrize("name", ["NVIDIA GeForce GT 710", "NVIDIA L40", "NVIDIA A1000"])
def test_others_are_not_guessed(name: str) -> None:
    assert peaks_of(name) is None


def test_the_floor_is_the_higher_of_two() -> None:
    card = Card(fp32=1.0, fp16=4.0, int8=None, gb_per_s=1.0)
    computing = Work(flops=4_000_000_000, activations=1000, weights=1000)
    assert card.floor_s(computing, "fp32", 2) == pytest.approx(8e-3)
    assert card.floor_s(computing, "fp16", 2) == pytest.approx(2e-3)
    assert card.floor_s(computing, "int8", 2) is None
    moving = Work(flops=1000, activations=1_000_000, weights=500_000)
    assert card.floor_s(moving, "fp32", 2) == pytest.approx(4 * 2.5e6 / 1e9)


@pytest.mark.parametrize(
    ("script", "name"),
    [("echo 'NVIDIA L4'; echo 'NVIDIA T4'", "NVIDIA L4"), ("echo broken; exit 9", None), ("true", None)],
)
def test_the_first_card_that_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, name: str | None
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(cards.shutil, "which", lambda _name: str(program))  # type: ignore[attr-defined]
    assert card_here() == name


def test_no_program_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert card_here() is None
