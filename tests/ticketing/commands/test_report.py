from pathlib import Path

import pytest

from tests.ticketing.commands.shell import DAY, OFFICE_ID, Shell

HEAD = (
    "office_id,business_day,number,service,channel,language,state,issue_seq,issued_at,position_at_issue,"
    "wait_low_at_issue,wait_high_at_issue,arrived_at,first_called_at,called_at,call_count,serving_at,served_seconds,"
    "counter,deferrals,reason,ended_at,ended_by,corrected_at,corrected_by,corrected_reason,was_state,was_service"
)
NOW = "2026-09-03T02:00:00.000Z"
LINES = [
    HEAD,
    f"minato,2026-09-03,A001,family,kiosk,ja,called,3,{NOW},1,0,0,,{NOW},{NOW},1,,0.0,c1,0,,,,,,,,",
    "minato,2026-09-03,B001,tax,web,en,expected,4,{NOW},1,{LOW},{HIGH},,,,0,,0.0,,0,,,,,,,,",
]
ARGUMENTS = ("report", OFFICE_ID, DAY.isoformat())


def lines_of(text: str, mark: str) -> list[str]:
    """The lines with commas; the estimate of the second ticket is the estimate's own affair."""
    lines = [line.replace(mark, ",").split(",") for line in text.splitlines()]
    lines[2][8], lines[2][10], lines[2][11] = "{NOW}", "{LOW}", "{HIGH}"
    return [",".join(line) for line in lines]


def test_report_prints_the_daily_list(shell: Shell) -> None:
    shell.serve_two()

    code, output, errors = shell.run(*ARGUMENTS)

    assert (code, errors) == (0, "")
    assert lines_of(output, "\t") == LINES
    assert shell.recorded("list.export") == [(f"{OFFICE_ID} {DAY}", "ok")]


def test_report_writes_a_file_that_spreadsheets_read_as_utf_8(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()
    target = tmp_path / "list.csv"

    told = shell.run(*ARGUMENTS, "--csv", str(target))

    assert told == (0, "", "")
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    assert lines_of(target.read_text("utf-8-sig"), ",") == LINES


def test_report_that_cannot_write_its_file_says_so_and_exports_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()

    told = shell.run(*ARGUMENTS, "--csv", str(tmp_path / "missing" / "list.csv"))

    assert told == (1, "", "The file cannot be written.\n")
    assert shell.recorded("list.export") == [(f"{OFFICE_ID} {DAY}", "file_not_written")]


@pytest.mark.parametrize(
    ("words", "sentence", "result"),
    [
        (("moon", "2026-09-03"), "There is no such office in the configuration.\n", "unknown_office"),
        ((OFFICE_ID, "2026-09-01"), "The office has no record of that day.\n", "unknown_day"),
    ],
)
def test_report_says_in_one_sentence_why_not(shell: Shell, words: tuple[str, str], sentence: str, result: str) -> None:
    shell.serve_two()

    assert shell.run("report", *words) == (1, "", sentence)
    assert shell.recorded("list.export") == [(" ".join(words), result)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("2026-09-03",), "A report of plays has a first and a last day.\n"),
        (("2026-09-03", "2026-09-01"), "The last day of the period lies before the first.\n"),
    ],
)
def test_report_of_plays_says_which_days_it_needs(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    shell.serve_two()

    assert shell.run("report", "plays", *words) == (1, "", sentence)
