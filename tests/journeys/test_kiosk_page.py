"""Visitors at the ticket machine: by touch, by keys, with help and speech, in all languages."""

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser import in_browser, route, shut
from tests.journeys.kiosk_stage import (
    LANDSCAPE,
    PORTRAIT,
    both_sizes,
    flaws_left,
    flaws_seen,
    in_english,
    issued,
    machine,
    middle,
    past_the_double_tap,
    read_code,
    waiting,
)
from tests.screens import kiosk as states
from tests.screens.stage import LANGUAGES, Look, Stage

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(420)]

#: Voices of this machine for Japanese and English, and one of a cloud for Burmese; what is said is written down.
VOICES = """
globalThis.said = [];
const voices = [["ja-JP", true], ["en-US", true], ["my-MM", false]].map(
  ([lang, localService]) => ({ lang, localService }));
globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(globalThis, "speechSynthesis", { value: Object.assign(new EventTarget(), {
  getVoices: () => voices, cancel: () => {}, speak: (one) => said.push([one.lang, one.text]) }) });
"""
NO_VOICES = "Object.defineProperty(globalThis, 'speechSynthesis', { value: undefined });"
#: Where everything lies that can be touched.
BOXES = """[...document.querySelectorAll("button")].filter((each) => each.getClientRects().length).map(
  (each) => JSON.stringify([each.id || each.dataset.testid, each.getBoundingClientRect()]))"""
#: A clock ten years ahead.
WRONG_CLOCK = "const now = Date.now; Date.now = () => now() + 315e9;"


@both_sizes
async def test_one_touch_gives_a_number_whose_code_opens_the_ticket_on_a_phone(stage: Stage, look: Look) -> None:
    page = await machine(stage, look)

    await page.get_by_test_id("service-seal").tap()
    number = await issued(page)
    await expect(page.locator(".qr")).to_be_visible()
    link = await read_code(page.locator(".qr"))

    assert link.startswith(f"{stage.server.url}/t#")
    held = await stage.server.client().get(
        "/api/v1/ticket", headers={"Authorization": f"Bearer {link.rpartition('#')[2]}"}
    )
    assert held.json()["number"] == number
    await expect(page.locator("#issued-facts")).to_contain_text("1・2・3")
    await past_the_double_tap(page)
    await page.locator("#done").tap()
    await expect(page.locator("#start")).to_be_visible()
    assert await page.locator("#issued-number").inner_text() == ""
    await expect(page.locator(".qr")).to_have_count(0)


@both_sizes
async def test_nothing_scrolls_or_is_cut_in_nine_languages(stage: Stage, look: Look) -> None:
    page = await machine(stage, look)
    found = {}

    for language in LANGUAGES:
        await states.in_language(page, language)
        await expect(page.locator("#services .service").first).to_be_visible()
        found[language] = await flaws_left(page)

    assert found == {language: [] for language in LANGUAGES}


@both_sizes
@pytest.mark.parametrize("change", [states.twelve, states.twenty], ids=["12", "20"])
async def test_more_services_do_not_scroll_either(stage: Stage, look: Look, change: object) -> None:
    found = {}
    for language in ("ja", "my", "ja-x-easy"):
        looked = Look(look.width, look.height, language)
        page = await states.start(stage, looked, change)  # type: ignore[arg-type]
        kind = await page.locator("#services").get_attribute("data-kind")
        found[language] = await flaws_left(page), kind == "groups" or change is states.twelve
        await shut(page.context)

    assert found == {language: ([], True) for language in found}


@both_sizes
async def test_no_picture_is_wrong_while_the_language_changes_under_a_finger(stage: Stage, look: Look) -> None:
    page = await states.start(stage, look, states.twelve)
    watched = asyncio.create_task(flaws_seen(page, 2000))
    x, y = await middle(page.get_by_test_id("language-ja-x-easy"))

    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.up()
    await page.mouse.down()

    assert await watched == []
    await expect(page.locator("html")).to_have_attribute("lang", "ja-x-easy")


