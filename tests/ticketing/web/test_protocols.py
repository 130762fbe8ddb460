"""The served process against strangers: clear answers, bounded memory, no traceback."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.processes import OFFICE, ROOT, Installation, free_port
from tests.ticketing.web.server import served_in
from ticketing.web import protocols

MEBIBYTE = 1024 * 1024
LIVE = "/api/v1/offices/minato/live"
UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
KEY = "AAAAAAAAAAAAAAAAAAAAAA=="


@dataclass
class Process:
    """A server of its own, its memory and its log."""

    pid: int
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def resident(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, data: bytes, is_all: bool = False) -> bytes:
        """What comes back, until the server ends the connection; it does when it is told that this is all."""
        with self.open() as connection:
            got = b""
            try:
                connection.sendall(data)
                if is_all:
                    connection.shutdown(socket.SHUT_WR)
                while chunk := connection.recv(65536):
                    got += chunk
            except (TimeoutError, ConnectionError):
                pass
        return got


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    installation = Installation.make(folder, office=OFFICE)
    command = [sys.executable, "-m", "ticketing", "serve", "--config", str(installation.config)]
    command += ["--data", str(installation.data), "--port", str(port)]
    with installation.log.open("wb") as log:
        served = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    running = Process(served.pid, port, installation.log)
    until = time.monotonic() + 30
    while not is_ready(running):
        assert served.poll() is None and time.monotonic() < until, running.log.read_text()
        # A process from outside tells nobody when it listens.
        time.sleep(0.05)
    yield running
    served.send_signal(signal.SIGTERM)
    assert served.wait(30) == 0
    log_text = running.log.read_text()
    assert "Traceback" not in log_text, log_text
    assert "ERROR" not in log_text, log_text


def is_ready(process: Process) -> bool:
    try:
        return httpx.get(f"{process.url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def problem_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), answer
    return status_of(answer), json.loads(body)["code"]


def request(path: str = "/healthz", *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


# Requests


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, b"\x00" * 100,
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n", b"GET / HTTP/1.1\r\nBad\x00Name: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"FROBNICATE / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_not_http_is_a_clear_4xx(process: Process, data: bytes) -> None:
    answer = process.send(data)

    assert 400 <= status_of(answer) < 500, answer


def test_bad_request_is_answered_in_the_one_form(process: Process) -> None:
    assert problem_of(process.send(b"nonsense\r\n\r\n")) == (400, "not_http")


def test_bad_request_after_a_good_one_is_answered_too(process: Process) -> None:
    with process.open() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = b""
        while not first.endswith(b'{"status":"ok","problems":[]}'):
            first += connection.recv(65536)
        connection.sendall(b"nonsense\r\n\r\n")
        second = connection.recv(65536)

    assert (status_of(first), problem_of(second)) == (200, (400, "not_http"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200), ("//healthz", 404), ("/healthz?" + "x" * 5000, 200), ("/healthz#x", 200), ("*", 404),
        ("/static/js/../../pages/visitor.html", 404), ("/static/js/%2e%2e/%2e%2e/config.example.toml", 404),
        ("/static/js/..%5c..%5cx", 404), ("/static/js/%00.js", 404), ("/%ff%fe", 404),
        ("/api/v1/offices/%ED%A0%80", 404), ("/u/%F0%9F%98%80", 200),
        ("/" + "x" * 30_000, 404), ("/" + "%41" * 10_000, 404), ("/" + "/" * 10_000, 404),
    ],
)  # fmt: skip
def test_paths_as_they_come_over_the_wire(process: Process, path: str, status: int) -> None:
    assert status_of(process.send(request(path))) == status


@pytest.mark.parametrize(
    "header",
    [
        "Cookie: junban_session=\x80\xff", "Cookie: " + "a=b; " * 5000, "Authorization: Bearer \xff\xfe",
        "Authorization: " + "Bearer " * 500, "X-Forwarded-For: " + "1.2.3.4, " * 3000, "Origin: http://[::1",
        "If-None-Match: " + '"x",' * 3000, "Accept: " + "text/csv," * 3000, "Content-Type: \xff",
        "Idempotency-Key: \xff\xff", "Upgrade: h2c\r\nConnection: Upgrade", "X" * 10_000 + ": x",
    ],
)  # fmt: skip
def test_headers_as_they_come_over_the_wire(process: Process, header: str) -> None:
    paths = [("GET", "/api/v1/ticket"), ("GET", "/api/v1/session"), ("POST", "/api/v1/offices/minato/tickets")]

    for method, path in paths:
        answer = process.send(request(path, header, "Content-Length: 0", method=method))
        assert 400 <= status_of(answer) < 500, (method, path)


def test_head_without_an_end_is_cut_and_told(process: Process) -> None:
    before = process.resident()

    endless_line = process.send(b"GET /" + b"x" * 8 * MEBIBYTE)
    endless_header = process.send(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 8 * MEBIBYTE)
    endless_headers = process.send(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * MEBIBYTE)

    # The rest of what is still coming may break the connection before the answer is read.
    for answer in (endless_line, endless_header, endless_headers):
        assert answer == b"" or problem_of(answer) == (431, "head_too_large")
    assert process.resident() - before < 32 * MEBIBYTE


def test_head_a_little_too_long_is_told_so(process: Process) -> None:
    with process.open() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (protocols.MOST_HEAD_BYTES + 1))
        answer = connection.recv(65536)

    assert problem_of(answer) == (431, "head_too_large")


@pytest.mark.parametrize("path", ["/api/v1/offices/minato/tickets", "/api/v1/session", "/healthz", "/nowhere"])
def test_body_without_an_end_is_bounded(process: Process, path: str) -> None:
    before = process.resident()
    piece = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"

    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked = process.send(head.encode() + piece * 300, is_all=True)
    told_head = head.replace("Transfer-Encoding: chunked", "Content-Length: 20000000")
    told = process.send(told_head.encode() + b" " * 20_000_000, is_all=True)

    for answer in (chunked, told):
        assert answer == b"" or 400 <= status_of(answer) < 500
    assert process.resident() - before < 32 * MEBIBYTE


def test_trailers_without_an_end_are_bounded(process: Process) -> None:
    before = process.resident()
    head = "POST /webhooks/line HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"

    process.send(head.encode() + b"X: y\r\n" * 2 * MEBIBYTE, is_all=True)

    assert process.resident() - before < 48 * MEBIBYTE


def test_client_that_leaves_in_the_middle_is_no_fault(process: Process) -> None:
    head = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    for data in (head.encode(), head.encode() + b'{"name"', head[:40].encode(), b""):
        with process.open() as connection:
            connection.sendall(data)
    assert httpx.get(f"{process.url}/healthz").status_code == 200


def test_pipelined_requests_are_answered_in_order(process: Process) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    answer = process.send(one * 50 + request("/nowhere"))

    statuses = [int(each) for each in re.findall(rb"HTTP/1.1 (\d+)", answer)]
    assert statuses == [200] * 50 + [404]


async def test_request_that_never_comes_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(protocols, "MOST_REQUEST_SECONDS", 0.2)
    async with served_in(tmp_path / "data") as served:
        silent = await served.send(b"")
        slow = await served.send(b"GET /healthz HTTP/1.1\r\nHo")
        body = await served.send(
            b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        fine = await served.send(request())

    assert [problem_of(each) for each in (silent, slow, body)] == [(408, "too_slow")] * 3
    assert status_of(fine) == 200


# WebSockets


def handshake(*headers: str, path: str = LIVE, key: str = KEY) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    return ("\r\n".join(lines) + "\r\n" + UPGRADE.format(key=key) + "\r\n").encode("latin-1")


@pytest.mark.parametrize(
    "data",
    [
        handshake(key="x"), handshake(path="/nowhere"), handshake(path="/api/v1/offices/%ff/live"),
        handshake(path="/\xe9"), handshake(*["X: y"] * 300), handshake("X: " + "y" * 20_000),
        handshake("Cookie: junban_ticket=\xff", "Origin: https://evil.example"),
        handshake().replace(b"13", b"8"), handshake().replace(b"GET", b"POST"),
    ],
)  # fmt: skip
def test_handshakes_that_are_none_are_refused(process: Process, data: bytes) -> None:
    answer = process.send(data)

    assert 400 <= status_of(answer) < 500, answer


def masked(opcode: int, payload: bytes, first: int = 0x80) -> bytes:
    """A client's frame with the mask 0."""
    length = len(payload)
    if length < 126:
        size = bytes((0x80 | length,))
    elif length < 1 << 16:
        size = bytes((0xFE,)) + length.to_bytes(2)
    else:
        size = bytes((0xFF,)) + length.to_bytes(8)
    return bytes((first | opcode,)) + size + b"\0\0\0\0" + payload


