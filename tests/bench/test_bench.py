"""Every benchmark at its smallest: real processes, every line."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from bench.run import MEASURES
from bench.scale import FULL, IN_BROWSER, PARTS, Scale
from ticketing.commands import bench

_JOURNAL = [("journal", 1), ("journal", 64), ("journal", 256)]
#: The lines of each part: by what they are told apart.
LINES: dict[str, list[tuple[Any, ...]]] = {
    "journal": [*_JOURNAL, ("single-commits",), *_JOURNAL],
    "issue": [("issue", 1), ("issue", 8)],
    "issue-postgres": [("issue-postgres", 1), ("issue-postgres", 8)],
    "open-loop": [("open-loop",)],
    "slow-disk": [("slow-disk", 64)],
    "call-next": [("call-next", 1), ("call-next", 8)],
    "day": [("day", 40)],
    "boards": [("boards", 20)],
    "stalled": [("stalled", 20)],
    "visitors": [("visitors", 40)],
    "wake-up": [
        ("wake-up", "PostgreSQL LISTEN/NOTIFY"), ("wake-up", "redis-server pub/sub"), ("other-node",), ("other-node",),
    ],
    "start": [("start",)],
    "history": [("history", 16)],
    "queue-length": [("queue-length", 20), ("queue-length", 60)],
    "costs": [("costs",), ("costs-postgresql",)],
    "notices": [("registrations", 32, "PUT /api/v1/ticket/contact over HTTP"), ("notices",), ("isolation",)],
    "process": [("process",)],
}  # fmt: skip
#: Figures that are right at any size.
EXACT: dict[str, Any] = {"other_answers": 0, "lost": 0, "doubled": 0, "starved": 0, "was_behind": 1.0}


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    bench.add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", *arguments])
    result: int = args.run(args)
    return result


def _name(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        line[key] for key in ("bench", "together", "clients", "boards", "visitors", "way", "waiting") if key in line
    )


@pytest.mark.parametrize("part", [part for part in PARTS if part not in IN_BROWSER])
def test_part_prints_every_figure_beside_its_reference(
    part: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = _run("--quick", "--only", part, "--data", str(tmp_path))

    environment, *lines, summary = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert result == 0
    assert environment["fsync_ms"] > 0
    assert summary["bench"] == "summary"
    there = [line for line in lines if "left_out" not in line]
    if len(there) == len(lines):
        assert [_name(line) for line in there] == LINES[part]
    # What this machine lacks is said.
    assert {_name(line) for line in there} <= set(LINES[part])
    assert lines
    for line in there:
        assert all(value > 0 for name, value in line.items() if name.startswith("ratio") and isinstance(value, float))
        assert {name: line[name] for name in EXACT if name in line} == {
            name: value for name, value in EXACT.items() if name in line
        }
        assert set(line.get("target", {})) <= set(line)
    assert list(tmp_path.iterdir()) == []


def test_every_part_can_be_chosen() -> None:
    assert set(MEASURES) == set(PARTS) == {*LINES, *IN_BROWSER}


def test_full_has_the_sizes_of_the_targets() -> None:
    assert (FULL.boards, FULL.visitors, FULL.open_rate, FULL.day_events) == ((1_000, 10_000), 10_000, 1_000, 5_000)
    assert FULL.history * 3 > 10_000_000
    assert FULL.day_visitors == (740, 74_000)
    assert Scale().rounds >= 5 <= FULL.rounds


def test_bench_refuses_a_part_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _run("--only", "issue,coffee")

    assert ended.value.code == 2
    assert "the parts are journal, issue, issue-postgres, open-loop, slow-disk" in capsys.readouterr().err


def test_bench_says_in_a_sentence_where_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = _run("--quick", "--data", str(tmp_path / "missing"))

    assert result == 1
    assert capsys.readouterr().err.startswith("The benchmark could not be run: ")
