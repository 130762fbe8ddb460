"""An office with printers: its kiosk, and the printers that come for their jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.ticketing.slips.given import TOKEN, with_printers
from tests.ticketing.web.edge import NOW, Edge, edge_of
from ticketing.config.model import Printer

WARD = "/api/v1/offices/ward"
STAR_URL, EPSON_URL = "/printers/ward/star", "/printers/ward/epson"
POLL = {
    "status": "23 6 0 0 0 0 0 0 0 ",
    "printerMAC": "00:11:e5:06:04:ff",
    "statusCode": "200%20OK",
    "clientAction": None,
}
RESULT = """<?xml version="1.0" encoding="utf-8"?>
<PrintResponseInfo Version="2.00"><ePOSPrint><Parameter><devid>local_printer</devid>{job}</Parameter>
<PrintResponse><response xmlns="http://www.epson-pos.com/schemas/2011/03/epos-print" success="{success}" code="{code}"
status="251658262" battery="0"/></PrintResponse></ePOSPrint></PrintResponseInfo>"""


@asynccontextmanager
async def office(folder: Path, *printers: Printer) -> AsyncIterator["Office"]:
    async with edge_of(with_printers(folder, *printers)) as edge:
        yield Office(edge, await edge.device(), edge.browser())


class Office:
    """A kiosk, and printers that come for their jobs."""

    def __init__(self, edge: Edge, kiosk: httpx.AsyncClient, printer: httpx.AsyncClient) -> None:
        self.edge, self.kiosk, self.printer = edge, kiosk, printer

    async def take(self, service: str = "tax", language: str = "ja") -> dict[str, Any]:
        given = await self.kiosk.post(f"{WARD}/tickets", json={"service": service, "language": language})
        answer: dict[str, Any] = given.json()
        return answer

    async def print(self, ticket: dict[str, Any], **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {ticket['secret']}"}
        return await self.kiosk.post(f"{WARD}/tickets/{ticket['number']}/print", json=body, headers=headers)

    async def state(self, number: str) -> tuple[str, str | None, bool]:
        job = (await self.kiosk.get(f"{WARD}/tickets/{number}/print")).json()
        return job["state"], job["problem"], job["settled"]

    async def poll(self, **changes: Any) -> dict[str, Any]:
        """A Star printer asks."""
        answer = await self.printer.post(STAR_URL, json=POLL | changes, auth=("star", TOKEN))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def fetch(self, token: str, kind: str = "image/png") -> httpx.Response:
        query = {"mac": POLL["printerMAC"], "type": kind, "token": token}
        return await self.printer.get(STAR_URL, params=query, auth=("star", TOKEN))

    async def confirm(self, token: str, code: str = "200 OK") -> httpx.Response:
        return await self.printer.delete(STAR_URL, params={"token": token, "code": code}, auth=("star", TOKEN))

    async def epson(self, kind: str = "GetRequest", **fields: str) -> httpx.Response:
        return await self.printer.post(EPSON_URL, data={"ConnectionType": kind, "ID": TOKEN} | fields)

    async def epson_says(self, success: bool, code: str = "", job: str = "") -> httpx.Response:
        text = RESULT.format(success=str(success).lower(), code=code, job=job)
        return await self.epson("SetResponse", ResponseFile=text)


def job_json(number: str = "B501", **changes: Any) -> dict[str, Any]:
    usual = {
        "number": number, "copy": 1, "printer": "star", "kind": "cloudprnt", "width_mm": 80, "state": "queued",
        "problem": None, "settled": False, "asked_at": NOW,
    }  # fmt: skip
    return usual | changes