async def test_what_was_said_follows_the_language(stage: Stage) -> None:
    page = await states.start(stage, LANDSCAPE, states.some_closed)
    await page.get_by_test_id("service-move").tap(force=True)
    await expect(page.locator("#message")).to_contain_text("本日分の受付終了")

    await past_the_double_tap(page)
    await in_english(page)

    await expect(page.locator("#message")).to_have_text("Moving in, out or within the ward: Full for today")


async def test_many_services_take_two_touches(stage: Stage) -> None:
    page = await states.start(stage, Look(1280, 800, touch=True), states.twenty)

    # The second tap of a double tap is not taken for the choice of a service.
    await page.get_by_test_id("group-papers").dblclick()
    await expect(page.get_by_test_id("service-seal")).to_be_visible()
    await expect(page.locator("#start")).to_be_visible()
    await past_the_double_tap(page)
    await page.get_by_test_id("service-seal").tap()

    assert (await issued(page)).startswith("D")


def forty(body: dict[str, object]) -> None:
    services: list[dict[str, object]] = body["services"]  # type: ignore[assignment]
    group: dict[str, list[str]] = body["kiosk"]["groups"][0]  # type: ignore[index]
    for index in range(32):
        services.append({**services[1], "id": f"more-{index}"})
        group["services"].append(f"more-{index}")


async def tap_twice(page: Page, target: Locator) -> None:
    x, y = await middle(target)
    await page.touchscreen.tap(x, y)
    await page.wait_for_timeout(100)
    await page.touchscreen.tap(x, y)


@both_sizes
async def test_double_tap_chooses_a_group_and_nothing_in_it(stage: Stage, look: Look) -> None:
    page = await states.start(stage, look, states.twenty)

    for _ in range(3):
        await past_the_double_tap(page)
        await tap_twice(page, page.get_by_test_id("group-papers"))
        await past_the_double_tap(page)
        await expect(page.locator("#start")).to_be_visible()
        await expect(page.get_by_test_id("service-seal")).to_be_visible()
        await tap_twice(page, page.locator("#to-groups"))
        await past_the_double_tap(page)
        await expect(page.locator("#start")).to_be_visible()
        await expect(page.get_by_test_id("group-papers")).to_be_visible()


async def test_every_page_can_be_turned_to(stage: Stage) -> None:
    page = await states.start(stage, LANDSCAPE, forty)
    await past_the_double_tap(page)
    await page.locator(".group-tile").first.tap()
    seen = set()

    for _ in range(4):
        await past_the_double_tap(page)
        seen |= set(
            await page.locator("#services .service").evaluate_all("all => all.map((each) => each.dataset.service)")
        )
        if await page.locator("#page-on").is_disabled():
            break
        await page.locator("#page-on").tap()

    assert {f"more-{index}" for index in range(32)} <= seen


async def test_double_tap_turns_one_page(stage: Stage) -> None:
    page = await states.start(stage, LANDSCAPE, forty)
    await past_the_double_tap(page)
    await page.locator(".group-tile").first.tap()
    await expect(page.locator("#page-count")).to_contain_text("1／")
    await past_the_double_tap(page)

    await tap_twice(page, page.locator("#page-on"))

    await past_the_double_tap(page)
    await expect(page.locator("#page-count")).to_contain_text("2／")


@pytest.mark.parametrize("language", ["ja", "my"])
@both_sizes
async def test_every_target_is_low_in_low_reach(stage: Stage, look: Look, language: str) -> None:
    looked = Look(look.width, look.height, language)
    found = {}
    for name, reach in (
        ("start", states.start),
        ("issued", states.issued),
        ("no_slip", states.no_slip),
        ("arrival", states.arrival),
    ):
        page = await reach(stage, looked)
        await page.click("#help-low")
        found[name] = await flaws_left(page)
        if name == "start":
            await page.click("#help-large")
            found["large"] = await flaws_left(page)
        await shut(page.context)

    assert found == {name: [] for name in found}


