import base64
from datetime import datetime, timedelta

import pytest

from tests.ticketing.commands.shell import OFFICE_ID, Shell
from ticketing.clock import SystemClock, rfc3339
from ticketing.commands.node import Node
from ticketing.commands.operation import operator

#: The purge works with the machine's own clock.
TODAY = SystemClock().now().replace(hour=3, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(days=1)
ADDRESS = "hanako.made-up@mail.example.jp"


def register(shell: Shell, at: datetime) -> None:
    """A ticket is taken and an address registered for it."""

    async def work(node: Node) -> None:
        day = node.site.desk(OFFICE_ID).hall.day
        assert day is not None
        await node.site.contacts.put(
            office_id=OFFICE_ID, day=day, number="A001", channel="email", address=ADDRESS, language="ja",
            ahead=None, minutes=None, at=at,
        )  # fmt: skip

    shell.serve_two(at)
    shell.happens(work, at)


def test_purge_erases_what_is_due_and_records_it(shell: Shell) -> None:
    register(shell, YESTERDAY)

    code, output, errors = shell.run("purge")
    listed = shell.run("erasures", "list")[1].splitlines()

    day = (YESTERDAY + timedelta(hours=9)).date()
    assert (code, errors) == (0, "")
    assert output.startswith(f"erased {OFFICE_ID} {day}: email 1, line 0, phone 0; key ")
    assert [line.split("\t")[1:4] for line in listed] == [[OFFICE_ID, day.isoformat(), "email=1 line=0 phone=0"]]
    assert shell.record("purge") == [(operator(), day.isoformat(), OFFICE_ID, "ok")]
    assert list((shell.installation.data / "keys").rglob(f"{day}.key")) == []


def test_purge_has_nothing_to_do_the_second_time(shell: Shell) -> None:
    register(shell, YESTERDAY)
    shell.run("purge")

    assert shell.run("purge") == (0, "Nothing is due.\n", "")
    assert shell.recorded("purge")[1:] == [("nothing due", "ok")]


def test_purge_dry_run_erases_nothing(shell: Shell) -> None:
    register(shell, YESTERDAY)

    code, output, _ = shell.run("purge", "--dry-run")
    listed = shell.run("erasures", "list")
    again = shell.run("purge", "--dry-run")[1]

    assert (code, listed) == (0, (0, "", ""))
    assert output.startswith(f"would erase {OFFICE_ID} ")
    assert again == output
    day = (YESTERDAY + timedelta(hours=9)).date()
    assert shell.record("purge.dry-run") == [(operator(), day.isoformat(), OFFICE_ID, "ok")] * 2
    assert shell.recorded("purge") == []


def test_purge_as_of_a_future_time_closes_the_open_day_and_marks_the_record(shell: Shell) -> None:
    register(shell, SystemClock().now())
    as_of = TODAY + timedelta(days=2)

    code, output, errors = shell.run("purge", "--as-of", as_of.isoformat())
    listed = shell.run("erasures", "list")[1]

    assert (code, errors) == (0, "")
    assert output.startswith(f"erased {OFFICE_ID} ")
    assert "(as of a future time)" in listed
    day = output.split()[2].rstrip(":")
    assert shell.record("purge") == [(operator(), f"{day} as of {rfc3339(as_of)}", OFFICE_ID, "ok")]


def test_purge_that_fails_names_the_day_and_is_recorded(shell: Shell) -> None:
    register(shell, YESTERDAY)
    (key,) = (shell.installation.data / "keys").rglob("*.key")
    key.unlink()
    key.mkdir()

    code, output, errors = shell.run("purge")

    assert (code, output) == (1, "")
    assert errors.startswith(f"Not erased: {OFFICE_ID} {key.stem}: ")
    assert errors.count("\n") == 1
    assert shell.record("purge") == [(operator(), key.stem, OFFICE_ID, "failed")]


def test_purge_that_fails_for_one_day_records_the_others_as_erased(shell: Shell) -> None:
    register(shell, YESTERDAY - timedelta(days=1))
    register(shell, YESTERDAY)
    first, second = sorted((shell.installation.data / "keys").rglob("*.key"))
    second.unlink()
    second.mkdir()

    code, _, errors = shell.run("purge")

    assert (code, errors.split(": ")[:2]) == (1, ["Not erased", f"{OFFICE_ID} {second.stem}"])
    assert shell.recorded("purge") == [(first.stem, "ok"), (second.stem, "failed")]


def test_purge_that_cannot_be_done_at_all_is_recorded(shell: Shell) -> None:
    shell.serve_two()
    lock_file = shell.installation.data / "keys" / "purge.lock"
    lock_file.mkdir(parents=True)

    told = shell.run("purge")

    assert told == (1, "", f"The data cannot be used: {lock_file}: Is a directory.\n")
    assert shell.recorded("purge") == [(None, "failed")]


def test_purge_erases_also_under_another_master_key(shell: Shell) -> None:
    register(shell, YESTERDAY)
    (shell.installation.data / "master.key").write_bytes(base64.b64encode(bytes(32)))

    code, output, errors = shell.run("purge")

    assert (code, errors, output.count("key unreadable")) == (0, "", 1)


def test_purge_where_nothing_lies_makes_nothing(shell: Shell) -> None:
    path = shell.installation.data / "junban.sqlite3"

    assert shell.run("purge") == (1, "", f"There is no database {path}; are --config and --data right?\n")
    assert not shell.installation.data.exists()


@pytest.mark.parametrize("time", ["tomorrow", "2026-09-04", "2026-09-04T00:10:00", "0001-01-01T00:00:00+09:00"])
def test_purge_as_of_what_is_no_instant_was_called_wrongly(shell: Shell, time: str) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.run("purge", "--as-of", time)

    assert ended.value.code == 2


def test_purge_without_a_usable_key_directory_says_so(shell: Shell) -> None:
    shell.serve_two()
    (shell.installation.data / "master.key").write_text("no key\n")

    code, output, errors = shell.run("purge")

    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert str(shell.installation.data / "master.key") in errors


def test_purge_without_a_journal_says_so(shell: Shell) -> None:
    shell.serve_two()
    shell.change("DROP TABLE events")

    assert shell.run("purge") == (1, "", "The data cannot be used: the journal cannot be read.\n")
