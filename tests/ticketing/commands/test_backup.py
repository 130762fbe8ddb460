import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.processes import Installation
from tests.ticketing.commands.shell import DAY, MORNING, OFFICE_ID, SATO, Shell
from ticketing.clock import SystemClock
from ticketing.commands.node import Node
from ticketing.contacts import Contacts
from ticketing.hall import commands as cmd
from ticketing.keys import DayKeys
from ticketing.staff import Account
from ticketing.storage import copies
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

MAIL = "hanako.known-bytes@example.jp"
PASSWORD = "correct horse battery staple"
ACCOUNT = Account("sato", frozenset({"clerk"}), frozenset({OFFICE_ID}))


def fill(shell: Shell) -> dict[str, bytes]:
    """Two tickets, a contact, an account with a session, a device and an invitation; the bytes that must stay here."""
    found: dict[str, bytes] = {"address": MAIL.encode()}

    async def work(node: Node) -> None:
        site = node.site
        await site.contacts.put(OFFICE_ID, DAY, "A001", "email", MAIL, "ja", None, None, MORNING)
        row = await node.contacts_file.fetch_one("SELECT sealed, address_index FROM contacts")
        assert row is not None
        found["sealed"], found["index"] = bytes(row["sealed"]), bytes(row["address_index"])
        found["day key"] = node.keys.key(OFFICE_ID, DAY)
        await site.staff.add("sato", PASSWORD, {"clerk"}, [OFFICE_ID])
        await site.sessions.create(ACCOUNT, SystemClock().now())
        await site.devices.invite(OFFICE_ID, "kiosk", "", SystemClock().now())
        session = await node.main_file.fetch_one("SELECT token_hash FROM sessions")
        invitation = await node.main_file.fetch_one("SELECT code_hash FROM enrolments")
        assert session is not None
        assert invitation is not None
        found["session"], found["invitation"] = session[0].encode(), invitation[0].encode()

    shell.serve_two()
    shell.happens(work)
    found["wrapped"] = (shell.installation.data / "keys" / OFFICE_ID / f"{DAY}.key").read_bytes()
    found["master key"] = (shell.installation.data / "master.key").read_bytes().strip()
    return found


def elsewhere(shell: Shell, folder: Path) -> Shell:
    return Shell(Installation.make(folder), shell.capsys)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(sql).fetchall()
    connection.close()
    return found


def test_backup_holds_journal_and_records_and_nothing_of_contacts_or_keys(shell: Shell, tmp_path: Path) -> None:
    secrets = fill(shell)
    file = tmp_path / "junban.backup"

    code, output, errors = shell.run("backup", str(file))

    content = file.read_bytes()
    assert (code, errors, [name for name, each in secrets.items() if each in content]) == (0, "", [])
    assert output.splitlines() == [
        f"{file}: {len(content)} bytes.",
        "In it: the journal, the daily lists, accounts, devices, the record of operations and the erasure records.",
        "Not in it: contacts and notices, day keys, the master key, the signing key, signed-in sessions, "
        "open invitations.",
    ]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["junban.backup"]
    assert rows(file, "SELECT number FROM tickets ORDER BY number") == [("A001",), ("B001",)]
    assert rows(file, "SELECT what, target FROM audit ORDER BY id DESC LIMIT 1") == [("backup", "junban.backup")]
    assert rows(file, "SELECT result FROM audit ORDER BY id DESC LIMIT 1") == [("begun",)]
    assert shell.recorded("backup") == [("junban.backup", "begun"), ("junban.backup", "ok")]


def test_backup_replaces_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()
    file = tmp_path / "precious"
    file.write_text("mine")

    told = shell.run("backup", str(file))

    assert told == (1, "", "There is a file of that name already; a backup replaces none.\n")
    assert file.read_text() == "mine"
    assert shell.recorded("backup") == [("precious", "file_exists")]


