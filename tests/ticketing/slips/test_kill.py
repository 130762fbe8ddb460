"""A server that is killed around a slip: none is printed twice, and none stays without an end."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.processes import OFFICE, Installation, Server, free_port
from tests.ticketing.slips.fake_printer import FakePrinter, fake_printer

PRINTER = """
[[office.slip.printer]]
id = "hall"
kind = "escpos"
host = "127.0.0.1"
port = {port}
wait_seconds = 60
"""
TICKETS = "/api/v1/offices/minato/tickets"


async def printed(kiosk: httpx.AsyncClient) -> dict[str, Any]:
    """A ticket whose slip was asked for."""
    ticket: dict[str, Any] = (await kiosk.post(TICKETS, json={"service": "tax"})).json()
    headers = {"Authorization": f"Bearer {ticket['secret']}"}
    answer = await kiosk.post(f"{TICKETS}/{ticket['number']}/print", json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    return ticket


async def until(server: Server, kiosk: httpx.AsyncClient, number: str, *states: str) -> str:
    async with asyncio.timeout(20):
        while True:
            state: str = (await kiosk.get(f"{server.url}{TICKETS}/{number}/print")).json()["state"]
            if state in states:
                return state
            await asyncio.sleep(0.05)


def office(folder: Path, printer: FakePrinter) -> Installation:
    return Installation.make(folder, office=OFFICE + PRINTER.format(port=printer.port))


async def test_slip_that_had_left_before_a_kill_does_not_leave_again(tmp_path: Path) -> None:
    port = free_port()
    async with fake_printer(stands_still=True) as printer:
        made = office(tmp_path, printer)
        code = await made.invite("kiosk")
        async with made.serving(port) as server:
            kiosk = await server.enrolled(code)
            token = dict(kiosk.cookies)
            ticket = await printed(kiosk)
            async with asyncio.timeout(10):
                while not printer.cuts:
                    await asyncio.sleep(0.01)
            await server.kill()

        printer.stands_still = False
        async with made.serving(port) as server:
            kiosk = server.client()
            kiosk.cookies.update(token)
            other = await printed(kiosk)

            assert await until(server, kiosk, other["number"], "printed") == "printed"
            assert await until(server, kiosk, ticket["number"], "sent", "failed") == "sent"

        # One slip for each ticket.
        assert printer.cuts == 2


async def test_slip_that_had_not_left_before_a_kill_is_printed_once(tmp_path: Path) -> None:
    port = free_port()
    async with fake_printer(is_mute=True) as printer:
        made = office(tmp_path, printer)
        code = await made.invite("kiosk")
        async with made.serving(port) as server:
            kiosk = await server.enrolled(code)
            token = dict(kiosk.cookies)
            ticket = await printed(kiosk)
            async with asyncio.timeout(10):
                while not printer.connections:
                    await asyncio.sleep(0.01)
            await server.kill()

        printer.is_mute = False
        async with made.serving(port) as server:
            kiosk = server.client()
            kiosk.cookies.update(token)

            assert await until(server, kiosk, ticket["number"], "printed", "failed") == "printed"

        assert printer.cuts == 1
