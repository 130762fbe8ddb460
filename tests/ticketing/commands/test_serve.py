import asyncio
import base64
import signal
import socket
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.processes import Installation, junban
from tests.ticketing.commands.shell import Shell
from ticketing.clock import SystemClock
from ticketing.journal.sqlite import SqliteJournal
from ticketing.keys import DayKeys
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile


@pytest.mark.parametrize(
    "words", [("--port", "65536"), ("--port", "-1"), ("--port", "http"), ("--roles", "web,boss"), ("--roles", ",")]
)
def test_serve_called_wrongly_exits_with_2(shell: Shell, words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.run("serve", *words)

    assert (ended.value.code, shell.installation.data.exists()) == (2, False)


@pytest.mark.parametrize("port", ["65536", "http", "-1", "８０", "1_0"])
def test_serve_says_what_a_port_is(shell: Shell, port: str) -> None:
    with pytest.raises(SystemExit):
        shell.run("serve", f"--port={port}")

    assert shell.capsys.readouterr() == ("", "junban serve: argument --port: a port is a number from 0 to 65535.\n")


async def test_serve_under_another_master_key_does_not_start(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)
    key = DayKeys(made.data / "keys", bytes(32))
    key.key("minato", SystemClock().now().date() + timedelta(days=1))

    missing = await junban("serve", "--config", str(made.config), "--data", str(made.data), "--port", "0")
    (made.data / "master.key").write_bytes(base64.b64encode(bytes(range(32))))
    wrong = await junban("serve", "--config", str(made.config), "--data", str(made.data), "--port", "0")

    assert [told[:2] for told in (missing, wrong)] == [(1, "")] * 2
    assert missing[2].startswith(f"Junban cannot run: The master key {made.data / 'master.key'} is missing; ")
    assert wrong[2].endswith(".key cannot be opened with this master key.\n")
    assert [told[2].count("\n") for told in (missing, wrong)] == [1, 1]


async def test_serve_with_a_data_directory_that_is_a_file_names_it(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)

    told = await junban("serve", "--config", str(made.config), "--data", str(made.config), "--port", "0")

    assert told == (1, "", f"Junban cannot run: {made.config}: File exists.\n")


async def test_serve_makes_up_no_visitors_for_a_real_office(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)

    told = await junban("serve", "--crowd", "--config", str(made.config), "--data", str(made.data))

    assert told == (2, "", "--crowd makes up visitors; it is for the demonstration only.\n")


async def test_serve_with_a_wrong_configuration_says_what_is_wrong(tmp_path: Path) -> None:
    made = Installation.make(tmp_path, "[server]\nport = 70000\n")

    code, output, errors = await junban("serve", "--config", str(made.config), "--data", str(made.data))

    assert (code, output) == (1, "")
    assert "server.port" in errors
    assert "Traceback" not in errors


async def test_serve_on_a_port_in_use_says_so(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        told = await junban("serve", "--config", str(made.config), "--data", str(made.data), "--port", str(port))

    assert told == (1, "", f"Cannot listen on 127.0.0.1, port {port}: Address already in use.\n")


@pytest.mark.parametrize(
    ("name", "content"), [("junban.sqlite3", "Dear Sir or Madam, " * 100), ("master.key", "no key\n")]
)
async def test_serve_on_unusable_data_says_so_in_a_sentence(tmp_path: Path, name: str, content: str) -> None:
    made = Installation.make(tmp_path)
    made.data.mkdir()
    (made.data / name).write_text(content)

    code, output, errors = await junban("serve", "--config", str(made.config), "--data", str(made.data), "--port", "0")

    assert (code, output) == (1, "")
    assert errors.startswith("Junban cannot run: ")
    assert errors.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_serve_ends_cleanly_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    made = Installation.make(tmp_path)
    async with made.serving() as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            healthy = (await client.get("/healthz")).status_code
        server.process.send_signal(number)
        async with asyncio.timeout(5):
            code = await server.process.wait()

    assert (healthy, code, made.log.read_text()) == (200, 0, "")
    assert sorted(each.name for each in made.data.glob("*.sqlite3*")) == ["contacts.sqlite3", "junban.sqlite3"]


async def test_serve_opens_the_day_before_anybody_asks(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)
    async with made.serving():
        file = await SqliteFile.open(made.data / "junban.sqlite3", Schema("main"))
        opened = await SqliteJournal(file).latest_day("minato")
        await file.close()

    assert opened is not None
    assert (opened.first_seq, opened.closed_at) == (1, None)
