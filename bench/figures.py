"""How figures are made of measurements, and printed: one JSON object a line."""

import json
from collections.abc import Mapping, Sequence
from math import ceil
from statistics import median
from typing import Any

from bench.client import Run

Line = dict[str, Any]
#: By the name of a figure: the value that it must reach, or stay under.
Targets = Mapping[str, tuple[str, float]]


def emit(line: Line) -> None:
    """Prints a line at once."""
    print(json.dumps(line, ensure_ascii=False), flush=True)


def percentile(values: Sequence[float], part: float) -> float:
    """The value that ``part`` (0 to 1) of all values do not exceed."""
    return sorted(values)[max(0, ceil(part * len(values)) - 1)]


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def judged(line: Line, targets: Targets) -> Line:
    """The line with its targets and whether all of them are met."""
    is_met = all(
        line[name] >= bound if relation == "at least" else line[name] <= bound
        for name, (relation, bound) in targets.items()
    )
    return {
        **line,
        "target": {name: f"{relation} {bound:g}" for name, (relation, bound) in targets.items()},
        "met": is_met,
    }


def left_out(bench: str, why: str) -> Line:
    """The line of something that cannot be measured here."""
    return {"bench": bench, "left_out": why}


def ratios_of(ours: Sequence[float], references: Sequence[float]) -> Line:
    """The median of each round's own ratio, and all of them for the spread."""
    ratios = [our / reference for our, reference in zip(ours, references)]
    return {"ratio": round(median(ratios), 3), "ratios": [round(ratio, 3) for ratio in ratios]}


def compared(ours: Sequence[Run], references: Sequence[Run], expected_status: int) -> Line:
    """Medians over the rounds; the ratio is the median of each round's own."""
    ratios = [our.per_second / reference.per_second for our, reference in zip(ours, references)]
    return {
        "rounds": len(ours),
        "per_second": round(median(run.per_second for run in ours)),
        "reference_per_second": round(median(run.per_second for run in references)),
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        **_latencies("", ours),
        **_latencies("reference_", references),
        "other_answers": sum(run.statuses.total() - run.statuses[expected_status] for run in ours),
    }


def _latencies(prefix: str, runs: Sequence[Run]) -> Line:
    return {
        f"{prefix}p{part * 100:g}_ms": milliseconds(median(percentile(run.latencies, part) for run in runs))
        for part in (0.5, 0.99)
    }
