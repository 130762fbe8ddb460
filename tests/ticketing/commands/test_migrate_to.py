"""An installation moves from SQLite files to PostgreSQL, row by row, or not at all; and every command works on both."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PostgresServer, new_database, on_postgres
from tests.processes import OFFICE, Installation
from tests.ticketing.commands.shell import OFFICE_ID, SATO, Shell, make_shell
from ticketing.__main__ import main
from ticketing.commands.assembly import open_node
from ticketing.commands.node import Node
from ticketing.config import read_config
from ticketing.hall import commands as cmd
from ticketing.hall.events import TicketIssued
from ticketing.journal.base import Recorded
from ticketing.journal.opening import journal_in
from ticketing.storage.migrations import Schema
from ticketing.storage.opening import open_database
from ticketing.storage.sqlite import SqliteFile

pytestmark = on_postgres

ADDRESS = "sato@example.jp"
PASSWORD = "correct horse battery staple\n"


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """An office with tickets, a call, an account, a device and a contact, in SQLite files."""
    shell = make_shell(tmp_path / "from", capsys)
    add_staff(shell, monkeypatch)
    assert shell.run("device", "add", "--office", OFFICE_ID, "--kind", "kiosk")[0] == 0
    shell.serve_two(datetime.now(UTC))
    happens(shell, register)
    return shell


def happens(shell: Shell, work: Callable[[Node], Awaitable[object]]) -> None:
    """Something happens in a node now: a database of several nodes takes no commands from one with another clock."""

    async def happen() -> None:
        async with open_node(read_config(shell.installation.config, shell.installation.data)) as node:
            await work(node)

    asyncio.run(happen())


def add_staff(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as typed:
        typed.setattr("ticketing.commands.staff._read_password", lambda: PASSWORD.strip())
        words = ("staff", "add", "sato", "--role", "clerk", "--office", OFFICE_ID, "--password-stdin")
        assert shell.run(*words)[0] == 0


async def register(node: Node) -> None:
    day = node.site.desk(OFFICE_ID).hall.day
    assert day is not None
    await node.site.contacts.put(OFFICE_ID, day, "A001", "email", ADDRESS, "ja", None, None, node.clock.now())


def new_url(postgres: PostgresServer, *, is_empty: bool = True) -> str:
    return asyncio.run(new_database(postgres, is_empty=is_empty))


def on(url: str, shell: Shell, data: Path | None = None) -> Shell:
    """The same office with its data there, and the keys of the first one unless it has a directory of its own."""
    folder = shell.installation.config.parent
    config = folder / "postgres.toml" if data is None else data / "junban.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(f'[database]\nurl = "{url}"\n' + OFFICE, "utf-8")
    installation = Installation(config, data / "data" if data else shell.installation.data, folder / "log")
    return Shell(installation, shell.capsys)


def events(shell: Shell) -> list[Recorded]:
    async def read() -> list[Recorded]:
        database = await open_database(read_config(shell.installation.config, shell.installation.data).database, "main")
        try:
            return await journal_in(database).read(OFFICE_ID, 0)
        finally:
            await database.close()

    return asyncio.run(read())


def test_a_moved_installation_goes_on_where_it_was(shell: Shell, postgres: PostgresServer) -> None:
    url, before = new_url(postgres), events(shell)

    code, output, errors = shell.run("migrate-to", url)

    assert (code, errors) == (0, "")
    assert f"events\t{len(before)} rows\t" in output
    assert "contacts\t1 rows\t" in output
    moved = on(url, shell)
    assert events(moved) == before
    found: dict[str, Any] = {}

    async def go_on(node: Node) -> None:
        found["contact"] = (await node.site.contacts.get(OFFICE_ID, before[-1].day, "A001"))[0].address
        found["account"] = [account.name for account in await node.site.staff.list()]
        answer = await node.site.desk(OFFICE_ID).submit(
            cmd.Issue(by="kiosk:k", service="family", channel="kiosk", language="ja")
        )
        found["number"] = answer.body and answer.body["number"]

    happens(moved, go_on)
    given = [each.event.number for each in before if isinstance(each.event, TicketIssued)]
    assert (found["contact"], found["account"]) == (ADDRESS, ["sato"])
    assert found["number"] not in given
    # A second time there is something already.
    assert shell.run("migrate-to", url)[0] == 1


def test_every_command_works_on_postgresql(shell: Shell, postgres: PostgresServer, tmp_path: Path) -> None:
    url, day = new_url(postgres), events(shell)[-1].day.isoformat()
    assert shell.run("migrate-to", url)[0] == 0
    moved = on(url, shell)
    report = tmp_path / "report.pdf"
    certificate = tmp_path / "certificate.pdf"

    def says(*words: str) -> str:
        code, output, errors = moved.run(*words)
        assert (code, errors) == (0, ""), words
        return output

    assert f'url = "{url}"' in says("check-config")
    assert "sato\tclerk\tminato\tenabled" in says("staff", "list")
    says("staff", "disable", "sato")
    says("staff", "enable", "sato")
    assert "kiosk" in says("device", "list")
    assert says("replay", OFFICE_ID, day).endswith("2 tickets; equal to the stored rows: yes\n")
    assert len(says("report", OFFICE_ID, day).splitlines()) == 3
    says("report", "plays", day, day)
    due = ("--as-of", (datetime.now(UTC) + timedelta(days=2)).isoformat())
    assert f"would erase minato {day}: email 1" in says("purge", "--dry-run", *due)
    assert f"erased minato {day}: email 1" in says("purge", *due)
    assert f"minato\t{day}\temail=1" in says("erasures", "list")
    assert "Erasure records checked: 1" in says("erasures", "verify")
    says("erasures", "certificate", day, "-o", str(certificate))
    assert "all are as they were written" in says("audit", "verify")
    assert "database.migrate" in says("audit", "list")
    assert says("keys", "list") == ""
    assert "PUBLIC KEY" in says("keys", "public")
    says("handling-report", day, day, "-o", str(report))
    assert report.read_bytes()[:4] == certificate.read_bytes()[:4] == b"%PDF"


def test_a_backup_begins_either_kind(shell: Shell, postgres: PostgresServer, tmp_path: Path) -> None:
    url, backup = new_url(postgres), tmp_path / "backup.sqlite3"
    assert shell.run("migrate-to", url)[0] == 0
    moved = on(url, shell)

    made, _, errors = moved.run("backup", str(backup))

    assert (made, errors) == (0, "")
    assert moved.run("backup", str(backup))[0] == 1
    restored = [make_shell(tmp_path / "file", shell.capsys), on(new_url(postgres), shell, tmp_path / "server")]
    # What signed nothing yet needs no key to be checked with, but the command wants one.
    public = tmp_path / "public.pem"
    public.write_text(moved.run("keys", "public")[1], "utf-8")
    for each in restored:
        assert each.run("restore", str(backup))[::2] == (0, "")
        assert events(each) == events(moved)
        assert each.run("audit", "verify", "--public-key", str(public))[::2] == (0, "")
        assert each.run("restore", str(backup))[0] == 1
    with closing(sqlite3.connect(backup)) as copy:
        counts = copy.execute("SELECT (SELECT count(*) FROM enrolments), (SELECT count(*) FROM staff)").fetchone()
        tables = [name for (name,) in copy.execute("SELECT name FROM sqlite_master")]
    assert (counts, "contacts" in tables) == ((0, 1), False)


def test_nothing_is_moved_while_a_process_has_the_files_open(shell: Shell, postgres: PostgresServer) -> None:
    url = new_url(postgres)
    installation = shell.installation
    words = ["migrate-to", url, "--config", str(installation.config), "--data", str(installation.data)]

    async def beside_a_server() -> int:
        file = await SqliteFile.open(installation.data / "contacts.sqlite3", Schema("contacts"))
        try:
            return await asyncio.to_thread(main, words)
        finally:
            await file.close()

    shell.capsys.readouterr()
    code = asyncio.run(beside_a_server())

    assert (code, "stop Junban, and run this again" in shell.capsys.readouterr().err) == (1, True)
    assert shell.run("migrate-to", url)[0] == 0


def test_a_database_in_use_is_left_as_it_is(shell: Shell, postgres: PostgresServer) -> None:
    url = new_url(postgres)
    other = on(url, shell)
    happens(other, lambda node: node.site.desk(OFFICE_ID).submit(cmd.OpenCounter(by=SATO, counter="c1")))
    before = events(other)

    code, output, errors = shell.run("migrate-to", url)

    assert (code, output) == (1, "")
    assert "only an empty one" in errors
    assert "begins with SQLite files" in other.run("migrate-to", url)[2]
    assert events(other) == before


def test_what_breaks_off_leaves_nothing(
    shell: Shell, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_url(postgres)

    def break_off(*_: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr("ticketing.storage.transfer._go_on_counting", break_off)
        assert shell.run("migrate-to", url)[::2] == (
            1,
            "Nothing was moved: the database cannot be reached (the power went).\n",
        )

    assert shell.run("migrate-to", url)[0] == 0


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///x", lambda url: "The target is a PostgreSQL database"),
        ("junban.sqlite3", lambda url: "The target is a PostgreSQL database"),
        ("postgresql://db", lambda url: "URL.url: must name user, host and database"),
        ("no", lambda url: 'database "no" does not exist'),
    ],
)
def test_a_target_that_is_none_is_refused(
    shell: Shell, postgres: PostgresServer, url: str, told: Callable[[str], str]
) -> None:
    code, _, errors = shell.run("migrate-to", postgres.url_of("no") if url == "no" else url)

    assert (code, told(url) in errors) == (1, True)


def test_a_database_that_is_not_there_is_said_in_one_sentence(shell: Shell, postgres: PostgresServer) -> None:
    empty = on(new_url(postgres), shell)
    gone = on("postgresql://junban@127.0.0.1:1/junban", shell, shell.installation.data.parent / "gone")

    assert "There is nothing of Junban in that database" in empty.run("staff", "list")[2]
    code, output, errors = gone.run("staff", "list")
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("The database cannot be used: the database cannot be reached (")
