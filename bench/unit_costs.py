"""Makes bench/unit_costs.json out of the lines of ``junban bench --only costs``.

``python -m bench.unit_costs OUTPUT …``: the median of several runs.

A busy machine makes everything dearer, caches being shared. What a plain request and a raw frame cost was measured in
the same minute, and what they cost on a calm machine is known; so times are given as they would be on a calm one.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.scale_model import COSTS_FILE

#: On a calm machine (2 cores, AMD EPYC): 24,000 plain requests a second on one core, 180,000 raw frames.
CALM_PLAIN_US, CALM_RAW_US = 41.7, 5.5

_REQUESTS = ("issue", "call_next", "look")
_KEPT = (
    "visitor_bytes",
    "board_bytes",
    "resident_mib",
    "events_a_ticket",
    "audit_rows_a_ticket",
    "sqlite_bytes_a_ticket",
)


def unit_costs(
    line: Mapping[str, Any], postgres: Mapping[str, Any], plain_us: float, raw_us: float
) -> dict[str, float]:
    """The measured part of the table."""
    busy = line["plain_at_the_limit_cpu_us"] / plain_us
    frames = line["raw_frame_cpu_us"] / raw_us
    # As they are at a leisurely rate, where few share a commit and every one wakes the process up: the dear end.
    times = {f"{name}_cpu_us": round(line[f"{name}_cpu_us"] / busy) for name in _REQUESTS}
    return {
        **times,
        **{f"{name}_at_the_limit_cpu_us": round(line[f"{name}_at_the_limit_cpu_us"] / busy) for name in _REQUESTS},
        "plain_cpu_us": plain_us,
        "board_frame_cpu_us": round(line["board_frame_cpu_us"] / frames, 1),
        "visitor_frame_cpu_us": round(line["visitor_frame_cpu_us"] / busy, 1),
        **{name: line[name] for name in _KEPT},
        "postgres_issue_cpu_us": round(postgres["issue_cpu_us"] / busy),
        "postgres_call_next_cpu_us": round(postgres["call_next_cpu_us"] / busy),
        "postgres_bytes_a_ticket": postgres["bytes_a_ticket"],
        "postgres_wal_bytes_a_ticket": postgres["issue_wal_bytes"] + postgres["call_next_wal_bytes"],
    }


def merged(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of several runs."""
    return {name: round(median(run[name] for run in runs), 1) for name in runs[0]}


def main(outputs: Sequence[str]) -> None:
    if not outputs:
        sys.exit("Name the files with the lines of junban bench --only costs.")
    runs = []
    for output in outputs:
        lines = [json.loads(line) for line in Path(output).read_text("utf-8").splitlines()]
        by_name = {line["bench"]: line for line in lines}
        runs.append(unit_costs(by_name["costs"], by_name["costs-postgresql"], CALM_PLAIN_US, CALM_RAW_US))
    table = json.loads(COSTS_FILE.read_text("utf-8"))
    table["measured"] = merged(runs)
    COSTS_FILE.write_text(json.dumps(table, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