#: What is sent, and the close codes one of which must come; none: any end will do.
GARBAGE: dict[str, tuple[bytes, set[int]]] = {
    "text that is no UTF-8": (masked(1, b"\xff\xfe"), {4400}),
    "a cut character": (masked(1, b'{"ticket":"\xe3\x81"}'), {4400}),
    "binary": (masked(2, b"\x00" * 1000), {4400}),
    "not JSON": (masked(1, b"{" * 1000), {4400}),
    "deep": (masked(1, b'{"ticket":' + b"[" * 60_000), {4400}),
    "too large": (masked(1, b"x" * 70_000), set()),
    "a length of 2^62": (bytes((0x81, 0xFF)) + (2**62).to_bytes(8) + b"\0\0\0\0", {1009}),
    "no mask": (bytes((0x81, 2)) + b"{}", {1002}),
    "an unknown opcode": (masked(5, b"x"), {1002}),
    "reserved bits": (masked(1, b"{}", first=0xF0), {1002}),
    "a continuation of nothing": (masked(0, b"x"), {1002}),
    "fragments without an end": (masked(1, b"x", first=0) + masked(0, b"x" * 1000, first=0) * 100, set()),
    "a long ping": (masked(9, b"x" * 200), {1002}),
    "a close that is none": (masked(8, b"\x00"), {1002}),
    "pongs": (masked(10, b"x" * 100) * 1000, set()),
    "noise": (bytes(range(256)) * 40, {1002}),
}


