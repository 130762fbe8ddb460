import ssl
from dataclasses import replace

import pytest

from notifier.channels import smtp_pool
from notifier.channels.smtp_pool import Connection, SmtpPool
from tests.notifier.smtp_script import SILENCE, Scripted, scripted
from tests.waiting import until
from ticketing.config import Mail

PLAIN = Mail(host="127.0.0.1", tls="off", sender="queue@city.example.jp", connections=2)


def make_pool(server: Scripted, idle_seconds: float = 30) -> SmtpPool:
    return SmtpPool(replace(PLAIN, port=server.port), ssl.create_default_context(), idle_seconds)


async def opened(pool: SmtpPool, count: int) -> list[Connection]:
    return [await pool.open() for _ in range(count)]


async def test_nothing_is_opened_before_it_is_needed() -> None:
    async with scripted() as server:
        pool = make_pool(server)

        assert (pool.take(), server.count) == (None, 0)


async def test_connection_given_back_last_is_taken_first() -> None:
    async with scripted() as server:
        pool = make_pool(server)
        first, second = await opened(pool, 2)
        pool.give_back(first)
        pool.give_back(second)

        assert [pool.take(), pool.take(), pool.take()] == [second, first, None]


async def test_no_more_are_kept_than_configured() -> None:
    async with scripted() as server:
        pool = make_pool(server)
        for connection in await opened(pool, 3):
            pool.give_back(connection)
        await until(lambda: server.closed == 1)

        assert (pool.idle_count, server.heard[2]) == (2, ["QUIT"])
        await pool.close()


async def test_connection_that_the_server_closed_is_not_taken() -> None:
    async with scripted() as server:
        pool = make_pool(server)
        (connection,) = await opened(pool, 1)
        pool.give_back(connection)
        server.hang_up()
        await until(lambda: not connection.client.is_connected)

        assert (pool.take(), pool.idle_count) == (None, 0)


async def test_connection_that_broke_meanwhile_is_not_kept() -> None:
    async with scripted() as server:
        pool = make_pool(server)
        (connection,) = await opened(pool, 1)
        connection.drop()
        pool.give_back(connection)

        assert pool.idle_count == 0


async def test_idle_connection_is_closed_after_a_while() -> None:
    async with scripted() as server:
        pool = make_pool(server, idle_seconds=0.02)
        for connection in await opened(pool, 2):
            pool.give_back(connection)

        await until(lambda: server.closed == 2)
        assert (pool.idle_count, server.heard) == (0, [["QUIT"], ["QUIT"]])


async def test_connection_that_is_used_again_grows_old_anew() -> None:
    async with scripted() as server:
        pool = make_pool(server)
        old, used = await opened(pool, 2)
        for connection in (used, old):
            pool.give_back(connection)
            pool.take()
        pool.give_back(old)
        pool.give_back(used)

        assert used.idle_since > old.idle_since
        await pool.close()


async def test_connection_is_let_go_after_many_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_pool, "MOST_MESSAGES", 3)
    async with scripted() as server:
        pool = make_pool(server)
        (connection,) = await opened(pool, 1)
        kept = []
        for _ in range(3):
            pool.give_back(connection)
            kept.append(pool.idle_count)
            pool.take()
        await until(lambda: server.closed == 1)

        assert (kept, server.heard) == ([1, 1, 0], [["QUIT"]])


async def test_close_says_goodbye_and_does_not_wait_for_a_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_pool, "GOODBYE_SECONDS", 0.05)
    async with scripted(
        lambda connection, word, line: SILENCE if (connection, word) == (1, "QUIT") else None
    ) as server:
        pool = make_pool(server)
        for connection in await opened(pool, 2):
            pool.give_back(connection)

        await pool.close()

        assert (pool.idle_count, server.heard) == (0, [["QUIT"], ["QUIT"]])
        assert not connection.client.is_connected


async def test_pool_can_be_used_again_after_it_was_closed() -> None:
    async with scripted() as server:
        pool = make_pool(server)
        await pool.close()
        (connection,) = await opened(pool, 1)
        pool.give_back(connection)

        assert pool.take() is connection
        connection.drop()
