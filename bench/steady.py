"""Tickets that are issued at a steady rate, whatever the answers take: latency from the intended time."""

from collections import Counter
from itertools import cycle
from pathlib import Path
from statistics import median

from bench.figures import Line, Targets, judged, milliseconds, percentile, ratios_of
from bench.halls import hall, plain, plain_request
from bench.installation import OFFICES, SERVICES, issue
from bench.open_loop import Due, Outcome, drive_open, latency_figures, poisson
from bench.scale import Scale

TARGETS: Targets = {"p99_ms": ("at most", 25)}
WARM_UP_REQUESTS = 200


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Kiosks of all offices, visitors who come independently of each other; the plain endpoint at the same times."""
    ours: list[Outcome] = []
    references: list[Outcome] = []
    async with hall(folder) as our_hall, plain(folder) as reference:
        wanted = [
            issue(office_id, service, our_hall.cookies[office_id]) for service in SERVICES for office_id in OFFICES
        ]
        same = plain_request(our_hall.cookies[OFFICES[0]])
        warm_up = [
            Due(place / scale.open_rate, request) for place, request in zip(range(WARM_UP_REQUESTS), cycle(wanted))
        ]
        await drive_open(our_hall.server.port, warm_up)
        for seed in range(scale.rounds):
            times = poisson(scale.open_rate, scale.open_seconds, seed)
            references.append(await drive_open(reference.port, [Due(at, same) for at in times]))
            ours.append(
                await drive_open(our_hall.server.port, [Due(at, request) for at, request in zip(times, cycle(wanted))])
            )
    statuses = sum((outcome.statuses for outcome in ours), Counter[int]())
    ratios = ratios_of(
        [percentile(outcome.every, 0.99) for outcome in ours],
        [percentile(outcome.every, 0.99) for outcome in references],
    )
    line: Line = {
        "bench": "open-loop",
        "per_second": scale.open_rate,
        "arrivals": "Poisson, seeded",
        "rounds": scale.rounds,
        "requests": statuses.total(),
        **_medians(ours, ""),
        "worst_p99_ms": milliseconds(max(percentile(outcome.every, 0.99) for outcome in ours)),
        **_medians(references, "reference_"),
        "p99_ratio": ratios["ratio"],
        "p99_ratios": ratios["ratios"],
        "generator_lag_p99_ms": milliseconds(percentile([lag for outcome in ours for lag in outcome.lags], 0.99)),
        "most_waiting": max(outcome.most_waiting for outcome in ours),
        "other_answers": statuses.total() - statuses[201],
    }
    return [judged(line, TARGETS)]


def _medians(outcomes: list[Outcome], prefix: str) -> Line:
    each = [latency_figures(outcome.every, prefix) for outcome in outcomes]
    return {name: median(figures[name] for figures in each) for name in each[0]}
