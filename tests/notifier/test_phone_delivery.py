"""A visitor's phone from the registration to the gateway, and what happens when the gateway does not take it."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.notifier.gateway import GatewayServer, gateway_server
from tests.ticketing.web.edge import Edge, Ticket, config_in, edge_of
from ticketing.config import Gateway, Phone

DAY = date(2026, 9, 1)
CONTACT = "/api/v1/ticket/contact"


@pytest.fixture
async def server() -> AsyncIterator[GatewayServer]:
    async with gateway_server(GatewayServer()) as server:
        yield server


@pytest.fixture
async def city(tmp_path: Path, server: GatewayServer) -> AsyncIterator[Edge]:
    xml = '<Say language="{language:region}">{text:xml}</Say>'
    phone = Phone(
        enabled=True,
        provider="Example Telecom",
        approval="2026-3",
        sms=Gateway(url=f"{server.url}/sms", form={"to": "{to}", "text": "{text}"}),
        voice=Gateway(url=f"{server.url}/call", form={"to": "{to}", "twiml": xml}),
        most_per_number=2,
    )
    async with edge_of(config_in(tmp_path / "city", phone=phone)) as edge:
        yield edge
        await edge.node.notifier.stop()


async def register(ticket: Ticket, address: str, **more: Any) -> None:
    body = {"channel": "phone", "address": address, "consent": True, "ahead": 0, **more}
    assert (await ticket.holder.put(CONTACT, json=body)).status_code == 200


async def deliver(edge: Edge) -> None:
    """What is owed now goes out."""
    notifier = edge.node.notifier
    await notifier.follow()
    for delivery in notifier.deliveries:
        await delivery.begin_due()
        await delivery.finish()


async def alerts(ticket: Ticket) -> list[tuple[str, str, str]]:
    shown = (await ticket.holder.get("/api/v1/ticket")).json()["alerts"]
    return [(each["kind"], each["channel"], each["state"]) for each in shown]


async def test_visitors_phone_is_written_to_or_called(city: Edge, server: GatewayServer) -> None:
    written, called = await city.ticket(), await city.ticket()
    await register(written, "090-1234-5678")
    await register(called, "03-1234-5678", voice=True, language="en")
    clerk = await city.staff("sato")
    await clerk.post("/api/v1/offices/ward/counters/3/open")

    for _ in range(2):
        await clerk.post("/api/v1/offices/ward/counters/3/call-next", json={"finish": "complete"})
        await deliver(city)

    forms = [(asked.path, dict(asked.form)) for asked in server.asked]
    texts = [form for path, form in forms if path == "/sms"]
    calls = [form for path, form in forms if path == "/call"]
    assert {form["to"] for form in texts} == {"+819012345678"}
    assert {form["to"] for form in calls} == {"+81312345678"}
    assert all(written.number in form["text"] for form in texts)
    assert all(form["twiml"].startswith('<Say language="en-US">') for form in calls)
    assert ("called", "phone", "sent") in await alerts(written)
    assert ("called", "phone", "sent") in await alerts(called)
    for secret in (written.secret, called.secret):
        assert secret not in "".join(str(form) for _, form in forms)


async def test_unanswered_message_fails_once_and_shows_on_the_page(city: Edge, server: GatewayServer) -> None:
    ticket = await city.ticket()
    await register(ticket, "090-1234-5678")
    server.fault = "cut"

    for _ in range(3):
        await deliver(city)
        city.clock.advance(seconds=60)

    assert await alerts(ticket) == [("turn_near", "phone", "failed")]
    assert len(server.asked) == 1


async def test_numbers_limit_ends_the_messages_to_it_over_several_tickets(city: Edge, server: GatewayServer) -> None:
    tickets = [await city.ticket() for _ in range(3)]
    for ticket in tickets:
        await register(ticket, "090-1234-5678", ahead=9)

    await deliver(city)

    shown = [await alerts(ticket) for ticket in tickets]
    states = sorted(state for each in shown for _, _, state in each)
    assert (states, len(server.asked)) == (["failed", "sent", "sent"], 2)


async def test_erased_number_is_not_written_to(city: Edge, server: GatewayServer) -> None:
    ticket = await city.ticket()
    await register(ticket, "090-1234-5678")
    await city.node.notifier.follow()
    await ticket.holder.delete(CONTACT)

    await deliver(city)

    assert server.asked == []
