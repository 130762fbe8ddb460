"""Web tickets arrive at the ticket machine, by number, by keys, by scanner."""

import asyncio

import pytest
from playwright.async_api import Request, Route, expect

from tests.browser import in_browser, route
from tests.journeys.kiosk_stage import (
    LANDSCAPE,
    PORTRAIT,
    in_english,
    machine,
    past_the_double_tap,
    scan,
    waiting,
    web_ticket,
)
from tests.screens.stage import Stage

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(420)]


async def test_web_ticket_arrives_by_its_number(stage: Stage) -> None:
    ticket = await web_ticket(stage)
    page = await machine(stage, PORTRAIT)

    await page.locator("#to-arrival").tap()
    keys = await page.locator("#keys .letters button").all_text_contents()
    await past_the_double_tap(page)
    for key in ticket["number"]:
        await page.get_by_test_id(f"key-{key}").tap()
    await page.locator("#arrival-button").tap()

    await expect(page.locator("#arrived-number")).to_have_text(ticket["number"])
    assert keys == list("ABCDEFGH")


async def test_arrival_says_that_it_is_being_checked_while_the_server_is_slow(stage: Stage) -> None:
    ticket = await web_ticket(stage)
    page = await machine(stage, PORTRAIT)
    answer = asyncio.Event()

    async def slowly(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    await route(page, "**/arrive", slowly)
    await page.locator("#to-arrival").tap()
    for number in ("Z999", ticket["number"]):
        answer.clear()
        await page.fill("#arrival-number", number)
        await past_the_double_tap(page)
        await page.locator("#arrival-button").tap()
        await expect(page.locator("#working-heading")).to_have_text("確認しています…")
        answer.set()
        if number == "Z999":
            await expect(page.locator("#arrival")).to_be_visible()
            await expect(page.locator("#message")).to_be_visible()
            await expect(page.locator("#arrival-number")).to_have_value(number)

    await expect(page.locator("#arrived-number")).to_have_text(ticket["number"])


async def test_web_ticket_arrives_by_keys_alone(stage: Stage) -> None:
    ticket = await web_ticket(stage)
    page = await machine(stage, PORTRAIT)

    await page.locator("#to-arrival").tap()
    for key in ticket["number"].lower():
        await page.keyboard.press(key)
    await expect(page.locator("#arrival-number")).to_have_value(ticket["number"])
    await page.keyboard.press("Enter")

    await expect(page.locator("#arrived-number")).to_have_text(ticket["number"])


@pytest.mark.parametrize("pause", [40, 200, 400])
async def test_keys_are_taken_however_fast_they_come_and_can_be_taken_back(stage: Stage, pause: int) -> None:
    page = await machine(stage, LANDSCAPE)
    await page.locator("#to-arrival").tap()

    await page.keyboard.type("A012", delay=pause)
    await expect(page.locator("#arrival-number")).to_have_value("A012")
    await page.keyboard.press("Backspace")
    await expect(page.locator("#arrival-number")).to_have_value("A01")

    await page.locator("#arrival-number").focus()
    await page.keyboard.press("Backspace")
    await expect(page.locator("#arrival-number")).to_have_value("A0")


@pytest.mark.parametrize("place", ["start", "arrival"])
async def test_web_ticket_arrives_by_its_code_and_its_secret_is_never_seen(stage: Stage, place: str) -> None:
    ticket = await web_ticket(stage)
    page = await machine(stage, LANDSCAPE)
    asked: list[Request] = []
    lines: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("console", lambda line: lines.append(line.text))
    before = {each: await waiting(stage, each) for each in ("move", "seal")}
    if place == "arrival":
        await page.locator("#to-arrival").tap()

    await scan(page, ticket["url"])

    await expect(page.locator("#arrived-number")).to_have_text(ticket["number"])
    held = await stage.server.client().get("/api/v1/ticket", headers={"Authorization": f"Bearer {ticket['secret']}"})
    assert held.json()["state"] == "waiting"
    seen = await page.content() + await page.evaluate(
        "[...document.querySelectorAll('input')].map((each) => each.value).join()"
    )
    assert ticket["secret"] not in seen + "".join(lines) + "".join(each.url for each in asked)
    # No digit of it was taken for a choice.
    assert {each: await waiting(stage, each) for each in before} == before
    # Once more is no mistake.
    await scan(page, ticket["url"])
    await expect(page.locator("#arrived-number")).to_have_text(ticket["number"])


async def test_code_of_elsewhere_of_yesterday_cancelled_or_forged_is_told_apart(stage: Stage) -> None:
    ticket, cancelled = await web_ticket(stage), await web_ticket(stage)
    headers = {"Authorization": f"Bearer {cancelled['secret']}"}
    (await stage.server.client().post("/api/v1/ticket/cancel", json={}, headers=headers)).raise_for_status()
    office, day, number, mac = ticket["secret"].split(".")
    page = await machine(stage, LANDSCAPE)
    await in_english(page)
    told = {}

    for name, secret in {
        "elsewhere": f"sakura-kita.{day}.{number}.{mac}",
        "yesterday": f"{office}.20200101.{number}.{mac}",
        "cancelled": cancelled["secret"],
        "forged": f"{office}.{day}.{number}.{'x' * 22}",
        "no ticket": "https://city.example/some/other/page",
    }.items():
        await scan(page, secret if name == "no ticket" else f"{stage.server.url}/t#{secret}")
        await expect(page.locator("#refused")).to_be_visible()
        told[name] = (await page.locator("#refused-heading").inner_text()).split(".")[0]
        await page.keyboard.press("Escape")
        await in_english(page)

    assert told == {
        "elsewhere": "This code is for another office",
        "yesterday": "This code is not of today",
        "cancelled": "This number was cancelled",
        "forged": "The code could not be read",
        "no ticket": "The code could not be read",
    }
