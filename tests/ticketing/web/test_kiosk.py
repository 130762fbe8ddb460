"""What the kiosk's page asks beside tickets: its sections, the code of a link, an arrival by code, a voice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.codes import text_of_code
from tests.ticketing.web.edge import OFFICE, Edge, code_of, config_in, edge_of
from ticketing.hall.office import Kiosk, KioskGroup
from ticketing.voice.ogg import packets_of

WARD = "/api/v1/offices/ward"


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    groups = (KioskGroup("home", ("residence", "tax"), {"ja": "くらし", "en": "Home"}, "house"),)
    office = replace(OFFICE, kiosk=Kiosk(groups))
    async with edge_of(config_in(tmp_path / "data", offices=(office,))) as opened:
        yield opened


async def test_office_says_how_its_kiosks_arrange_the_services(edge: Edge) -> None:
    answer = (await edge.browser().get(WARD, params={"language": "en"})).json()

    assert answer["kiosk"] == {
        "groups": [{"id": "home", "name": "Home", "icon": "house", "services": ["residence", "tax"]}],
        "prefixes": sorted({series.prefix for series in OFFICE.series}),
    }


async def test_code_of_the_link_can_be_scanned_and_leaves_no_cookie(edge: Edge) -> None:
    ticket = await edge.ticket("tax")

    answer = await ticket.holder.get("/api/v1/ticket/qr")

    cells = np.array([[int(cell) for cell in row] for row in answer.json()["rows"]], np.uint8)
    picture = np.kron(np.pad(255 - cells * 255, 4, constant_values=255), np.ones((6, 6), np.uint8))
    assert text_of_code(Image.fromarray(picture)) == f"https://junban.example/t#{ticket.secret}"
    assert answer.headers.get("set-cookie") is None
    assert answer.headers["cache-control"] == "no-store"


async def test_code_of_the_link_needs_the_secret(edge: Edge) -> None:
    assert code_of(await edge.browser().get("/api/v1/ticket/qr")) == (401, "wrong_secret")


async def test_kiosk_that_read_a_code_lets_that_ticket_arrive_and_no_other(edge: Edge) -> None:
    ticket, other, kiosk = await edge.ticket("family"), await edge.ticket("family"), await edge.device()

    def shown(secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret}"}

    path = f"{WARD}/tickets/{ticket.number}/arrive"

    foreign = await kiosk.post(path, json={}, headers=shown(other.secret))
    forged = await kiosk.post(path, json={}, headers=shown(ticket.secret[:-1] + "_"))
    own = await kiosk.post(path, json={}, headers=shown(ticket.secret))

    assert [code_of(each) for each in (foreign, forged)] == [(401, "wrong_secret")] * 2
    assert (own.status_code, own.json()["state"]) == (200, "waiting")


async def test_number_is_spoken_to_kiosks_and_staff(edge: Edge) -> None:
    kiosk, clerk = await edge.device(), await edge.staff("sato")
    path = f"{WARD}/numbers/A012/voice"

    answers = [await browser.get(path, params={"language": "en"}) for browser in (kiosk, clerk)]

    assert [(each.status_code, each.headers["content-type"]) for each in answers] == [(200, "audio/ogg")] * 2
    assert len(packets_of(answers[0].content)) > 50
    assert code_of(await edge.browser().get(path)) == (401, "not_signed_in")


@pytest.mark.parametrize("number", ["x", "A", "ABCD1", "A1٢", "A1234567890"])
async def test_what_is_no_number_is_not_spoken(edge: Edge, number: str) -> None:
    kiosk = await edge.device()

    assert code_of(await kiosk.get(f"{WARD}/numbers/{number}/voice")) == (404, "unknown_ticket")
