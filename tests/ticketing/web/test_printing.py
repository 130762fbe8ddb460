"""Slips over HTTP: kiosks, staff, and printers that fetch their jobs."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import httpx
import numpy
import pytest
from PIL import Image

from tests.ticketing.slips.fake_printer import fake_printer
from tests.ticketing.slips.given import BROWSER, EPSON, STAR, TOKEN, escpos, with_printers
from tests.ticketing.web.edge import NOW, Edge, code_of, edge_of
from ticketing.config.model import Printer
from ticketing.slips.jobs import CONFIRM_SECONDS

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


def link_on(picture: Image.Image) -> str:
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(numpy.array(picture.convert("L")))
    return str(text)


def job_json(number: str = "B501", **changes: Any) -> dict[str, Any]:
    usual = {
        "number": number, "copy": 1, "printer": "star", "kind": "cloudprnt", "width_mm": 80, "state": "queued",
        "problem": None, "settled": False, "asked_at": NOW,
    }  # fmt: skip
    return usual | changes


# The kiosk


async def test_kiosk_has_the_slip_of_its_ticket_printed_once(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket = await ward.take()

        first, again = await asyncio.gather(ward.print(ticket), ward.print(ticket))

        assert (first.json(), again.json()) == (job_json(), job_json())
        token = (await ward.poll())["jobToken"]
        await ward.fetch(token)
        assert await ward.poll() == {"jobReady": False}


async def test_only_the_kiosk_with_the_tickets_secret_has_it_printed(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket, other = await ward.take(), await ward.take()
        path, bearer = f"{WARD}/tickets/{ticket['number']}/print", {"Authorization": f"Bearer {ticket['secret']}"}

        answers = [
            await ward.edge.browser().post(path, json={}, headers=bearer),
            await ward.kiosk.post(path, json={}),
            await ward.print({"number": ticket["number"], "secret": other["secret"]}),
        ]

        assert [code_of(each) for each in answers] == [
            (401, "not_enrolled"), (401, "wrong_secret"), (401, "wrong_secret")
        ]  # fmt: skip


async def test_office_without_a_printer_says_so(tmp_path: Path) -> None:
    async with office(tmp_path) as ward:
        ticket = await ward.take()

        assert code_of(await ward.print(ticket)) == (409, "no_printer")
        assert code_of(await ward.kiosk.get(f"{WARD}/tickets/{ticket['number']}/print")) == (404, "not_printed")


async def test_kiosks_own_browser_gets_the_slip_with_the_link(tmp_path: Path) -> None:
    async with office(tmp_path, BROWSER) as ward:
        ticket = await ward.take()
        stranger, other_kiosk = ward.edge.browser(), await ward.edge.device()

        asked = await ward.print(ticket)
        picture = await ward.kiosk.get(f"{WARD}/tickets/{ticket['number']}/slip")

        expected = job_json(printer="own", kind="browser", state="sent", settled=True)
        assert asked.json() == expected
        assert picture.headers["content-type"] == "image/png"
        assert link_on(Image.open(io.BytesIO(picture.content))) == ticket["url"]
        path = f"{WARD}/tickets/{ticket['number']}/slip"
        assert [code_of(await each.get(path)) for each in (stranger, other_kiosk)] == [
            (401, "not_signed_in"), (404, "not_printed")
        ]  # fmt: skip


async def test_kiosk_tells_that_its_browser_could_not_print(tmp_path: Path) -> None:
    async with office(tmp_path, BROWSER) as ward:
        ticket = await ward.take()
        await ward.print(ticket)

        await ward.print(ticket, failed=True)

        assert await ward.state(ticket["number"]) == ("failed", "browser", True)


async def test_kiosk_prints_on_the_printer_that_names_it(tmp_path: Path) -> None:
    async with edge_of(with_printers(tmp_path, STAR)) as edge:
        kiosk = await edge.device()
        (device,) = [each for each in await edge.node.site.devices.list() if each.kind == "kiosk"]
        near = Printer(id="near", kind="browser", kiosks=(device.id,))
        edge.node.site.printing._slips = with_printers(tmp_path, STAR, near).slips
        ward, elsewhere = Office(edge, kiosk, edge.browser()), Office(edge, await edge.device(), edge.browser())

        printers = [(await each.print(await each.take())).json()["printer"] for each in (ward, elsewhere)]

        assert printers == ["near", "star"]


# Star CloudPRNT


async def test_star_printer_fetches_prints_and_confirms(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        assert await ward.poll() == {"jobReady": False}
        ticket = await ward.take()
        await ward.print(ticket)

        offer = await ward.poll()
        picture = await ward.fetch(offer["jobToken"])
        sent = await ward.state(ticket["number"])
        done = await ward.confirm(offer["jobToken"])

        token = offer["jobToken"]
        assert offer == {"jobReady": True, "mediaTypes": ["image/png"], "jobToken": token, "deleteMethod": "DELETE"}
        image = Image.open(io.BytesIO(picture.content))
        assert (image.width, image.mode, link_on(image)) == (576, "1", ticket["url"])
        assert (picture.headers["content-type"], picture.headers["x-star-cut"]) == ("image/png", "partial; feed=true")
        assert (sent, done.status_code) == (("sent", None, False), 200)
        assert await ward.state(ticket["number"]) == ("printed", None, True)


async def test_two_fetches_at_once_get_a_job_once(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        await ward.print(await ward.take())
        offers = await asyncio.gather(ward.poll(), ward.poll())

        answers = await asyncio.gather(*(ward.fetch(each["jobToken"]) for each in offers))

        assert sorted(each.status_code for each in answers) == [200, 404]


async def test_job_lost_after_it_was_sent_is_printed_again_only_by_staff(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        clerk, ticket = await ward.edge.staff("sato"), await ward.take()
        await ward.print(ticket)
        await ward.fetch((await ward.poll())["jobToken"])
        # The printer was switched off.
        ward.edge.clock.advance(seconds=CONFIRM_SECONDS)

        lost, polled = await ward.state(ticket["number"]), await ward.poll()
        again = await clerk.post(f"{WARD}/tickets/{ticket['number']}/reprint", json={})

        assert (lost, polled) == (("failed", "not_confirmed", True), {"jobReady": False})
        assert (again.json()["copy"], again.json()["state"]) == (2, "queued")
        assert (await ward.poll())["jobReady"] is True
        target = ticket["number"]
        assert await ward.edge.audit("ticket.reprint") == [
            ("staff:sato", "10.0.0.5", "ticket.reprint", target, "ward", "ok")
        ]  # fmt: skip


async def test_late_word_of_the_printer_counts(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        token = (await ward.poll())["jobToken"]
        await ward.fetch(token)
        ward.edge.clock.advance(seconds=CONFIRM_SECONDS)
        assert (await ward.state(ticket["number"]))[0] == "failed"

        await ward.confirm(token)

        assert await ward.state(ticket["number"]) == ("printed", None, True)


async def test_slip_that_nobody_fetched_in_time_is_never_printed(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        offer = await ward.poll()
        ward.edge.clock.advance(seconds=STAR.wait_seconds)

        late = await ward.fetch(offer["jobToken"])

        assert late.status_code == 404
        assert await ward.state(ticket["number"]) == ("failed", "printer_away", True)


@pytest.mark.parametrize(
    ("code", "problem"),
    [("410%20Out%20of%20paper", "paper_out"), ("420", "cover_open"), ("411", "paper_jam"), ("499", "printer_error")],
)
async def test_star_printer_in_trouble_fails_its_slips_at_once(tmp_path: Path, code: str, problem: str) -> None:
    async with office(tmp_path, STAR) as ward:
        tickets = [await ward.take(), await ward.take()]
        for ticket in tickets:
            await ward.print(ticket)
        await ward.fetch((await ward.poll())["jobToken"])

        assert await ward.poll(statusCode=code) == {"jobReady": False}

        assert [await ward.state(each["number"]) for each in tickets] == [("failed", problem, True)] * 2
        # With paper in it, it goes on with new slips, not with those.
        assert await ward.poll() == {"jobReady": False}


async def test_star_printer_that_cannot_read_the_picture_says_so(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        token = (await ward.poll())["jobToken"]
        await ward.fetch(token)

        await ward.confirm(token, "511 Media decoding error")

        assert await ward.state(ticket["number"]) == ("failed", "wrong_format", True)


async def test_star_printer_is_given_pictures_only(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        await ward.print(await ward.take())

        refused = await ward.fetch((await ward.poll())["jobToken"], "text/plain")

        assert code_of(refused) == (415, "wrong_type")
        assert (await ward.poll())["jobReady"] is True


async def test_printer_without_its_token_gets_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, STAR, EPSON) as ward:
        await ward.print(await ward.take())
        browser = ward.edge.browser()

        answers = [
            await browser.post(STAR_URL, json=POLL),
            await browser.post(STAR_URL, json=POLL, auth=("star", "wrong")),
            await browser.post(STAR_URL, json=POLL, headers={"Authorization": "Basic %%%"}),
            await browser.post("/printers/ward/none", json=POLL, auth=("star", TOKEN)),
            await browser.post("/printers/east/star", json=POLL, auth=("star", TOKEN)),
            await browser.post(EPSON_URL, data={"ConnectionType": "GetRequest", "ID": "wrong"}),
            await browser.get(EPSON_URL),
        ]

        assert [code_of(each) for each in answers] == [(401, "wrong_printer")] * 7


@pytest.mark.parametrize("body", [b"", b"{}", b'{"statusCode": null, "clientAction": [], "scale": 1}'])
async def test_star_printer_may_say_little(tmp_path: Path, body: bytes) -> None:
    async with office(tmp_path, STAR) as ward:
        answer = await ward.printer.post(STAR_URL, content=body, auth=("star", TOKEN))

        assert (answer.status_code, answer.json()) == (200, {"jobReady": False})


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"statusCode": 1}'])
async def test_what_no_star_printer_says_is_refused(tmp_path: Path, body: bytes) -> None:
    async with office(tmp_path, STAR) as ward:
        assert code_of(await ward.printer.post(STAR_URL, content=body, auth=("star", TOKEN))) == (400, "not_json")


# Epson Server Direct Print


async def test_epson_printer_fetches_prints_and_tells(tmp_path: Path) -> None:
    async with office(tmp_path, EPSON) as ward:
        assert (await ward.epson()).content == b""
        ticket = await ward.take()
        await ward.print(ticket)

        request = await ward.epson()
        assert await ward.state(ticket["number"]) == ("sent", None, False)
        (job,) = re.findall(r"<printjobid>\d+</printjobid>", request.text)
        done = await ward.epson_says(True, job=job)

        assert request.headers["content-type"] == "text/xml; charset=utf-8"
        assert link_on(bits_in(request.text)) == ticket["url"]
        assert '<cut type="feed"/>' in request.text
        assert (done.status_code, done.content) == (200, b"")
        assert await ward.state(ticket["number"]) == ("printed", None, True)


def bits_in(xml: str) -> Image.Image:
    """The picture in a request, read as the printer reads it."""
    import base64  # noqa: PLC0415

    ((width, height, data),) = re.findall(r'<image width="(\d+)" height="(\d+)"[^>]*>([^<]+)</image>', xml)
    assert int(width) == 384
    inverted = Image.frombytes("1", (int(width), int(height)), base64.b64decode(data))
    return inverted.point(lambda dot: 0 if dot else 255, "L") if inverted.mode == "L" else Image.fromarray(
        numpy.where(numpy.array(inverted), 0, 255).astype("uint8")
    )  # fmt: skip


async def test_two_epson_questions_at_once_get_a_job_once(tmp_path: Path) -> None:
    async with office(tmp_path, EPSON) as ward:
        await ward.print(await ward.take())

        answers = await asyncio.gather(*(ward.epson() for _ in range(4)))

        assert sorted(each.content != b"" for each in answers) == [False, False, False, True]


@pytest.mark.parametrize(
    ("code", "problem"),
    [("EPTR_REC_EMPTY", "paper_out"), ("EPTR_COVER_OPEN", "cover_open"), ("EX_BADPORT", "printer_error")],
)
async def test_epson_printer_tells_why_nothing_came_out(tmp_path: Path, code: str, problem: str) -> None:
    async with office(tmp_path, EPSON) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        await ward.epson()

        # A printer of an older kind does not repeat the job.
        await ward.epson_says(False, code)

        assert await ward.state(ticket["number"]) == ("failed", problem, True)
        assert (await ward.epson()).content == b""


async def test_what_no_epson_printer_says_changes_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, EPSON) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        await ward.epson()

        answers = [
            await ward.epson("SetResponse", ResponseFile="<nothing/>"),
            await ward.epson("SetStatus", Status="<statusmonitor/>"),
            await ward.epson_says(True, job="<printjobid>999999</printjobid>"),
        ]
        refused = [
            await ward.printer.post(EPSON_URL, content=each) for each in (b"\xff=\xff", b"&".join([b"a=1"] * 99))
        ]

        assert [(each.status_code, each.content) for each in answers] == [(200, b"")] * 3
        assert [code_of(each) for each in refused] == [(400, "not_a_form")] * 2
        assert await ward.state(ticket["number"]) == ("sent", None, False)


# Staff


async def test_staff_see_which_open_tickets_have_no_slip(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        clerk, ticket, given_up = await ward.edge.staff("sato"), await ward.take(), await ward.take()
        for each in (ticket, given_up):
            await ward.print(each)
        await ward.poll(statusCode="410")
        headers = {"Authorization": f"Bearer {given_up['secret']}"}
        assert (await ward.edge.browser().post("/api/v1/ticket/cancel", json={}, headers=headers)).status_code == 200

        seen = (await clerk.get(f"{WARD}/printers")).json()

        assert seen == {
            "printers": [{"id": "star", "kind": "cloudprnt", "seen_at": NOW, "problem": "paper_out"}],
            "failed": [job_json(state="failed", problem="paper_out", settled=True)],
        }


async def test_slip_of_a_ticket_given_up_is_not_printed(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        headers = {"Authorization": f"Bearer {ticket['secret']}"}
        await ward.edge.browser().post("/api/v1/ticket/cancel", json={}, headers=headers)

        assert await ward.poll() == {"jobReady": False}
        assert await ward.state(ticket["number"]) == ("void", None, True)
        assert code_of(await ward.print(ticket)) == (409, "wrong_state")


async def test_double_tap_on_reprint_prints_once(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        clerk, ticket = await ward.edge.staff("sato"), await ward.take()
        path = f"{WARD}/tickets/{ticket['number']}/reprint"

        answers = await asyncio.gather(*(clerk.post(path, json={}) for _ in range(3)))

        assert [each.json() for each in answers] == [job_json()] * 3
        assert len(await ward.edge.audit("ticket.reprint")) == 1


async def test_reprint_is_for_clerks_and_known_printers(tmp_path: Path) -> None:
    async with office(tmp_path, STAR, BROWSER) as ward:
        clerk, ticket = await ward.edge.staff("sato"), await ward.take()
        path = f"{WARD}/tickets/{ticket['number']}/reprint"

        answers = [
            await ward.kiosk.post(path, json={}),
            await clerk.post(path, json={"printer": "none"}),
            await clerk.post(path, json={"printer": "own"}),
            await clerk.post(f"{WARD}/tickets/A999/reprint", json={}),
        ]

        assert [code_of(each) for each in answers] == [
            (401, "not_signed_in"), (409, "no_printer"), (409, "no_printer"), (404, "unknown_ticket")
        ]  # fmt: skip


async def test_metrics_count_slips_and_the_service_stays_ready(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        await ward.print(await ward.take())
        ward.edge.clock.advance(seconds=STAR.wait_seconds)

        lines = (await ward.edge.browser().get("/metrics")).text.splitlines()
        ready = await ward.edge.browser().get("/readyz")

        line = 'junban_print_jobs{office="ward",printer="star",state="failed",problem="printer_away"} 1'
        assert line in lines
        assert ready.status_code == 200


async def test_no_secret_is_kept_with_a_job(tmp_path: Path) -> None:
    async with office(tmp_path, STAR) as ward:
        ticket = await ward.take()
        await ward.print(ticket)
        await ward.fetch((await ward.poll())["jobToken"])

        mac = ticket["secret"].rpartition(".")[2].encode()
        assert mac not in ward.edge.everything_written()
        assert quote(ticket["secret"]) == ticket["secret"]


# Over the network


async def test_network_printer_prints_what_the_kiosk_asks_for(tmp_path: Path) -> None:
    async with fake_printer() as printer, office(tmp_path, escpos(printer.port)) as ward:
        ward.edge.node.press.start()
        ticket = await ward.take()
        await ward.print(ticket)

        async with asyncio.timeout(10):
            while (await ward.state(ticket["number"]))[0] != "printed":
                await asyncio.sleep(0.02)
        await ward.edge.node.press.stop()

        assert printer.cuts == 1


async def test_network_printer_that_goes_away_half_way_is_not_sent_the_slip_again(tmp_path: Path) -> None:
    async with fake_printer(ends_after=200) as printer, office(tmp_path, escpos(printer.port)) as ward:
        ward.edge.node.press.start()
        ticket = await ward.take()
        await ward.print(ticket)

        async with asyncio.timeout(10):
            while not (await ward.state(ticket["number"]))[2]:
                await asyncio.sleep(0.02)
        await ward.edge.node.press.stop()

        assert await ward.state(ticket["number"]) == ("failed", "not_confirmed", True)
        assert printer.connections == 1


async def test_network_printer_that_is_switched_on_in_time_prints(tmp_path: Path) -> None:
    async with fake_printer(is_mute=True) as printer, office(tmp_path, escpos(printer.port)) as ward:
        ward.edge.node.press.start()
        ticket = await ward.take()
        await ward.print(ticket)
        async with asyncio.timeout(10):
            while printer.connections < 2:
                await asyncio.sleep(0.02)
        assert await ward.state(ticket["number"]) == ("queued", None, False)

        printer.is_mute = False

        async with asyncio.timeout(20):
            while (await ward.state(ticket["number"]))[0] != "printed":
                await asyncio.sleep(0.02)
        await ward.edge.node.press.stop()
        assert printer.cuts == 1
