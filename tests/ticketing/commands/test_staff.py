import argparse
import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ticketing.audit import Audit
from ticketing.clock import FixedClock
from ticketing.commands import staff as command
from ticketing.commands.operation import operator
from ticketing.sessions import Sessions
from ticketing.staff import Account, Staff
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
OFFICE = "sakura"  # of the demonstration


class Terminal:
    """Runs the command as the shell would, on a data directory of its own."""

    def __init__(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data_dir = data_dir
        self._monkeypatch = monkeypatch

    def run(self, *words: str, stdin: str = "") -> int:
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers())
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        args = parser.parse_args(["staff", *words, "--data", str(self.data_dir)])
        code: int = args.run(args)
        return code

    def add(self, name: str, *, role: str = "clerk", office: str = OFFICE, password: str = PASSWORD) -> int:
        words = ("add", name, "--role", role, "--office", office, "--password-stdin")
        return self.run(*words, stdin=password + "\n")

    async def open(self) -> SqliteFile:
        return await SqliteFile.open(self.data_dir / "junban.sqlite3", Schema("main"))

    def recorded(self) -> list[tuple[str, str, str | None, str]]:
        async def read() -> list[tuple[str, str, str | None, str]]:
            file = await self.open()
            entries = [row.entry for row in await Audit(file).list()]
            await file.close()
            return [(entry.who, entry.what, entry.target, entry.result) for entry in entries]

        return asyncio.run(read())

    def sign_in(self, name: str, password: str) -> Account | None:
        async def authenticate() -> Account | None:
            file = await self.open()
            account = await Staff(file, FixedClock(NOW)).authenticate(name, password)
            await file.close()
            return account

        return asyncio.run(authenticate())


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(tmp_path, monkeypatch)


def test_add_makes_an_account_and_records_it(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    code = terminal.add("sato", role="clerk,supervisor")

    assert (code, capsys.readouterr()) == (0, ("", ""))
    assert terminal.sign_in("sato", PASSWORD) == Account(
        "sato", frozenset({"clerk", "supervisor"}), frozenset({OFFICE})
    )
    assert terminal.recorded() == [(operator(), "staff.add", "sato", "ok")]


def test_add_takes_several_offices_and_every_office(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run("add", "sato", "--role", "admin", "--office", OFFICE, "*", "--password-stdin", stdin=PASSWORD)

    terminal.run("list")

    assert capsys.readouterr().out == f"sato\tadmin\t*,{OFFICE}\tenabled\n"


@pytest.mark.parametrize(
    ("name", "office", "password", "sentence", "target", "result"),
    [
        ("sato", OFFICE, PASSWORD, "There is an account of this name already.", "sato", "name_taken"),
        ("abe", "moon", PASSWORD, "There is no such office in the configuration.", "abe", "unknown_office"),
        ("abe", OFFICE, "short", "A password has 12 to 1024 characters.", "abe", "password_length"),
        (
            "taro@example.jp",
            OFFICE,
            PASSWORD,
            "A name has 1 to 64 letters, digits, dots, hyphens and underscores.",
            None,
            "wrong_name",
        ),
    ],
)
def test_add_says_in_one_sentence_why_not(
    terminal: Terminal,
    capsys: pytest.CaptureFixture[str],
    name: str,
    office: str,
    password: str,
    sentence: str,
    target: str | None,
    result: str,
) -> None:
    terminal.add("sato")

    code = terminal.add(name, office=office, password=password)

    assert (code, capsys.readouterr()) == (1, ("", sentence + "\n"))
    assert terminal.recorded()[1:] == [(operator(), "staff.add", target, result)]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("add",),
        ("add", "sato", "--office", OFFICE, "--password-stdin"),
        ("add", "sato", "--role", "mayor", "--office", OFFICE, "--password-stdin"),
        ("add", "sato", "--role", "clerk", "--password-stdin"),
        ("add", "sato", "--role", "clerk", "--office", OFFICE),
        ("password", "sato"),
        ("disable",),
        ("fire", "sato"),
    ],
)
def test_staff_called_wrongly_exits_with_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        terminal.run(*words)

    assert (exit_info.value.code, list(terminal.data_dir.iterdir())) == (2, [])


def test_disable_enable_and_password_change_the_account(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.add("sato")

    terminal.run("disable", "sato")
    terminal.run("list")
    terminal.run("enable", "sato")
    terminal.run("password", "sato", "--password-stdin", stdin="a new long password\r\n")

    assert capsys.readouterr() == (f"sato\tclerk\t{OFFICE}\tdisabled\n", "")
    assert terminal.sign_in("sato", "a new long password") is not None
    assert [what for _, what, _, _ in terminal.recorded()] == [
        "staff.add",
        "staff.disable",
        "staff.list",
        "staff.enable",
        "staff.password",
    ]


@pytest.mark.parametrize("words", [("disable", "abe"), ("enable", "abe"), ("password", "abe", "--password-stdin")])
def test_changes_of_an_unknown_account_fail(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    terminal.add("sato")

    code = terminal.run(*words, stdin=PASSWORD)

    assert (code, capsys.readouterr()) == (1, ("", "There is no account of this name.\n"))
    assert terminal.recorded()[1:] == [(operator(), f"staff.{words[0]}", "abe", "unknown_account")]


async def test_disable_works_beside_a_running_server(terminal: Terminal) -> None:
    file = await terminal.open()
    sessions = Sessions(file, hours=12, cache_seconds=0)
    account = await Staff(file, FixedClock(NOW)).add("sato", PASSWORD, ["clerk"], [OFFICE])
    token = await sessions.create(account, NOW)
    before = await sessions.find(token, NOW)

    code = await asyncio.to_thread(terminal.run, "disable", "sato")

    after = await sessions.find(token, NOW)
    await file.close()
    assert (code, before, after) == (0, account, None)
