"""How a visitor registers a phone number, and how long the way takes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.ticketing.web.edge import MAIL, OFFICE, START, Edge, code_of, config_in, edge_of, problem, text_event
from ticketing.config.model import Gateway, Phone, Security
from ticketing.hall import events as ev

TICKET = "/api/v1/ticket"
NUMBER = "+819012345678"
SMS = {"channel": "phone", "address": "０９０－１２３４－５６７８", "consent": True}
CALL = {**SMS, "address": "03-1234-5678", "voice": True}
GATEWAY = Gateway(url="http://127.0.0.1:9/", form={"to": "{to}", "text": "{text}"})
PHONE = Phone(enabled=True, provider="Example Telecom", approval="2026-3", sms=GATEWAY, voice=GATEWAY)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Edge]:
    """Everything is on, the phone too."""
    async with edge_of(config_in(tmp_path / "city", phone=PHONE)) as edge:
        yield edge


async def kept(edge: Edge, number: str) -> list[tuple[str, str, int | None, int | None]]:
    contacts = await edge.node.site.contacts.get("ward", START.date(), number)
    return [(each.channel, each.address, each.ahead, each.minutes) for each in contacts]


async def thresholds(edge: Edge) -> list[tuple[int | None, int | None]]:
    """Of every request for an alert in the journal."""
    events = [each.event for each in await edge.node.site.journal.read("ward", 0, 100)]
    return [(each.ahead, each.minutes) for each in events if isinstance(each, ev.AlertRequested)]


# The number


async def test_number_is_answered_masked_and_kept_in_one_form(city: Edge) -> None:
    ticket = await city.ticket()

    answer = await ticket.holder.put(TICKET + "/contact", json=SMS)

    assert (answer.status_code, answer.json()) == (
        200, {"channel": "phone", "masked": "***678", "ahead": None, "minutes": None},
    )  # fmt: skip
    assert await kept(city, ticket.number) == [("phone", NUMBER, None, None)]
    assert [each["channel"] for each in (await ticket.holder.get(TICKET)).json()["contacts"]] == ["phone"]


async def test_call_takes_the_place_of_the_text_message(city: Edge) -> None:
    ticket = await city.ticket()
    await ticket.holder.put(TICKET + "/contact", json=SMS)

    answer = await ticket.holder.put(TICKET + "/contact", json=CALL)

    assert (answer.status_code, answer.json()["masked"]) == (200, "***678")
    assert await kept(city, ticket.number) == [("phone", "voice:+81312345678", None, None)]


async def test_number_is_nowhere_but_in_its_sealed_place(city: Edge, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    ticket = await city.ticket()

    answers = [
        await ticket.holder.put(TICKET + "/contact", json=SMS),
        await ticket.holder.get(TICKET),
        await ticket.holder.put(TICKET + "/contact", json={**SMS, "address": "0570-345-678"}),
        await city.browser().get("/api/v1/offices/ward"),
    ]

    written = city.everything_written() + caplog.text.encode() + b"".join(each.content for each in answers)
    assert [each.status_code for each in answers] == [200, 200, 422, 200]
    for form in (NUMBER[3:], "0" + NUMBER[3:], SMS["address"], "0570-345-678"):
        assert str(form).encode() not in written


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"address": "110"}, 422, "bad_number"),
        ({"address": "0570-000-123"}, 422, "bad_number"),
        ({"address": MAIL}, 422, "bad_number"),
        ({"address": "03-1234-5678"}, 422, "not_mobile"),
        ({"address": "+886 912 345 678"}, 422, "foreign_number"),
        ({"consent": False}, 422, "consent_needed"),
        ({"voice": 1}, 422, "wrong_field"),
        ({"voice": None}, 422, "wrong_field"),
        ({"channel": "email", "address": MAIL, "voice": True}, 422, "wrong_field"),
    ],
)
async def test_number_that_cannot_be_taken_is_refused(
    city: Edge, change: dict[str, object], status: int, code: str
) -> None:
    ticket = await city.ticket()

    answer = await ticket.holder.put(TICKET + "/contact", json={**SMS, **change})

    assert code_of(answer) == (status, code)
    assert await city.node.site.contacts.days() == []


async def test_foreign_number_is_taken_where_it_is_configured(tmp_path: Path) -> None:
    phone = replace(PHONE, countries=("JP", "TW"))
    async with edge_of(config_in(tmp_path / "data", phone=phone)) as edge:
        ticket = await edge.ticket()
        await ticket.holder.put(TICKET + "/contact", json={**SMS, "address": "+886 912 345 678"})

        assert await kept(edge, ticket.number) == [("phone", "+886912345678", None, None)]


@pytest.mark.parametrize(
    ("phone", "texts", "calls"),
    [
        (replace(PHONE, enabled=False), False, False),
        (replace(PHONE, voice=Gateway()), True, False),
        (replace(PHONE, sms=Gateway()), False, True),
        (PHONE, True, True),
    ],
)
async def test_only_what_has_a_gateway_is_offered_and_taken(
    tmp_path: Path, phone: Phone, texts: bool, calls: bool
) -> None:
    async with edge_of(config_in(tmp_path / "data", phone=phone)) as edge:
        ticket = await edge.ticket()
        offer = (await edge.browser().get("/api/v1/offices/ward")).json()["contacts"]
        answers = [await ticket.holder.put(TICKET + "/contact", json=body) for body in (SMS, CALL)]

    assert [offer[key] for key in ("phone", "sms", "voice", "phone_provider")] == [
        texts or calls,
        texts,
        calls,
        "Example Telecom" if texts or calls else None,
    ]
    off = problem(422, "channel_off", "Messages of this kind are not offered here.")
    assert [each.status_code for each in answers] == [200 if texts else 422, 200 if calls else 422]
    assert [each.json() for each in answers if each.status_code == 422] == [off] * (2 - texts - calls)


# In bulk


async def test_numbers_are_limited_for_each_address(tmp_path: Path) -> None:
    phone = replace(PHONE, registrations_per_address_hour=3)
    async with edge_of(config_in(tmp_path / "data", phone=phone)) as edge:
        tickets = [await edge.ticket() for _ in range(5)]
        first = [await each.holder.put(TICKET + "/contact", json=SMS) for each in tickets[:4]]
        mail = await tickets[3].holder.put(TICKET + "/contact", json={**SMS, "channel": "email", "address": MAIL})
        elsewhere = edge.browser("192.0.2.8", Authorization=f"Bearer {tickets[4].secret}")
        other = await elsewhere.put(TICKET + "/contact", json=SMS)
        edge.clock.advance(seconds=1200)
        later = await tickets[3].holder.put(TICKET + "/contact", json=SMS)

        assert [each.status_code for each in first] == [200, 200, 200, 429]
        assert (code_of(first[3]), first[3].headers["retry-after"]) == ((429, "too_many"), "1200")
        assert [each.status_code for each in (mail, other, later)] == [200, 200, 200]


async def test_a_number_that_is_none_costs_nothing_of_the_limit(tmp_path: Path) -> None:
    phone = replace(PHONE, registrations_per_address_hour=1)
    async with edge_of(config_in(tmp_path / "data", phone=phone)) as edge:
        ticket = await edge.ticket()
        wrong = await ticket.holder.put(TICKET + "/contact", json={**SMS, "address": "090"})
        right = await ticket.holder.put(TICKET + "/contact", json=SMS)

    assert [each.status_code for each in (wrong, right)] == [422, 200]


async def test_contacts_of_every_kind_are_limited_for_each_address(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    security = Security(folder / "keys", folder / "master.key", folder / "signing.key", tickets_per_address_hour=2)
    async with edge_of(config_in(folder, security=security)) as edge:
        tickets = [await edge.ticket() for _ in range(2)]
        body = {"channel": "email", "address": MAIL, "consent": True}
        mails = [await tickets[n % 2].holder.put(TICKET + "/contact", json=body) for n in range(5)]
        line = await tickets[0].holder.post(TICKET + "/line-link", json={"consent": True})

    assert [each.status_code for each in mails] == [200, 200, 200, 200, 429]
    assert code_of(line) == (429, "too_many")


# The way here


@pytest.mark.parametrize(
    ("wish", "kept_thresholds", "alert"),
    [
        # The service's three people stay, and its minutes, or five, come on top of the way.
        ({"travel_minutes": 25}, (3, 30), (3, 30)),
        ({"travel_minutes": 0}, (3, 5), (3, 5)),
        ({"travel_minutes": 180}, (3, 185), (3, 185)),
        ({"travel_minutes": 25, "minutes": 10}, (None, 30), (None, 30)),
        ({"travel_minutes": 25, "minutes": 45}, (None, 45), (None, 45)),
        ({"travel_minutes": 25, "ahead": 8}, (8, 30), (8, 30)),
        ({"travel_minutes": None, "minutes": 10}, (None, 10), (None, 10)),
        ({"travel_minutes": None}, (None, None), (3, None)),
    ],
)
async def test_way_here_is_reckoned_into_the_minutes(
    edge: Edge, wish: dict[str, Any], kept_thresholds: tuple[int | None, int | None], alert: tuple[int | None, int]
) -> None:
    ticket = await edge.ticket()

    answer = await ticket.holder.put(
        TICKET + "/contact", json={"channel": "email", "address": MAIL, "consent": True, **wish}
    )

    assert (answer.json()["ahead"], answer.json()["minutes"]) == kept_thresholds
    assert await thresholds(edge) == [alert]


async def test_way_here_is_added_to_the_services_own_minutes(tmp_path: Path) -> None:
    services = tuple(replace(each, alert_minutes=15, alert_ahead=7) for each in OFFICE.services)
    async with edge_of(config_in(tmp_path / "data", offices=(replace(OFFICE, services=services),))) as edge:
        ticket = await edge.ticket()
        await ticket.holder.put(
            TICKET + "/contact", json={"channel": "email", "address": MAIL, "consent": True, "travel_minutes": 20}
        )

        assert await thresholds(edge) == [(7, 35)]


async def test_line_link_takes_the_way_too(edge: Edge) -> None:
    ticket = await edge.ticket()
    link = await ticket.holder.post(TICKET + "/line-link", json={"consent": True, "travel_minutes": 25})

    await edge.line(text_event(link.json()["code"]))

    assert await thresholds(edge) == [(3, 30)]


@pytest.mark.parametrize("minutes", [-1, 181, 2.5, "20"])
async def test_way_that_is_none_is_refused(edge: Edge, minutes: object) -> None:
    ticket = await edge.ticket()

    answer = await ticket.holder.put(TICKET + "/contact", json={**SMS, "travel_minutes": minutes})

    assert code_of(answer) == (422, "wrong_field")
