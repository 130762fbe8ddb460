"""Printers that fetch their jobs over HTTP: Star CloudPRNT and Epson Server Direct Print."""

import asyncio
import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.codes import text_of_code
from tests.ticketing.slips.given import EPSON, STAR, TOKEN
from tests.ticketing.web.edge import code_of
from tests.ticketing.web.printing_given import (
    EPSON_URL,
    POLL,
    STAR_URL,
    WARD,
    office,
)
from ticketing.slips.jobs import CONFIRM_SECONDS

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
        assert (image.width, image.mode, text_of_code(image)) == (576, "1", ticket["url"])
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
        assert text_of_code(bits_in(request.text)) == ticket["url"]
        assert '<cut type="feed"/>' in request.text
        assert (done.status_code, done.content) == (200, b"")
        assert await ward.state(ticket["number"]) == ("printed", None, True)


def bits_in(xml: str) -> Image.Image:
    """The picture in a request, read as the printer reads it."""
    ((width, height, data),) = re.findall(r'<image width="(\d+)" height="(\d+)"[^>]*>([^<]+)</image>', xml)
    assert int(width) == 384
    dots = Image.frombytes("1", (int(width), int(height)), base64.b64decode(data))
    return ImageOps.invert(dots.convert("L"))


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
