"""The ticket machine while the server is slow, at fault or away: no number is lost, and none is given twice."""

import asyncio
import json
import re
import signal

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser import in_browser, route
from tests.journeys.kiosk_stage import (
    LANDSCAPE,
    PORTRAIT,
    in_english,
    issued,
    machine,
    past_the_double_tap,
    stopped,
    until_waiting,
    waiting,
)
from tests.screens.stage import API, LANGUAGES, Stage

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(420)]


async def test_blocked_websocket_only_slows_the_figures_down(stage: Stage) -> None:
    async def block(page: Page) -> None:
        await page.route_web_socket("**/live", lambda socket: socket.close())

    page = await machine(stage, LANDSCAPE, ready=block)
    count = await waiting(stage, "advice")

    await stage.take("advice")

    await expect(page.get_by_test_id("service-advice")).to_contain_text(f"{count + 1}人")
    await expect(page.locator("#away")).to_be_hidden()


async def test_refusal_is_told_to_the_visitor_who_was_refused(stage: Stage) -> None:
    page = await machine(stage, PORTRAIT, ready=lambda page: page.clock.install())
    await in_english(page)
    await page.locator("#help-contrast").tap()
    refusal = {"status": 409, "code": "service_closed", "title": "", "detail": ""}
    await route(page, "**/tickets", lambda route: route.fulfill(status=409, json=refusal))

    await page.get_by_test_id("service-seal").tap()

    told = page.locator("#message")
    await expect(told).to_have_text("Seal registration: This service takes no numbers now.")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("html")).to_have_attribute("data-contrast", "high")
    await page.clock.run_for(62_000)
    await expect(told).to_be_hidden()
    await expect(page.locator("html")).to_have_attribute("lang", "ja")


async def test_fault_of_the_server_is_told_until_it_answers_again(stage: Stage) -> None:
    page = await machine(stage, PORTRAIT)
    question = re.compile(rf"{API}\?language=")
    await route(page, question, lambda route: route.fulfill(status=500, json={"code": "internal"}))
    await stage.take("advice")
    await expect(page.locator("#message")).to_be_visible()

    await page.unroute(question)
    await stage.take("advice")

    await expect(page.locator("#message")).to_be_hidden()


async def test_language_that_came_too_late_is_not_the_next_visitors(stage: Stage) -> None:
    page = await machine(stage, PORTRAIT, ready=lambda page: page.clock.install())
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await route(page, "**/my.json", late)
    async with page.expect_request("**/my.json") as asked:
        await page.get_by_test_id("language-my").tap()
    async with page.expect_request("**/tickets") as taken:
        await page.get_by_test_id("service-seal").tap()
    await issued(page)
    # Also when a slow machine makes it a number without a slip, which stays longer.
    await page.clock.run_for(100_000)
    await expect(page.locator("#start")).to_be_visible()
    arrived.set()
    await (await asked.value).response()
    await page.clock.run_for(2_000)

    # The ticket's own page is in the language that was asked for.
    assert (await taken.value).post_data_json["language"] == "my"
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await expect(page.get_by_test_id("language-ja")).to_have_attribute("aria-pressed", "true")


async def test_languages_can_be_chosen_while_the_server_is_away(stage: Stage) -> None:
    wanted = {f"{language}.json" for language in LANGUAGES}
    come: set[str] = set()

    async def watch(page: Page) -> None:
        page.on("requestfinished", lambda request: come.add(request.url.rpartition("/")[2]))

    page = await machine(stage, PORTRAIT, ready=watch)
    async with asyncio.timeout(30):
        while not wanted <= come:
            await asyncio.sleep(0.1)
    await route(page, "**/*", lambda route: route.abort())

    await page.get_by_test_id("language-my").tap()

    await expect(page.locator("html")).to_have_attribute("lang", "my")


async def touch_unheard(stage: Stage, page: Page, button: str) -> None:
    """The server has stopped listening, and the page does not know it yet."""
    stage.server.process.send_signal(signal.SIGSTOP)
    await page.get_by_test_id(button).tap()
    await expect(page.locator("#working")).to_be_visible()


async def test_server_that_comes_back_gives_the_number_and_no_second_one(stage: Stage) -> None:
    before = await waiting(stage, "seal")
    page = await machine(stage, LANDSCAPE)

    await touch_unheard(stage, page, "service-seal")
    async with stopped(stage):
        await expect(page.locator("#give-up")).to_be_visible()
        assert await page.locator("#issued-number").inner_text() == ""
    number = await issued(page)

    assert number.startswith("D")
    assert await waiting(stage, "seal") == before + 1
    await past_the_double_tap(page)
    await page.locator("#done").tap()
    await expect(page.get_by_test_id("service-seal")).to_contain_text(f"{before + 1}人")


async def test_visitor_who_gave_up_leaves_no_number_behind(stage: Stage) -> None:
    before = await waiting(stage, "seal")
    page = await machine(stage, LANDSCAPE)

    await touch_unheard(stage, page, "service-seal")
    async with stopped(stage):
        await expect(page.locator("#give-up")).to_be_visible()
        await past_the_double_tap(page)
        await page.locator("#give-up").tap()
        await expect(page.locator("#start")).to_be_visible()
    await page.wait_for_function(
        "() => localStorage.length === 0 || !localStorage['junban.kiosk.unanswered']", timeout=40_000
    )

    assert await waiting(stage, "seal") == before


async def test_touch_without_an_answer_is_settled_after_a_reload(stage: Stage) -> None:
    before = await waiting(stage, "seal")
    page = await machine(stage, LANDSCAPE)
    secrets: list[str] = []

    async def swallow(route: Route) -> None:
        """The number is made, and the answer never comes."""
        if secrets:
            await route.continue_()
        else:
            secrets.append((await (await route.fetch()).json())["secret"])

    await route(page, "**/tickets", swallow)
    await page.get_by_test_id("service-seal").tap()
    await until_waiting(stage, "seal", before + 1)
    kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    await page.reload()

    await until_waiting(stage, "seal", before)
    assert "junban.kiosk.unanswered" in json.loads(kept)[0]
    assert [secret for secret in secrets if secret in kept] == []
    await page.wait_for_function("() => !localStorage['junban.kiosk.unanswered']")
