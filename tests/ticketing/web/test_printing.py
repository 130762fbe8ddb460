"""Slips over HTTP: what kiosks and staff have printed, also over the network."""

import asyncio
import io
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from tests.codes import text_of_code
from tests.ticketing.slips.fake_printer import fake_printer
from tests.ticketing.slips.given import BROWSER, STAR, escpos, with_printers
from tests.ticketing.web.edge import NOW, code_of, edge_of
from tests.ticketing.web.printing_given import (
    WARD,
    Office,
    job_json,
    office,
)
from ticketing.config.model import Printer

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
        assert text_of_code(Image.open(io.BytesIO(picture.content))) == ticket["url"]
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
