"""The whole benchmark at its smallest: real processes, every line."""

import argparse
import json
from pathlib import Path

import pytest

from ticketing.commands import bench


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    bench.add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", *arguments])
    result: int = args.run(args)
    return result


def test_bench_prints_every_figure_beside_its_reference(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = _run("--quick", "--only", "boards,issue,call-next,notices,process", "--data", str(tmp_path))

    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert result == 0
    assert [(line["bench"], line.get("clients")) for line in lines] == [
        ("environment", None),
        ("boards", None),
        ("issue", 1),
        ("issue", 8),
        ("call-next", 1),
        ("call-next", 8),
        ("registrations", 32),
        ("notices", None),
        ("isolation", None),
        ("process", None),
        ("summary", None),
    ]
    assert all(line["ratio"] > 0 for line in lines if "ratio" in line)
    assert [line["other_answers"] for line in lines if "other_answers" in line] == [0, 0, 0, 0, 0]
    assert [(line["lost"], line["doubled"]) for line in lines if "lost" in line] == [(0, 0), (0, 0)]
    assert list(tmp_path.iterdir()) == []


def test_bench_refuses_a_part_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _run("--only", "issue,coffee")

    assert ended.value.code == 2
    assert "the parts are boards, issue, call-next, notices, process, pages" in capsys.readouterr().err


def test_bench_says_in_a_sentence_where_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = _run("--quick", "--data", str(tmp_path / "missing"))

    assert result == 1
    assert capsys.readouterr().err.startswith("The benchmark could not be run: ")
