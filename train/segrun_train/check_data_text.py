"""A data report as a table: findings of one kind together, with their extremes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from segrun_train.check_data_finding import DataReport, Finding

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
_NAMED_AT_MOST = 4


def report_table(report: DataReport) -> Group:
    """Return the report for a console: one row a kind, worst first, with an example of its evidence."""
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        kinds[finding.severity, finding.kind].append(finding)
    table = Table(title=f"{report.pairs} pairs", title_justify="left", expand=True)
    for title, ratio in (("", None), ("what", None), ("files", 3), ("evidence", 4), ("cure", 4)):
        table.add_column(title, ratio=ratio, overflow="fold")
    for (severity, kind), findings in kinds.items():
        table.add_row(
            Text(severity, style=_STYLES[severity]), f"{kind} ({len(findings)})", _names(findings),
            _evidence(findings[0]), findings[0].cure,
        )  # fmt: skip
    counts = report.counts()
    verdict = "Nothing is wrong" if report else "Something is wrong"
    last = f"{verdict}: {counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes."
    return Group(table, Text(last)) if kinds else Group(Text(last))


def print_report(report: DataReport) -> None:
    """Print the report to stdout."""
    Console(soft_wrap=False).print(report_table(report))


def _names(findings: list[Finding]) -> str:
    more = len(findings) - _NAMED_AT_MOST
    names = ", ".join(Path(finding.file).name for finding in findings[:_NAMED_AT_MOST])
    return names + (f" and {more} more" if more > 0 else "")


def _evidence(finding: Finding) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in finding.evidence.items()
    )