@pytest.mark.parametrize(("garbage", "codes"), GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_on_a_socket_ends_that_socket_only(process: Process, garbage: bytes, codes: set[int]) -> None:
    with process.open() as connection:
        connection.sendall(handshake())
        assert status_of(connection.recv(65536)) == 101
        got = b""
        # A server that ends the connection while more is coming may be too quick for us to hear why.
        with suppress(OSError):
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                got += chunk

    closes = {int.from_bytes(got[at + 2 : at + 4]) for at in range(len(got) - 3) if got[at] == 0x88}
    assert codes & closes or not codes
    assert httpx.get(f"{process.url}/healthz").status_code == 200


async def flooded(process: Process, count: int, message: Callable[[int], str | bytes]) -> int:
    """So many connections at once, each sending garbage until it is sent away; how many got in."""

    async def one(n: int) -> int:
        try:
            async with connect(f"ws://127.0.0.1:{process.port}{LIVE}", compression=None, proxy=None) as client:
                for _ in range(50):
                    await client.send(message(n))
                return 1
        except (WebSocketException, OSError):
            return 1

    return sum(await asyncio.gather(*(one(n) for n in range(count))))


async def test_flood_of_garbage_leaves_the_server_well(process: Process) -> None:
    before = process.resident()
    long_secret = '{"ticket":"' + "x" * 900 + '"}'
    messages: list[str | bytes] = ["x" * 60_000, b"\x00" * 60_000, '{"ticket":"x"}', "", long_secret]

    for _ in range(3):
        await flooded(process, 200, lambda n: messages[n % len(messages)])
    watching = 1
    async with asyncio.timeout(15), httpx.AsyncClient() as client:
        while watching:
            metrics = (await client.get(f"{process.url}/metrics")).text
            watching = int(re.findall(r"^junban_watchers (\d+)", metrics, re.MULTILINE)[0])
            await asyncio.sleep(0.1)

    assert process.resident() - before < 40 * MEBIBYTE


async def test_pings_of_a_client_that_reads_nothing_are_bounded(process: Process) -> None:
    before = process.resident()
    reader, writer = await asyncio.open_connection("127.0.0.1", process.port, limit=1024)
    writer.write(handshake())
    pings = masked(9, b"x" * 125) * 1000

    async def flood() -> None:
        for _ in range(400):
            writer.write(pings)
            await writer.drain()

    ended = False
    try:
        async with asyncio.timeout(15):
            await flood()
    except (ConnectionError, TimeoutError):
        ended = True
    grown = process.resident() - before
    writer.close()

    assert ended
    assert grown < 16 * MEBIBYTE
    assert reader is not None


@pytest.fixture
async def crowd(process: Process) -> AsyncIterator[list[socket.socket]]:
    connections = [process.open() for _ in range(300)]
    yield connections
    for connection in connections:
        connection.close()


def test_idle_connections_leave_room_for_others(process: Process, crowd: list[socket.socket]) -> None:
    for connection in crowd:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")

    assert httpx.get(f"{process.url}/healthz").status_code == 200
