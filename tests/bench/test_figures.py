from collections import Counter

import pytest

from bench.client import Run
from bench.figures import compared, judged, percentile


def _run(answers: int, milliseconds: float, **others: int) -> Run:
    statuses = Counter({201: answers}) + Counter({int(name.removeprefix("s")): many for name, many in others.items()})
    return Run(seconds=2.0, latencies=[milliseconds / 1000] * answers, statuses=statuses)


@pytest.mark.parametrize(("part", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentile_is_the_value_that_a_part_does_not_exceed(part: float, value: int) -> None:
    assert percentile(range(100, 0, -1), part) == value


def test_compared_takes_the_median_of_each_rounds_ratio() -> None:
    ours = [_run(100, 1.0), _run(300, 3.0), _run(200, 2.0, s429=7)]
    references = [_run(1000, 0.5), _run(1000, 0.5), _run(500, 0.5)]

    line = compared(ours, references, 201)

    assert line == {
        "rounds": 3,
        "per_second": 100,
        "reference_per_second": 500,
        "ratio": 0.3,
        "ratios": [0.1, 0.3, 0.4],
        "p50_ms": 2.0,
        "p99_ms": 2.0,
        "reference_p50_ms": 0.5,
        "reference_p99_ms": 0.5,
        "other_answers": 7,
    }


@pytest.mark.parametrize(
    ("ratio", "p99", "is_met"), [(0.25, 40, True), (0.24, 40, False), (0.25, 41, False), (0.3, 1, True)]
)
def test_judged_says_whether_every_target_is_met(ratio: float, p99: float, is_met: bool) -> None:
    line = judged({"ratio": ratio, "p99": p99}, {"ratio": ("at least", 0.25), "p99": ("at most", 40)})

    assert line == {
        "ratio": ratio,
        "p99": p99,
        "target": {"ratio": "at least 0.25", "p99": "at most 40"},
        "met": is_met,
    }
