"""Nodes on one PostgreSQL must share one key directory; a node with another does not start."""

import asyncio
from pathlib import Path

import pytest

from tests.postgres import PostgresServer, empty_database, on_postgres
from tests.processes import Installation
from ticketing.__main__ import main
from ticketing.commands.assembly import open_node
from ticketing.config import read_config
from ticketing.key_place import MARK
from ticketing.keys import KeyFileError

pytestmark = on_postgres


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return asyncio.run(empty_database(postgres))


def installation(folder: Path, url: str, name: str, more: str = "") -> Installation:
    return Installation.make(folder / name, f'[database]\nurl = "{url}"\n{more}')


def start(made: Installation) -> None:
    async def work() -> None:
        async with open_node(read_config(made.config, made.data)):
            pass

    asyncio.run(work())


def run(made: Installation, *arguments: str) -> int:
    return main([*arguments, "--config", str(made.config), "--data", str(made.data)])


@pytest.mark.parametrize("mark", [None, "0" * 32])
def test_a_node_with_another_key_directory_does_not_start(
    tmp_path: Path, url: str, mark: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = installation(tmp_path, url, "one"), installation(tmp_path, url, "other")
    start(one)
    start(one)
    keys = other.data / "keys"
    if mark:
        keys.mkdir(parents=True)
        (keys / MARK).write_text(mark)

    with pytest.raises(KeyFileError, match="is not the one that belongs to this database") as refused:
        start(other)

    assert str(keys) in str(refused.value) and (mark or "missing") in str(refused.value)
    assert (one.data / "keys" / MARK).read_text().strip() in str(refused.value)
    # An erasure from there would leave the keys alive.
    assert run(other, "purge") == 1
    assert "is not the one that belongs to this database" in capsys.readouterr().err
    # To be turned away makes it no directory of the database's.
    assert not mark or (keys / MARK).read_text() == mark
    assert mark or not (keys / MARK).exists()


def test_nodes_that_share_it_start_at_once(tmp_path: Path, url: str) -> None:
    shared = f'[security]\nkey_dir = "{tmp_path}/keys"\nmaster_key_file = "{tmp_path}/master.key"\n'
    nodes = [installation(tmp_path, url, name, shared) for name in ("one", "other")]

    async def work() -> None:
        async def begin(made: Installation) -> None:
            async with open_node(read_config(made.config, made.data)):
                pass

        (tmp_path / "master.key").write_text("A" * 43 + "=\n")
        await asyncio.gather(*map(begin, nodes))

    asyncio.run(work())

    assert len((tmp_path / "keys" / MARK).read_text().strip()) == 32


def test_a_lost_directory_is_replaced_on_purpose(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    one, new = installation(tmp_path, url, "one"), installation(tmp_path, url, "new")
    start(one)

    assert run(new, "keys", "adopt") == 0

    mark = (new.data / "keys" / MARK).read_text().strip()
    assert capsys.readouterr().out == f"The database now belongs with {new.data / 'keys'} (mark {mark}).\n"
    start(new)
    with pytest.raises(KeyFileError):
        start(one)
    assert run(new, "audit", "list") == 0
    assert f"keys.adopt\t{mark}" in capsys.readouterr().out


def test_on_sqlite_there_is_nothing_to_adopt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Installation.make(tmp_path)
    start(made)

    assert not (made.data / "keys" / MARK).exists()
    assert run(made, "keys", "adopt") == 1
    assert capsys.readouterr().err == "On SQLite the key directory is whatever [security] key_dir names.\n"
