import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ticketing.commands.shell import Shell
from ticketing.audit import Audit, Entry
from ticketing.commands import audit as command
from ticketing.commands.operation import operator
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile


def run(data_dir: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["audit", *words, "--data", str(data_dir)])
    code: int = args.run(args)
    return code


def record(data_dir: Path, *entries: Entry) -> None:
    async def write() -> None:
        file = await SqliteFile.open(data_dir / "junban.sqlite3", Schema("main"))
        for entry in entries:
            await Audit(file).record(entry)
        await file.close()

    asyncio.run(write())


def sign_in(at: datetime, who: str = "staff:sato") -> Entry:
    return Entry(at=at, who=who, what="session.create", address="203.0.113.5")


def ids(printed: str) -> list[int]:
    return [int(line.split("\t")[0]) for line in printed.splitlines()]


def test_list_prints_one_line_an_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(
        tmp_path,
        sign_in(datetime(2026, 9, 3, 1, tzinfo=UTC)),
        Entry(at=datetime(2026, 9, 3, 2, tzinfo=UTC), who="tick", what="day.close", target="2026-09-03", office_id="a"),
    )

    code = run(tmp_path, "list")

    *lines, own = capsys.readouterr().out.splitlines()
    assert (code, lines) == (
        0,
        [
            "1\t2026-09-03T01:00:00.000Z\tstaff:sato\t203.0.113.5\tsession.create\t-\t-\tok",
            "2\t2026-09-03T02:00:00.000Z\ttick\t-\tday.close\t2026-09-03\ta\tok",
        ],
    )
    assert own.split("\t")[2:] == [operator(), "-", "audit.list", "-", "-", "ok"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--from", "2026-09-03", "--to", "2026-09-03"), [2, 3]),
        (("--to", "2026-09-02"), [1]),
        (("--from", "2026-09-03T09:00:00+09:00", "--to", "2026-09-04T00:00:00+09:00"), [3]),
        (("--to", "2026-09-05", "--who", "staff:abe"), [4]),
    ],
)
def test_list_takes_days_of_the_office_times_and_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: list[int]
) -> None:
    record(
        tmp_path,
        sign_in(datetime(2026, 9, 2, 14, 59, 59, tzinfo=UTC)),
        sign_in(datetime(2026, 9, 2, 15, tzinfo=UTC)),  # midnight in Tokyo
        sign_in(datetime(2026, 9, 3, 14, 59, 59, tzinfo=UTC)),
        sign_in(datetime(2026, 9, 3, 15, tzinfo=UTC), who="staff:abe"),
    )

    run(tmp_path, "list", *words)

    assert ids(capsys.readouterr().out) == expected


def test_list_goes_through_every_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketing.audit.PAGE", 2)
    record(tmp_path, *[sign_in(datetime(2026, 9, 3, 1, tzinfo=UTC))] * 5)

    run(tmp_path, "list")

    assert ids(capsys.readouterr().out) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("list", "--from", "yesterday"),
        ("list", "--to", "2026-09-03T09:00:00"),
        ("list", "--from", "0001-01-01"),
        ("list", "--to", "9999-12-31"),
    ],
)
def test_audit_called_wrongly_exits_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run(tmp_path, *words)

    assert exit_info.value.code == 2


def test_audit_verify_finds_the_record_whole(shell: Shell) -> None:
    shell.serve_two()
    shell.run("audit", "list")

    code, output, errors = shell.run("audit", "verify")

    rows = len(shell.run("audit", "list")[1].splitlines()) - 1
    first, second = output.splitlines()
    assert (code, errors) == (0, "")
    assert first == f"Operations checked: {rows}; all are as they were written."
    assert second.startswith(f"The last one is {rows}, hash ") and second.endswith("; none is signed yet.")
    assert shell.recorded("audit.verify") == [(None, "ok")]


def test_audit_verify_names_the_first_broken_row(shell: Shell) -> None:
    shell.serve_two()
    shell.run("audit", "list")
    shell.change("DROP TRIGGER audit_refuses_update")
    shell.change("UPDATE audit SET who = 'nobody' WHERE id >= 2")

    told = shell.run("audit", "verify")

    sentence = "Operation 2 was changed, inserted or moved: it does not fit the one before it.\n"
    assert told == (1, "", sentence)
