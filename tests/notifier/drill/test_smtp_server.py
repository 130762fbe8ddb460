import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from notifier.drill.behaviours import Behaviour
from notifier.drill.smtp_server import SmtpFaults, Tls
from tests.waiting import until
from ticketing.demo.certificate import make_tls

LETTER = b"From: junban@example.jp\r\nMessage-ID: <key-1@example.jp>\r\n\r\nhello\r\n"
#: Longer than any answer of a server that does answer.
PATIENCE_SECONDS = 0.3


@pytest.fixture
async def server() -> AsyncIterator[SmtpFaults]:
    async with SmtpFaults().running() as server:
        yield server


async def deliver(server: SmtpFaults, **settings: object) -> str:
    """What a sender makes of it: ``sent``, the answer's number, or the name of what went wrong."""
    client = SMTP(hostname=server.host, port=server.port, local_hostname="sender.test", **settings)  # type: ignore[arg-type]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await client.connect()
            await client.ehlo()
            await client.mail("junban@example.jp")
            await client.rcpt("m00001@example.org")
            await client.data(LETTER)
    except TimeoutError:
        return "timeout"
    except SMTPResponseException as error:
        return str(error.code)
    except (SMTPException, OSError):
        return "connection"
    finally:
        client.close()
    return "sent"


async def test_server_that_is_well_takes_a_message_and_says_so(server: SmtpFaults) -> None:
    assert await deliver(server) == "sent"
    assert (server.ledger.taken, server.ledger.confirmed, server.ledger.doubled) == ({"key-1": 1}, {"key-1": 1}, 0)


async def test_server_counts_what_it_took_twice(server: SmtpFaults) -> None:
    await deliver(server)
    await deliver(server)

    assert (server.ledger.taken, server.ledger.doubled, server.ledger.connections) == ({"key-1": 2}, 1, 2)


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("noise", "sent"),
        ("hang@connect", "timeout"),
        ("hang@mail", "timeout"),
        ("hang@end", "timeout"),
        ("trickle", "timeout"),
        ("reset@connect", "connection"),
        ("reset@data", "connection"),
        ("close@mail", "connection"),
        ("close@end", "connection"),
        ("half@mail", "connection"),
        ("wrong-code@data", "250"),
        ("421", "421"),
        ("451", "451"),
        ("550", "550"),
        ("552", "552"),
        ("down", "connection"),
    ],
)
async def test_server_fails_as_told(server: SmtpFaults, behaviour: str, outcome: str) -> None:
    await server.behave(Behaviour.read(behaviour, "smtp"))

    assert await deliver(server) == outcome
    assert server.ledger.taken == ({"key-1": 1} if outcome == "sent" else {})


@pytest.mark.parametrize("behaviour", ["garbage@connect", "garbage@end", "endless@connect", "endless@end"])
async def test_server_that_talks_nonsense_is_not_understood(server: SmtpFaults, behaviour: str) -> None:
    await server.behave(Behaviour.read(behaviour, "smtp"))

    assert await deliver(server) != "sent"
    assert server.ledger.taken == {}


@pytest.mark.parametrize("behaviour", ["hang@end+taken", "close@end+taken", "reset@end+taken"])
async def test_server_takes_a_message_and_keeps_silent(server: SmtpFaults, behaviour: str) -> None:
    await server.behave(Behaviour.read(behaviour, "smtp"))

    assert await deliver(server) in ("timeout", "connection")
    assert (server.ledger.taken, server.ledger.confirmed.total()) == ({"key-1": 1}, 0)


async def test_server_says_which_messages_it_did_not_take(server: SmtpFaults) -> None:
    await server.behave(Behaviour.read("552", "smtp"))

    await deliver(server)

    assert (server.ledger.taken, server.ledger.turned_away) == ({}, {"key-1": 1})


async def test_server_that_was_down_is_back_on_its_port(server: SmtpFaults) -> None:
    port = server.port
    await server.behave(Behaviour("down"))
    await server.behave(Behaviour())

    assert (await deliver(server), server.port) == ("sent", port)


async def test_change_of_behaviour_ends_what_is_stuck(server: SmtpFaults) -> None:
    await server.behave(Behaviour.read("hang", "smtp"))
    reader, writer = await asyncio.open_connection(server.host, server.port)
    await until(lambda: server.ledger.connections)

    await server.behave(Behaviour())

    (end,) = await asyncio.gather(reader.read(), return_exceptions=True)
    assert end == b"" or isinstance(end, ConnectionError)
    writer.close()


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("ok", "sent"),
        ("tls-missing", "connection"),
        ("tls-broken", "connection"),
        ("tls-stranger", "connection"),
        ("hang@starttls", "timeout"),
    ],
)
async def test_server_offers_encryption_as_told(tmp_path: Path, behaviour: str, outcome: str) -> None:
    now = datetime.now(UTC)
    ours, stranger = (make_tls("127.0.0.1", tmp_path / name, now) for name in ("ours.pem", "stranger.pem"))
    trust = ssl.create_default_context(cafile=tmp_path / "ours.pem")
    async with SmtpFaults(tls=Tls(ours, stranger)).running() as server:
        await server.behave(Behaviour.read(behaviour, "smtp"))

        assert await deliver(server, start_tls=True, tls_context=trust) == outcome
        assert server.ledger.taken == ({"key-1": 1} if outcome == "sent" else {})
