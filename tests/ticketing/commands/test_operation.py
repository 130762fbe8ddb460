import argparse
import getpass
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ticketing.commands.shell import Shell
from ticketing.audit import Entry
from ticketing.commands.operation import carry_out, operator
from ticketing.config import Config
from ticketing.storage.sqlite import SqliteFile

ROOT = Path(__file__).parents[3]


async def nothing(config: Config, file: SqliteFile, entry: Entry) -> None:
    """Does nothing."""


def arguments(data: Path, config: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(config=config, data=data)


def test_carry_out_without_a_configuration_file_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = carry_out(arguments(tmp_path, tmp_path / "junban.toml"), nothing, "x")

    printed = capsys.readouterr()
    assert (code, printed.out, len(printed.err.splitlines())) == (1, "", 1)


def test_carry_out_on_a_file_that_is_no_database_fails_and_ends(tmp_path: Path) -> None:
    (tmp_path / "junban.sqlite3").write_bytes(b"not a database" * 1000)

    command = [sys.executable, "-m", "ticketing", "staff", "list", "--data", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (
        1,
        "",
        "The database cannot be used: file is not a database.\n",
    )


def test_carry_out_on_a_directory_that_cannot_be_made_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    code = carry_out(arguments(Path("/dev/null")), nothing, "x", begins=True)

    assert (code, capsys.readouterr()) == (1, ("", "The database cannot be used: /dev/null: File exists.\n"))


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "list"), ("device", "list"), ("device", "revoke", "x"), ("erasures", "list"), ("erasures", "verify"),
        ("purge",), ("purge", "--dry-run"), ("replay", "minato", "2026-09-03"), ("report", "minato", "2026-09-03"),
        ("staff", "list"), ("staff", "disable", "sato"), ("staff", "enable", "sato"),
    ],
)  # fmt: skip
def test_commands_that_only_work_on_an_installation_do_not_make_one(shell: Shell, words: tuple[str, ...]) -> None:
    path = shell.installation.data / "junban.sqlite3"

    assert shell.run(*words) == (1, "", f"There is no database {path}; are --config and --data right?\n")
    assert not shell.installation.data.exists()


def test_operator_does_not_believe_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")

    assert getpass.getuser() == "somebody-else"
    assert operator() != "cli:somebody-else"