async def test_double_tap_gives_one_ticket_also_while_the_server_is_slow(stage: Stage) -> None:
    before = await waiting(stage, "seal")
    page = await machine(stage, LANDSCAPE)

    async def slowly(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await route(page, "**/tickets", slowly)
    box = await page.get_by_test_id("service-seal").bounding_box()
    assert box
    for _ in range(4):
        await page.touchscreen.tap(box["x"] + 20, box["y"] + 20)
    await issued(page)

    assert await waiting(stage, "seal") == before + 1


async def test_double_tap_on_done_takes_no_ticket(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE)
    await page.get_by_test_id("service-seal").tap()
    await issued(page)
    before = {each: await waiting(stage, each) for each in ("seal", "child-allowance", "certificates")}
    await past_the_double_tap(page)

    await page.locator("#done").dblclick()
    await expect(page.locator("#start")).to_be_visible()

    await past_the_double_tap(page)
    await expect(page.locator("#start")).to_be_visible()
    assert {each: await waiting(stage, each) for each in before} == before


async def test_two_machines_give_two_numbers_at_once(stage: Stage) -> None:
    pages = [await machine(stage, LANDSCAPE), await machine(stage, PORTRAIT)]

    await asyncio.gather(*(page.get_by_test_id("service-seal").tap() for page in pages))
    numbers = [await issued(page) for page in pages]

    assert len(set(numbers)) == 2


async def test_keyboard_alone_is_enough(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE)

    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("service-move")).to_be_focused()
    digit = await page.get_by_test_id("service-seal").get_attribute("data-digit")
    shown = "getComputedStyle(document.querySelector('[data-testid=service-seal]'), '::after').content"
    assert await page.evaluate(shown) == f'"{digit}"'
    await page.keyboard.press(str(digit))
    assert (await issued(page)).startswith("D")
    await page.keyboard.press("Escape")
    await expect(page.locator("#start-heading")).to_be_focused()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        await page.keyboard.press(key)
    assert (await issued(page)).startswith("C")


async def test_closed_services_say_why_and_when_they_open(stage: Stage) -> None:
    page = await states.start(stage, Look(1280, 800, "en"), states.some_closed)
    tile = page.get_by_test_id("service-health-insurance")

    await expect(tile).to_have_attribute("aria-disabled", "true")
    await expect(tile).to_contain_text("Opens at 13:00.")
    await expect(page.get_by_test_id("service-move")).to_contain_text("Full for today")
    await tile.click(force=True)

    await expect(page.locator("#message")).to_contain_text("Opens at 13:00.")
    await expect(page.locator("#start")).to_be_visible()


@both_sizes
@pytest.mark.parametrize("language", ["ja", "my"])
async def test_nothing_moves_when_something_is_said_and_when_it_goes(stage: Stage, look: Look, language: str) -> None:
    page = await states.start(stage, Look(look.width, look.height, language, touch=True), states.some_closed)
    assert await flaws_left(page) == []
    before = await page.evaluate(BOXES)

    await page.locator("[data-service][data-closed]").first.tap(force=True)
    await expect(page.locator("#message")).to_be_visible()
    said = await page.evaluate(BOXES)
    await expect(page.locator("#message")).to_be_hidden()

    assert said == before
    assert await page.evaluate(BOXES) == before


@pytest.mark.parametrize("closed", [states.closed_for_days, states.day_ended])
async def test_service_that_opens_on_another_day_says_which(
    stage: Stage, closed: Callable[[dict[str, object]], None]
) -> None:
    page = await states.start(stage, Look(1280, 800, "en"), closed)

    await expect(page.get_by_test_id("service-seal")).to_contain_text("Opens on Thu, November 28 at 13:30.")


