"""What a run of predict did: data first, words made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segrun.sessions.sharing import in_words


@dataclass(frozen=True)
class InputFailure:
    """An input that got no mask: its path and one line with the cause and the cure."""

    input: str
    reason: str


@dataclass(frozen=True)
class PredictReport:
    """The outcome of one run.

    Args:
        inputs: facts of each input that has a mask, in input order; kept ones from an earlier run among them.
        failures: inputs without a mask.
        kept: how many of ``inputs`` were finished by an earlier run.
        seconds: wall time from the first read to the last write.
        engine: the engine that ran.
        engine_reason: why it was taken.
        engine_failure: what ended the run early, None when nothing did.
        threads: of the engine.
        batch: tiles in one call.
        model: name of the model.
        thresholds: one for each class.
        overlap: of neighbouring tiles, pixels.
        predicted_peak_mib: memory, from what was loaded and the size of the frames; a run of pictures alone without a bound
            leaves out what the engine takes while it computes.
        measured_peak_mib: memory, as the system counted it for the whole process.
        placement: how many of the model's nodes each of onnxruntime's providers runs; None where nobody asked.
        engine_notes: what the engine did otherwise than asked, a smaller batch for want of memory say.
        callers: calls of the engine side by side.
    """

    inputs: tuple[dict[str, Any], ...]
    failures: tuple[InputFailure, ...]
    kept: int
    seconds: float
    engine: str
    engine_reason: str
    engine_failure: str | None
    threads: int
    batch: int
    model: str
    thresholds: tuple[float, ...]
    overlap: int
    predicted_peak_mib: float
    measured_peak_mib: float
    placement: dict[str, int] | None = None
    engine_notes: tuple[str, ...] = ()
    callers: int = 1

    @property
    def tiles(self) -> int:
        """Tiles run in this run; neither skipped ones nor those of an earlier run."""
        return sum(int(facts["tiles"]) for facts in self.inputs if not facts.get("kept"))

    @property
    def failed_tiles(self) -> int:
        """Tiles whose scores were not finite; they are no data in the masks."""
        return sum(int(facts["failed_tiles"]) for facts in self.inputs)

    @property
    def exit_code(self) -> int:
        """0 all done, 1 nothing done, 3 done in part."""
        if not self.inputs:
            return 1
        return 3 if self.failures or self.failed_tiles or self.engine_failure else 0

    @property
    def errors(self) -> list[str]:
        """What went wrong, one line each: inputs without a mask, tiles that are no data, an engine that was lost."""
        lines = [failure.reason for failure in self.failures]
        lines += [
            f"{facts['failed_tiles']} {'tile' if facts['failed_tiles'] == 1 else 'tiles'} of {facts['input']} gave scores "
            f"that are not finite; they are no data in {facts['mask']}. Run segrun verify on the model."
            for facts in self.inputs
            if facts["failed_tiles"]
        ]
        return lines + ([self.engine_failure] if self.engine_failure else [])

    @property
    def area_m2(self) -> dict[str, float]:
        """Ground area of each class over all georeferenced inputs; empty where there are none."""
        total: Counter[str] = Counter()
        for facts in self.inputs:
            for name, area in (facts["area_m2"] or {}).items():
                total[name] += area
        return dict(total)

    @property
    def pixels(self) -> dict[str, int]:
        """Pixels of each class over all inputs."""
        total: Counter[str] = Counter()
        for facts in self.inputs:
            total.update(facts["pixels"])
        return dict(total)

    @property
    def warnings(self) -> list[str]:
        """What is odd without being wrong, one line each.

        A whole raster of one class is odd; a picture of one class is not, unless all of them have the same.
        """
        found = [*self.engine_notes, *(warning for facts in self.inputs for warning in facts["warnings"])]
        rasters = [facts for facts in self.inputs if facts["kind"] == "raster" and facts["constant"]]
        found += [f"{facts['mask']} is {facts['constant']} throughout" for facts in rasters]
        pictures = [facts for facts in self.inputs if facts["kind"] == "picture"]
        classes = {facts["constant"] for facts in pictures}
        if len(classes) == 1 and None not in classes:
            found.append(
                f"every pixel of all {len(pictures)} pictures is {classes.pop()}: is this the right model?"
            )
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            # vars, not asdict, which would copy the facts of thousands of inputs.
            **vars(self),
            "failures": [vars(failure) for failure in self.failures],
            "tiles": self.tiles,
            "tiles_per_s": self.tiles / self.seconds if self.seconds else 0.0,
            "failed_tiles": self.failed_tiles,
            "errors": self.errors,
            "area_m2": self.area_m2,
            "pixels": self.pixels,
            "warnings": self.warnings,
            "exit_code": self.exit_code,
        }

    def lines(self) -> Iterator[str]:
        """Yield the summary for a person."""
        masks, failed = len(self.inputs), len(self.failures)
        kept = f", {self.kept} of them kept from an earlier run" if self.kept else ""
        yield f"{masks} masks{kept}; {failed} inputs failed" if failed else f"{masks} masks{kept}"
        if self.tiles:
            rate = self.tiles / self.seconds if self.seconds else 0.0
            yield (
                f"{self.tiles} tiles in {self.seconds:.1f} s = {rate:.1f} tiles/s "
                f"on {in_words(self.engine, self.threads, self.batch, self.callers)} ({self.engine_reason})"
            )
        if self.placement is not None:
            yield nodes_line(self.placement)
        pixels = self.pixels
        share_of = sum(pixels.values()) or 1
        for name, count in list(pixels.items())[1:]:
            area = self.area_m2.get(name)
            ground = "" if area is None else f", {area:,.0f} m2 on the ground where it is known"
            yield f"{name}: {100 * count / share_of:.1f} % of the pixels{ground}"


def nodes_line(placement: Mapping[str, int]) -> str:
    """Say how many nodes each provider runs."""
    return "nodes: " + ", ".join(f"{count} on {name}" for name, count in placement.items())
