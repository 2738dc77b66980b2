from __future__ import annotations

from typing import Any

from benchmarks.gate.show_page import as_wished, page
from benchmarks.gate.verdict import Limits


def record(series: str, *, stitch: float, session: float) -> dict[str, Any]:
    rows = {
        name: {"failed": ratio > 1.07, "ratio": ratio, "clear": True, "log_ratios": [0.0, 0.01, -0.01]}
        for name, ratio in (("stitch", stitch), ("session", session))
    }
    passed = not any(row["failed"] for row in rows.values())
    return {"series": series, "seconds": 30.0, "passed": passed, "workloads": rows}


def test_a_slowdown_must_be_named_by_its_own_workload() -> None:
    assert as_wished(record("unchanged", stitch=1.0, session=1.01))
    assert not as_wished(record("unchanged", stitch=1.2, session=1.0))
    assert as_wished(record("session", stitch=1.0, session=1.15))
    assert not as_wished(record("session", stitch=1.15, session=1.0))


def test_the_page_counts_and_names_what_went_wrong() -> None:
    records = [
        record("unchanged", stitch=1.0, session=1.0),
        record("unchanged", stitch=1.2, session=1.0),
        record("stitch", stitch=1.14, session=1.0),
    ]
    text = page(records, Limits(), "Machine: one.", revision="0123456789abcdef", command="show --checks 2")
    assert "Written by `show --checks 2`." in text
    assert "two checkouts of one revision, 0123456789ab, in" in text
    assert "compared for 2 minutes; making the checkouts" in text
    assert "is a whole run of predict" not in text
    assert "| unchanged | passes | 1 of 2 |" in text
    assert "15 % planted in the stitch: caught | 1 of 1 |" in text
    assert "unchanged: stitch at 1.200" in text
    assert "Machine: one." in text


def test_a_folder_called_slower_by_the_session_is_right() -> None:
    slowed = record("session", stitch=1.0, session=1.15)
    slowed["workloads"]["folder"] = {**slowed["workloads"]["session"], "ratio": 1.075}
    text = page([slowed], Limits(), "Machine: one.", revision="0", command="show")
    assert "by series: session: folder at 1.075." in text
    assert "is a whole run of predict, which runs the session" in text
