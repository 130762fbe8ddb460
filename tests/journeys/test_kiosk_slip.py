"""Slips at the ticket machine: none comes out, and the visitor notes the number or gives it up."""

import asyncio

import pytest
from PIL import Image
from playwright.async_api import Page, Route, expect

from tests.browser import in_browser, route
from tests.journeys.kiosk_stage import (
    PORTRAIT,
    both_sizes,
    machine,
    middle,
    past_the_double_tap,
    stopped,
    until_waiting,
    waiting,
)
from tests.screens import kiosk as states
from tests.screens.stage import Look, Stage
from ticketing.slips.raster import as_png

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(420)]

FAILED = {"state": "failed", "problem": "no_paper", "settled": True, "kind": "escpos", "width_mm": 80}
#: What is on the page whenever the browser prints.
PRINTER = """
globalThis.printed = [];
window.print = () => printed.push([...document.querySelectorAll("#slip-to-print")].map((each) => each.alt));
"""
PICTURE = as_png(Image.new("1", (8, 8)))
#: What lies in a box, looked at in many places.
WITHIN = """([x, y, width, height]) => [0.02, 0.25, 0.5, 0.75, 0.98].flatMap((i) => [0.05, 0.25, 0.5, 0.75, 0.95].map(
  (j) => document.elementFromPoint(x + width * i, y + height * j)?.closest("[id]")?.id))"""


@both_sizes
@pytest.mark.parametrize("language", ["ja", "my"])
async def test_touch_meant_for_done_gives_no_number_up(stage: Stage, look: Look, language: str) -> None:
    before = await waiting(stage, "seal")
    page = await states.start(stage, Look(look.width, look.height, language, touch=True))
    tried = asyncio.Event()

    async def fail_late(route: Route) -> None:
        await tried.wait()
        await route.fulfill(json=FAILED)

    await route(page, "**/print", fail_late)
    await states.take(page)
    await expect(page.locator(".qr")).to_be_visible()
    await past_the_double_tap(page)
    box = await page.locator("#done").bounding_box()
    assert box
    tried.set()
    await expect(page.locator("#slip-failed")).to_be_visible()
    await page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    await past_the_double_tap(page)
    await expect(page.locator("#slip-noted")).to_be_visible()
    there = await page.evaluate(WITHIN, [box["x"], box["y"], box["width"], box["height"]])
    assert "slip-give-up" not in there
    await page.locator("#slip-noted").tap()
    await expect(page.locator("#start")).to_be_visible()
    assert await waiting(stage, "seal") == before + 1


async def no_slip(stage: Stage) -> Page:
    page = await machine(stage, PORTRAIT)
    await route(page, "**/print", lambda route: route.fulfill(json=FAILED))
    await page.get_by_test_id("service-seal").tap()
    await expect(page.locator("#slip-failed")).to_be_visible()
    await past_the_double_tap(page)
    return page


async def test_number_is_given_up_when_that_was_touched_twice(stage: Stage) -> None:
    before = await waiting(stage, "seal")
    page = await no_slip(stage)

    give_up = await middle(page.locator("#slip-give-up"))
    await page.touchscreen.tap(*give_up)
    await page.touchscreen.tap(*give_up)
    await past_the_double_tap(page)
    await page.touchscreen.tap(*give_up)
    await page.locator("#slip-keep").tap()
    await past_the_double_tap(page)
    assert await waiting(stage, "seal") == before + 1
    await page.locator("#slip-give-up").tap()
    await past_the_double_tap(page)
    await page.locator("#slip-cancel").tap()

    await expect(page.locator("#start")).to_be_visible()
    await until_waiting(stage, "seal", before)


async def test_number_given_up_while_the_server_is_away_is_cancelled_also_after_a_reload(stage: Stage) -> None:
    before = await waiting(stage, "seal")
    page = await no_slip(stage)

    async with stopped(stage):
        await page.locator("#slip-give-up").tap()
        await past_the_double_tap(page)
        await page.locator("#slip-cancel").tap()
        await expect(page.locator("#start")).to_be_visible()
        address = page.url
        await page.goto("about:blank")
    await page.goto(address)

    await until_waiting(stage, "seal", before)
    await page.wait_for_function("() => !localStorage['junban.kiosk.unanswered']")


async def test_words_about_the_slip_follow_the_language(stage: Stage) -> None:
    page = await no_slip(stage)

    await page.get_by_test_id("language-en").tap()

    await expect(page.locator("#slip-failed")).to_contain_text("Your slip could not be printed")
    await expect(page.locator("#slip-noted")).to_have_text("I have noted it")


async def test_each_slip_is_printed_by_itself_also_when_pictures_come_late(stage: Stage) -> None:
    page = await machine(stage, PORTRAIT, PRINTER)
    job = {"state": "sent", "problem": None, "settled": True, "kind": "browser", "width_mm": 80}
    await route(page, "**/print", lambda route: route.fulfill(json=job))
    late = asyncio.Event()

    async def draw_late(route: Route) -> None:
        await late.wait()
        await route.fulfill(body=PICTURE, content_type="image/png")

    await route(page, "**/slip", draw_late)
    for _ in range(2):
        async with page.expect_request("**/slip"):
            await page.get_by_test_id("service-seal").tap()
        await past_the_double_tap(page)
        await page.locator("#done").tap()
        await past_the_double_tap(page)

    late.set()
    await page.wait_for_function("() => printed.flat().length >= 2")

    assert [len(slips) for slips in await page.evaluate("printed")] == [1, 1]
    await expect(page.locator("#slip-to-print")).to_have_count(0)
