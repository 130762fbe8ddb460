import asyncio
from collections.abc import AsyncIterator
from itertools import islice, repeat

import pytest

from bench.client import Caller, drive, get, post
from tests.waiting import until


async def _echo_length(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every POST with its body, in two pieces, and 404 with no body to anything else."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if head.startswith(b"POST"):
                writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: %d\r\n\r\n" % length)
                await writer.drain()
                await asyncio.sleep(0)
                writer.write(body)
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        pass
    finally:
        writer.close()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = await asyncio.start_server(_echo_length, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_caller_gets_status_head_and_body(port: int) -> None:
    caller = await Caller.connect(port)

    answers = [await caller.ask(post("/tickets", {"service": "s1"})), await caller.ask(get("/other"))]

    caller.close()
    assert answers == [
        (201, b"HTTP/1.1 201 Created\r\ncontent-length: 17", b'{"service": "s1"}'),
        (404, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0", b""),
    ]


async def test_caller_comes_again_when_it_was_let_go() -> None:
    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    caller = Caller(server.sockets[0].getsockname()[1])

    for _ in range(3):
        assert (await caller.ask(get("/")))[0] == 200
        await until(lambda: caller.transport and caller.transport.is_closing())
    server.close()


async def test_drive_sends_every_request_of_every_client(port: int) -> None:
    requests = [islice(repeat(post("/tickets", {})), 5), islice(repeat(get("/")), 3)]

    run = await drive(port, requests, seconds=30)

    assert (dict(run.statuses), run.answers_of, len(run.latencies)) == ({201: 5, 404: 3}, [5, 3], 8)


async def test_drive_stops_when_the_time_is_up(port: int) -> None:
    run = await drive(port, [repeat(get("/"))], seconds=0.05, warm_up=0.05)

    assert 0 < len(run.latencies) < run.statuses.total()


def test_post_is_a_complete_request() -> None:
    assert post("/p", {"a": 1}, "junban_device=x", "key-1") == (
        b"POST /p HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 8\r\n"
        b'Cookie: junban_device=x\r\nIdempotency-Key: key-1\r\n\r\n{"a": 1}'
    )


async def test_drive_has_an_answer_to_tell_of_however_short_the_time(port: int) -> None:
    run = await drive(port, [repeat(get("/")), repeat(get("/"))], seconds=0.0)

    assert len(run.latencies) == 1