async def test_help_holds_for_one_visit_and_no_longer(stage: Stage) -> None:
    page = await machine(stage, PORTRAIT)
    await in_english(page)
    for button in ("low", "large", "contrast"):
        await page.locator(f"#help-{button}").tap()
    # So large and low, there are groups or pages.
    await past_the_double_tap(page)
    await page.locator("#services .service").first.tap()
    if await page.locator("#to-groups").is_visible():
        await past_the_double_tap(page)
        await page.locator("#services .service").first.tap()
    await issued(page)
    marks = ["data-reach", "data-letters", "data-contrast"]
    assert [await page.locator("html").get_attribute(each) for each in marks] == ["low", "large", "high"]

    await past_the_double_tap(page)
    await page.locator("#done").tap()

    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert [await page.locator("html").get_attribute(each) for each in marks] == [None, None, None]


async def test_start_comes_back_by_itself_and_can_be_kept(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE, ready=lambda page: page.clock.install())
    await page.get_by_test_id("service-seal").tap()
    await issued(page)
    await expect(page.locator("#returns-text")).to_contain_text("30秒")

    await page.clock.run_for(20_000)
    await expect(page.locator("#issued")).to_be_visible()
    await page.locator("#longer").tap()
    await page.clock.run_for(100_000)
    await expect(page.locator("#issued")).to_be_visible()
    await page.clock.run_for(25_000)

    await expect(page.locator("#start")).to_be_visible()


async def test_start_goes_back_to_how_it_was_and_loses_no_touch_at_that_moment(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE, ready=lambda page: page.clock.install())
    await in_english(page)
    await page.locator("#help-contrast").tap()
    await page.clock.run_for(57_000)
    # Only now: what came from the server meanwhile may have moved it.
    await expect(page.get_by_test_id("service-seal")).to_be_visible()
    box = await page.get_by_test_id("service-seal").bounding_box()
    assert box
    await page.mouse.move(box["x"] + 30, box["y"] + 30)
    await page.mouse.down()
    await page.clock.run_for(5_000)
    await page.mouse.up()
    assert (await issued(page)).startswith("D")

    await page.clock.run_for(130_000)

    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await expect(page.locator("#start")).to_be_visible()
    assert await page.locator("html").get_attribute("data-contrast") is None


async def test_wrong_clock_does_no_harm(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE, script=WRONG_CLOCK)

    await page.get_by_test_id("service-seal").tap()

    assert (await issued(page)).startswith("D")
    await expect(page.locator("#away")).to_be_hidden()
    await expect(page.locator("#returns-text")).to_contain_text("秒")


async def test_speech_tells_the_screen_and_where_the_focus_goes(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE, script=VOICES)
    await in_english(page)

    await page.keyboard.press("*")
    await expect(page.locator("#help-speech")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("ArrowDown")
    await page.wait_for_function("() => said.length === 2")
    await page.keyboard.press("Enter")
    number = await issued(page)
    await page.wait_for_function("() => said.at(-1)[1].includes('Your number')")
    said = await page.evaluate("said")

    assert said[0] == ["en-US", "What do you need? Please touch a button"]
    assert said[1][1].startswith("Moving in, out or within the ward Waiting ")
    assert " ".join(number) in said[-1][1]
    assert {lang for lang, _ in said} == {"en-US"}


async def test_speech_is_offered_only_where_something_on_this_machine_or_the_server_speaks(stage: Stage) -> None:
    page = await machine(stage, LANDSCAPE, script=VOICES)
    await expect(page.locator("#help-speech-name")).to_have_text("音声案内")
    await page.get_by_test_id("language-my").tap()
    # The only voice for it is a cloud's.
    await expect(page.locator("#help-speech")).to_be_hidden()

    without = await machine(stage, LANDSCAPE, script=NO_VOICES)
    await expect(without.locator("#help-speech-name")).to_have_text("番号を読み上げ")
    await without.locator("#help-speech").tap()
    async with without.expect_response("**/voice?language=ja") as heard:
        await without.get_by_test_id("service-seal").tap()

    answer = await heard.value
    assert (answer.status, answer.headers["content-type"]) == (200, "audio/ogg")
    assert (await issued(without)) in answer.url
