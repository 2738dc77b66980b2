"""What the suites counted, against what is committed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Count = int | list[str]
# Arrays are counted in whole; beside them Python's own small objects come and go.
KIB_APART = 16


@dataclass(frozen=True)
class Counted:
    """What one benchmark counted.

    Args:
        counts: by name: whole numbers, or lists of names.
        depends_on: packages whose version may change them.
    """

    counts: Mapping[str, Count]
    depends_on: tuple[str, ...]


@dataclass(frozen=True)
class Counters:
    """What the suites counted in one environment.

    Args:
        benchmarks: by name.
        versions: of the packages that any of them depends on.
        skipped: benchmarks that could not run there, and why.
    """

    benchmarks: Mapping[str, Counted]
    versions: Mapping[str, str]
    skipped: Mapping[str, str]

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Counters:
        """Read what ``as_json`` wrote."""
        benchmarks = {
            name: Counted(entry["counts"], tuple(entry["depends_on"]))
            for name, entry in content["benchmarks"].items()
        }
        return cls(benchmarks, content["versions"], content.get("skipped", {}))

    def as_json(self) -> dict[str, Any]:
        """Return plain values; what was skipped is one machine's affair and left out."""
        benchmarks = {
            name: {"depends_on": list(entry.depends_on), "counts": dict(entry.counts)}
            for name, entry in sorted(self.benchmarks.items())
        }
        return {"versions": dict(sorted(self.versions.items())), "benchmarks": benchmarks}

    def of(self, names: Collection[str]) -> Counters:
        """Return a part."""
        kept = {name: entry for name, entry in self.benchmarks.items() if name in names}
        return Counters(kept, self.versions, self.skipped)

    def kept_from(self, before: Counters) -> Counters:
        """Return these counters with what was counted before of benchmarks that could not run here."""
        missing = {name: before.benchmarks[name] for name in self.skipped if name in before.benchmarks}
        return Counters({**self.benchmarks, **missing}, self.versions, self.skipped)


@dataclass(frozen=True)
class Outcome:
    """What differs; truthy when nothing does that should not.

    Args:
        compared: number of benchmarks that were compared.
        differences: one line each; any of them fails the gate.
        notes: what was not compared, and why.
    """

    compared: int
    differences: tuple[str, ...]
    notes: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.differences

    def lines(self) -> Iterator[str]:
        """Yield the outcome for a person."""
        yield from (f"not compared: {note}" for note in self.notes)
        yield from self.differences
        yield f"counters: {self.compared} benchmarks compared, {len(self.differences)} differences"


def compare(kept: Counters, found: Counters) -> Outcome:
    """Compare what was counted with what is committed, exactly; peak memory to ``KIB_APART``.

    A benchmark whose counts differ is not judged where a package that they depend on has another version here.

    Args:
        kept: the committed counters.
        found: those of the working tree.
    """
    differences: list[str] = []
    notes = [f"{name}: {reason}" for name, reason in sorted(found.skipped.items()) if name in kept.benchmarks]
    compared = 0
    for name in sorted({*kept.benchmarks, *found.benchmarks}):
        before, after = kept.benchmarks.get(name), found.benchmarks.get(name)
        if after is None:
            if name not in found.skipped:
                differences.append(f"{name}: is committed, and no suite has it")
        elif before is None:
            differences.append(f"{name}: is new, and not committed")
        else:
            changes = list(_changes(before.counts, after.counts))
            other = _other_versions(kept, found, {*before.depends_on, *after.depends_on}) if changes else ""
            if other:
                notes.append(f"{name}: {'; '.join(changes)} with {other}")
                continue
            compared += 1
            differences += [f"{name}: {change}" for change in changes]
    return Outcome(compared, tuple(differences), tuple(notes))


def _changes(before: Mapping[str, Count], after: Mapping[str, Count]) -> Iterator[str]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old == new or (key.endswith("_kib") and _close(old, new)):
            continue
        if isinstance(old, int) and isinstance(new, int):
            share = f" ({100 * (new / old - 1):+.1f} %)" if old else ""
            yield f"{key} {old} -> {new}{share}"
        elif isinstance(old, list) and isinstance(new, list):
            gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
            yield f"{key} {', '.join([*(f'-{item}' for item in gone), *(f'+{item}' for item in come)])}"
        else:
            yield f"{key} {'not counted' if old is None else old} -> {'not counted' if new is None else new}"


def _close(old: Count | None, new: Count | None) -> bool:
    return isinstance(old, int) and isinstance(new, int) and abs(new - old) <= KIB_APART


def _other_versions(kept: Counters, found: Counters, names: Collection[str]) -> str:
    return ", ".join(
        f"{name} {found.versions.get(name, 'absent')} (committed with {kept.versions.get(name, 'none')})"
        for name in sorted(names)
        if kept.versions.get(name) != found.versions.get(name)
    )
