"""The drill at its smallest, as an operator runs it, and one fault server alone."""

import argparse
import asyncio
import re
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtplib import SMTP

from tests.processes import ROOT, junban
from ticketing.commands import drill

LETTER = b"Message-ID: <key-1@example.jp>\r\n\r\nhello\r\n"


def refused(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    drill.add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["drill", *arguments])
    return int(ended.value.code or 0)


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """One fault server in a process of its own, and its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ticketing", "drill", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        first = (await process.stdout.readline()).decode()
        yield process, int(re.findall(r":(\d+) ", first)[0])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def told_to_end(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    process.send_signal(signal.SIGTERM)
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_drill_says_in_a_line_what_became_of_each_trial(tmp_path: Path) -> None:
    code, output, errors = await junban(
        "drill", "--pending", "5", "--only", "line reset+taken,email 550", "--kills", "1", "--table",
        "--data", str(tmp_path),
    )  # fmt: skip

    lines = [re.sub(r"\d+\.\d s", "X s", line) for line in output.splitlines() if line]
    assert (code, errors) == (0, "")
    assert lines[:3] == [
        "5 made-up notices for the failing provider, 5 for the others.",
        "email 550@rcpt             others left in X s · meanwhile: failed 5 · in the end: failed 5 · doubled 0 · "
        "lost 0 · ok",
        "line reset+taken           others left in X s · meanwhile: pending 5 · in the end: sent 5 · doubled 0 · "
        "lost 0 · ok",
    ]
    assert lines[3].startswith("1 × SIGKILL                email: sent 5, doubled ")
    assert [line.partition(" |")[0] for line in lines[4:]] == [
        "| fault",
        "|---|--:|---|---|--:|--:|---|",
        "| email 550@rcpt",
        "| line reset+taken",
        lines[-1],
    ]
    assert re.fullmatch(r"The notifier's log has \d lines, 0 errors and no address\.", lines[-1])
    assert is_empty(tmp_path)


@pytest.mark.parametrize("arguments", [("--only", "coffee"), ("--only", "550,coffee"), ("--only", "", "--kills", "0")])
async def test_drill_without_such_a_fault_was_called_wrongly(arguments: tuple[str, ...]) -> None:
    code, output, errors = await junban("drill", *arguments)

    assert (code, output, errors) == (2, "", "No fault has such a word in its name.\n")


async def test_drill_says_in_a_sentence_where_it_cannot_write(tmp_path: Path) -> None:
    code, _, errors = await junban("drill", "--data", str(tmp_path / "missing"))

    assert (code, errors.startswith("The drill could not be carried out: ")) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pending", "0"),
        ("--kills", "-1"),
        ("smtp", "--behaviour", "coffee"),
        ("line", "--behaviour", "garbage"),
        ("smtp", "--port", "65536"),
    ],
)
def test_drill_refuses_what_there_is_not(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(*arguments) == 2


async def test_server_alone_takes_mail_and_says_how_much(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    async with serving("smtp", "--certificate", str(certificate)) as (process, port):
        trust = ssl.create_default_context(cafile=certificate)
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=True, tls_context=trust) as client:
            await client.sendmail("junban@example.jp", ["m@example.org"], LETTER)

        code, output = await told_to_end(process)

    assert (code, output) == (0, "connections 1 · taken 1 · confirmed 1 · turned away 0 · doubled 0\n")


async def test_server_alone_fails_as_told() -> None:
    async with serving("line", "--behaviour", "503") as (process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v2/bot/message/push HTTP/1.1\r\nX-Line-Retry-Key: k\r\nContent-Length: 2\r\n\r\n{}")
        answer = await reader.readline()
        writer.close()

        code, output = await told_to_end(process)

    assert answer == b"HTTP/1.1 503 Service Unavailable\r\n"
    assert (code, output) == (0, "connections 1 · taken 0 · confirmed 0 · turned away 1 · doubled 0\n")


async def test_server_alone_says_when_its_port_is_taken() -> None:
    async with serving("phone") as (_, port):
        code, _, errors = await junban("drill", "phone", "--port", str(port))

    assert (code, errors.startswith(f"Cannot listen on 127.0.0.1, port {port}: ")) == (1, True)
