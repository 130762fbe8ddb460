import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise

import pytest

from bench.client import get
from bench.open_loop import Due, drive_open, latency_figures, poisson
from tests.waiting import until

#: The server sleeps so long with one answer at a time.
SECONDS = 0.05


@pytest.fixture
async def slow_port() -> AsyncIterator[int]:
    turn = asyncio.Lock()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                async with turn:
                    await asyncio.sleep(SECONDS)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize("connections", [1, 8])
async def test_latency_holds_what_the_slow_answers_before_cost(slow_port: int, connections: int) -> None:
    # All due at once: the last waits for all before it, whether it was sent or had no connection to be sent on.
    outcome = await drive_open(slow_port, [Due(0.0, get("/"), "look") for _ in range(8)], connections)

    assert outcome.statuses == {200: 8}
    assert max(outcome.latencies["look"]) >= 8 * SECONDS * 0.9
    assert outcome.most_waiting == 8 - connections


async def test_slow_answers_delay_no_other_request(slow_port: int) -> None:
    begin = time.perf_counter()
    outcome = await drive_open(slow_port, [Due(place * 0.01, get("/")) for place in range(10)])

    # Ten answers of 0.05 s each one after the other, not 0.05 s after the one before was read.
    assert outcome.seconds == pytest.approx(10 * SECONDS, abs=0.3)
    assert time.perf_counter() - begin < 10 * SECONDS + 1
    assert max(outcome.every) >= 10 * SECONDS - 0.09 - 0.02


async def test_connection_that_is_lost_counts_as_no_answer() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    outcome = await drive_open(server.sockets[0].getsockname()[1], [Due(0.0, get("/"))])
    server.close()

    assert outcome.statuses == {0: 1}


async def test_connection_that_the_server_let_go_is_opened_again() -> None:
    ended = 0

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal ended
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            # As if it had been idle for too long: the answer is read before the end is seen.
            await asyncio.sleep(0.01)
        writer.close()
        await writer.wait_closed()
        ended += 1

    server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outcome = await drive_open(port, [Due(place * 0.1, get("/")) for place in range(6)], connections=2)
    server.close()

    assert outcome.statuses == {200: 6}
    await until(lambda: ended == 6)


async def test_server_that_is_gone_is_an_error_and_not_a_wait() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.close()
        writer.close()

    server = await asyncio.start_server(leave, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    with pytest.raises(OSError):
        await drive_open(port, [Due(0.2, get("/"))])


def test_visitors_come_at_the_rate_and_independently() -> None:
    times = poisson(1000, 20, seed=4)
    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert len(times) == pytest.approx(20_000, rel=0.03)
    assert times == sorted(times) == poisson(1000, 20, seed=4)
    # As many short gaps as the exponential has.
    assert sum(gap < 0.001 for gap in gaps) / len(gaps) == pytest.approx(0.632, abs=0.02)


def test_latency_figures_are_in_milliseconds() -> None:
    assert latency_figures([each / 1000 for each in range(1, 1001)]) == {
        "p50_ms": 500.0,
        "p99_ms": 990.0,
        "p99.9_ms": 999.0,
    }