def test_backup_that_cannot_be_made_leaves_no_part_of_it(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()

    told = shell.run("backup", str(tmp_path / "none" / "file"))

    assert told[:2] == (1, "")
    assert told[2].startswith(f"The backup {tmp_path}/none/file cannot be made: ")
    assert told[2].count("\n") == 1
    assert shell.recorded("backup") == [("file", "begun"), ("file", "not_made")]


def test_backup_of_a_damaged_database_leaves_no_part_of_it(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.serve_two()

    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(copies, "finished_copy", damaged)
    (tmp_path / "backups").mkdir()
    told = shell.run("backup", str(tmp_path / "backups" / "file"))

    assert told[2] == f"The backup {tmp_path}/backups/file cannot be made: database disk image is malformed.\n"
    assert list((tmp_path / "backups").iterdir()) == []


def test_backup_goes_to_a_file_system_without_second_names(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.serve_two()

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    (tmp_path / "stick").mkdir()
    code, _, errors = shell.run("backup", str(tmp_path / "stick" / "file"))

    assert (code, errors) == (0, "")
    assert [path.name for path in (tmp_path / "stick").iterdir()] == ["file"]
    assert rows(tmp_path / "stick" / "file", "SELECT count(*) FROM tickets") == [(2,)]


async def test_backup_of_a_running_server_is_whole(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)
    async with made.serving() as server:
        client = server.client()

        async def issue(number: int) -> None:
            await client.post("/api/v1/offices/minato/tickets", json={"service": "family"})

        issuing = asyncio.gather(*(issue(number) for number in range(40)))
        await made.run("backup", str(tmp_path / "file"))
        await issuing

    events = rows(tmp_path / "file", "SELECT max(seq), count(*) FROM events")
    assert events[0][0] == events[0][1]


def test_restored_installation_goes_on_with_the_numbers_and_without_contacts(shell: Shell, tmp_path: Path) -> None:
    fill(shell)
    file = tmp_path / "file"
    shell.run("backup", str(file))
    restored = elsewhere(shell, tmp_path / "restored")

    code, output, errors = restored.run("restore", str(file))

    numbers: list[object] = []

    async def work(node: Node) -> None:
        issue = cmd.Issue(by="kiosk:k", service="family", channel="kiosk", language="ja")
        answer = await node.site.desk(OFFICE_ID).submit(issue)
        assert answer.body is not None
        numbers.append(answer.body["number"])
        numbers.append(await node.contacts_file.fetch_all("SELECT * FROM contacts"))
        await node.site.desk(OFFICE_ID).submit(cmd.Complete(by=SATO, counter="c1"))

    restored.happens(work, MORNING + timedelta(minutes=1))
    database = restored.installation.data / "junban.sqlite3"
    assert (code, errors, numbers) == (0, "", ["A002", []])
    assert output.splitlines()[0] == f"Restored to {database}."
    assert rows(database, "SELECT count(*) FROM sessions UNION ALL SELECT count(*) FROM enrolments") == [(0,), (0,)]
    assert rows(database, "SELECT name FROM staff") == [("sato",)]
    assert restored.recorded("restore") == [("file", "ok")]
    assert restored.run("audit", "verify")[0] == 0


def test_restore_warns_of_a_day_that_is_still_open(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two(SystemClock().now())
    shell.run("backup", str(tmp_path / "file"))
    restored = elsewhere(shell, tmp_path / "restored")

    _, output, _ = restored.run("restore", str(tmp_path / "file"))

    assert f"{OFFICE_ID}: " in output.splitlines()[-1]
    assert "is still open; numbers given after the backup would be given again" in output


@pytest.mark.parametrize("name", ["junban.sqlite3", "contacts.sqlite3", "keys/minato/2026-09-03.key"])
def test_restore_goes_into_an_empty_data_directory_only(shell: Shell, tmp_path: Path, name: str) -> None:
    shell.serve_two()
    shell.run("backup", str(tmp_path / "file"))
    restored = elsewhere(shell, tmp_path / "restored")
    occupied = restored.installation.data / name
    occupied.parent.mkdir(parents=True)
    occupied.write_bytes(b"mine")

    told = restored.run("restore", str(tmp_path / "file"))

    assert told == (
        1, "", f"{occupied} is there already; a backup is restored into an empty data directory only.\n"
    )  # fmt: skip
    assert [path.name for path in restored.installation.data.rglob("*") if path.is_file()] == [occupied.name]


def test_restore_of_what_is_no_backup_is_refused(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()
    text, other = tmp_path / "text", shell.installation.data / "contacts.sqlite3"
    text.write_text("not a database at all " * 100)
    restored = elsewhere(shell, tmp_path / "restored")

    told = [restored.run("restore", str(path)) for path in (text, other, tmp_path / "none")]

    assert told == [
        (1, "", f"{text} is no database, or a damaged one.\n"),
        (1, "", f"{other} is no backup of Junban.\n"),
        (1, "", f"There is no file {tmp_path}/none.\n"),
    ]
    assert [path for path in restored.installation.data.rglob("*") if path.is_file()] == []


def test_copy_of_the_contacts_taken_before_an_erasure_cannot_be_read_with_what_is_left(
    shell: Shell, tmp_path: Path
) -> None:
    fill(shell)
    shell.run("backup", str(tmp_path / "file"))
    data = shell.installation.data
    with sqlite3.connect(data / "contacts.sqlite3") as source, sqlite3.connect(tmp_path / "contacts.copy") as copy:
        source.backup(copy)
    source.close()
    copy.close()

    code, _, errors = shell.run("purge")

    async def read() -> tuple[int, list[object]]:
        file = await SqliteFile.open(tmp_path / "contacts.copy", Schema("contacts"))
        contacts = Contacts(file, DayKeys(data / "keys", bytes(32)))
        found = (await contacts.count(OFFICE_ID, DAY), list(await contacts.get(OFFICE_ID, DAY, "A001")))
        await file.close()
        return found

    assert (code, errors) == (0, "")
    assert asyncio.run(read()) == (1, [])
    assert MAIL.encode() not in (tmp_path / "contacts.copy").read_bytes() + (tmp_path / "file").read_bytes()
