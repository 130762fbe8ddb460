import json
from datetime import timedelta

import pytest

from tests.ticketing.commands.shell import DAY, MORNING, OFFICE_ID, Shell
from ticketing.commands import replay

ARGUMENTS = ("replay", OFFICE_ID, DAY.isoformat())


def test_replay_prints_the_days_last_picture_and_that_the_rows_agree(shell: Shell) -> None:
    shell.serve_two()

    code, output, errors = shell.run(*ARGUMENTS)

    picture, _, last = output.rstrip("\n").rpartition("\n")
    shown = json.loads(picture)
    assert (code, errors, last) == (0, "", "2 tickets; equal to the stored rows: yes")
    assert [(each["id"], each["calling"]) for each in shown["counters"]] == [("c1", "A001"), ("c2", None)]
    assert shell.recorded("journal.replay") == [(f"{OFFICE_ID} {DAY}", "ok")]


OTHER_COUNTER = """
    UPDATE events SET data = replace(data, '"counter":"c1"', '"counter":"c2"') WHERE kind = 'TicketCalled'
"""


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tickets SET served_seconds = 1 WHERE number = 'A001'",
        "DELETE FROM tickets WHERE number = 'B001'",
        OTHER_COUNTER,
    ],
)
def test_replay_sees_what_was_changed(shell: Shell, sql: str) -> None:
    shell.serve_two()
    shell.change(sql)

    code, output, _ = shell.run(*ARGUMENTS)

    assert (code, output.splitlines()[-1]) == (1, "2 tickets; equal to the stored rows: NO")


def test_replay_ends_with_the_day(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "PAGE", 2)
    for days in range(3):
        shell.serve_two(MORNING + timedelta(days=days))

    told = [shell.run("replay", OFFICE_ID, str(DAY + timedelta(days=days))) for days in range(3)]

    assert [(code, output.splitlines()[-1]) for code, output, _ in told] == [
        (0, "2 tickets; equal to the stored rows: yes")
    ] * 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("moon", DAY.isoformat()), "There is no such office in the configuration.\n"),
        ((OFFICE_ID, "2026-09-01"), "The office has no record of that day.\n"),
    ],
)
def test_replay_says_in_one_sentence_why_not(shell: Shell, words: tuple[str, str], sentence: str) -> None:
    shell.serve_two()

    assert shell.run("replay", *words) == (1, "", sentence)


def test_replay_of_what_is_no_day_was_called_wrongly(shell: Shell) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.run("replay", OFFICE_ID, "yesterday")

    assert ended.value.code == 2


def test_replay_without_a_journal_says_so(shell: Shell) -> None:
    shell.serve_two()
    shell.change("DROP TABLE events")

    assert shell.run(*ARGUMENTS) == (1, "", "The database cannot be used: the journal cannot be read.\n")
