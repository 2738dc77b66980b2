from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from segrun.energy import Counter, EnergyMeter, nvml_counters, rapl_counters


def zone(folder: Path, entry: str, name: str, joules: float) -> Path:
    path = folder / entry
    path.mkdir()
    (path / "name").write_text(f"{name}\n")
    (path / "energy_uj").write_text(f"{round(joules * 1e6)}\n")
    (path / "max_energy_range_uj").write_text(f"{round(1000 * 1e6)}\n")
    return path


def test_packages_are_counted_once_and_their_parts_not_at_all(tmp_path: Path) -> None:
    first = zone(tmp_path, "intel-rapl:0", "package-0", 100.0)
    zone(tmp_path, "intel-rapl:0:0", "core", 60.0)
    zone(tmp_path, "intel-rapl:1", "psys", 300.0)
    with EnergyMeter(rapl_counters(tmp_path)) as meter:
        (first / "energy_uj").write_text(f"{round(112.5e6)}\n")
    assert meter.joules == pytest.approx({"RAPL package-0": 12.5})


def test_a_counter_that_wrapped_goes_on(tmp_path: Path) -> None:
    package = zone(tmp_path, "intel-rapl:0", "package-0", 990.0)
    with EnergyMeter(rapl_counters(tmp_path)) as meter:
        (package / "energy_uj").write_text(f"{round(5e6)}\n")
    assert meter.joules == pytest.approx({"RAPL package-0": 15.0})


def test_what_cannot_be_read_is_not_reported(tmp_path: Path) -> None:
    assert rapl_counters(tmp_path / "none") == ()
    unreadable = zone(tmp_path, "intel-rapl:0", "package-0", 1.0)
    (unreadable / "energy_uj").unlink()
    with EnergyMeter(rapl_counters(tmp_path)) as meter:
        pass
    assert meter.joules == {}


def test_a_card_counts_for_engines_that_run_there(monkeypatch: pytest.MonkeyPatch) -> None:
    millijoules = iter([0, 2_000, 5_500])
    fake = SimpleNamespace(
        NVMLError=RuntimeError,
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetTotalEnergyConsumption=lambda _card: next(millijoules),
    )
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    with EnergyMeter.of("cuda") as meter:
        pass
    assert meter.joules["NVML card 0"] == pytest.approx(3.5)
    assert all("NVML" not in name for name in EnergyMeter.of("cpu").__enter__().joules)


def test_no_card_is_no_error(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert nvml_counters() == ()
    assert "pip install nvidia-ml-py" in caplog.text

    def absent() -> None:
        raise RuntimeError("driver not loaded")

    monkeypatch.setitem(sys.modules, "pynvml", SimpleNamespace(NVMLError=RuntimeError, nvmlInit=absent))
    assert nvml_counters() == ()


def test_a_counter_without_an_end_may_stand_still() -> None:
    assert Counter("still", lambda: 4.0).since(4.0) == 0.0
