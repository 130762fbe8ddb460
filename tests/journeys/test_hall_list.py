"""The day's list in the supervisor's overview: filtered, saved, and corrected on record."""

import asyncio
import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import in_browser, route
from tests.journeys.overview_stage import city, office, overview, rows, serve, settled
from tests.journeys.page_hall import press
from tests.processes import junban
from tests.screens.stage import API, Stage

__all__ = ["city", "office"]
pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]


async def test_list_is_filtered_sorted_and_saved_as_it_is_seen(office: Stage) -> None:
    for service in ("seal", "seal", "certificates"):
        await serve(office, service)
    page = await overview(office)
    await page.click("#tab-list")
    await page.select_option("#list-service", "seal")
    await page.select_option("#list-state", "completed")
    await press(page, page.locator("#list-show"))
    expected = [each["number"] for each in await rows(office, "?service=seal&state=completed")]
    shown = page.locator("#list-rows th")
    await expect(shown).to_have_text(expected)
    await expect(page.locator("#list-sums")).to_contain_text(f"{len(expected)} tickets")

    await page.get_by_test_id("sort-number").click()
    await page.get_by_test_id("sort-number").click()
    await expect(shown).to_have_text(sorted(expected, reverse=True))
    await expect(page.locator("th[aria-sort=descending]")).to_have_text("Number ▼")

    async with page.expect_download() as download:
        await page.click("#list-csv")
    text = (await (await download.value).path()).read_bytes()
    assert text.startswith(b"\xef\xbb\xbfNumber,Service,State,")
    file = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert [each["Number"] for each in file] == expected
    assert {each["Service"] for each in file} == {"Seal registration"}


async def test_slow_answer_does_not_take_the_place_of_a_later_list_and_the_file_is_the_list(office: Stage) -> None:
    for service in ("seal", "certificates"):
        await serve(office, service)
    page = await overview(office)
    await page.click("#tab-list")
    everything = [each["number"] for each in await rows(office)]
    await expect(page.locator("#list-rows th")).to_have_text(everything)
    held: asyncio.Queue[Any] = asyncio.Queue()
    await route(page, "**/tickets?*service=seal*", held.put)
    await page.select_option("#list-service", "seal")
    async with page.expect_download() as download:
        await page.click("#list-csv")
    text = (await (await download.value).path()).read_text("utf-8-sig")
    assert [each["Number"] for each in csv.DictReader(io.StringIO(text))] == everything

    await page.click("#list-show")
    late = await held.get()
    async with page.expect_response("**/tickets?language=en"):
        await page.click("#list-clear")
    async with page.expect_response("**/tickets?*service=seal*"):
        await late.continue_()
    await settled(page)
    await expect(page.locator("#list-rows th")).to_have_text(everything)


async def test_services_in_the_list_are_named_in_the_language_that_was_chosen(office: Stage) -> None:
    number = await serve(office)
    page = await overview(office)
    await page.click("#tab-list")
    row = page.get_by_test_id(f"row-{number}")
    await expect(row).to_contain_text("Seal registration")
    await page.get_by_test_id("language-ja").click()
    await expect(row).to_contain_text("印鑑登録")
    await expect(page.locator("#list-service")).to_contain_text("印鑑登録")


async def test_two_thousand_tickets_come_in_pages(office: Stage) -> None:
    await serve(office)
    one = (await rows(office))[0]
    many = [
        {**one, "number": f"A{place:04d}", "issued_at": f"2026-09-01T01:{place % 60:02d}:00Z"} for place in range(2000)
    ]
    page = await overview(office)
    await route(page, "**/days/*/tickets?*", lambda route: route.fulfill(json={"tickets": many}))
    await page.click("#tab-list")

    await expect(page.locator("#list-place")).to_have_text("1–50 of 2000")
    assert await page.locator("#list-rows tr").count() == 50
    took = await page.evaluate(
        "() => { const start = performance.now(); document.querySelector('[data-testid=sort-number]').click();"
        " return performance.now() - start; }"
    )
    assert took < 500
    await page.click("#list-later")
    await expect(page.locator("#list-place")).to_have_text("51–100 of 2000")


async def test_correction_is_on_the_list_on_record_and_replayed(office: Stage) -> None:
    number = await serve(office)
    page = await overview(office)
    await page.click("#tab-list")
    await press(page, page.get_by_test_id(f"correct-{number}"))
    await page.select_option("#correct-reason", "system")
    await page.click("#correct-do")
    await expect(page.locator("#correct-message")).to_have_text("There is nothing to change.")
    await page.select_option("#correct-state", "absent")
    await page.focus("#correct-state")
    await press(page, page.locator("#correct-do"))

    row = page.get_by_test_id(f"row-{number}")
    await expect(row.locator(".corrected")).to_contain_text("completed → absent")
    await expect(row.locator(".corrected")).to_contain_text("yamada (System not available)")
    undone = await office.clerk.post(f"{API}/counters/2/undo", json={})
    assert undone.json()["code"] == "moved_on"
    code, audit, _ = await junban("audit", "list", "--data", str(office.data))
    assert code == 0
    assert len([line for line in audit.splitlines() if "queue.correct" in line and number in line]) == 1
    day = (await office.clerk.get(API)).json()["business_day"]
    code, output, errors = await junban("replay", "sakura", day, "--data", str(office.data))
    assert (code, errors) == (0, "")
    assert "equal to the stored rows: yes" in output


async def choose_absent(page: Page, number: str) -> None:
    await page.get_by_test_id(f"correct-{number}").click()
    await page.select_option("#correct-state", "absent")
    await page.select_option("#correct-reason", "system")


async def test_number_of_a_day_that_is_over_is_not_corrected(office: Stage) -> None:
    number = await serve(office)
    page = await overview(office)
    await page.click("#tab-list")
    correct = page.get_by_test_id(f"correct-{number}")
    await expect(correct).to_be_visible()
    today = await page.input_value("#list-date")
    before = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    listed = {"tickets": await rows(office)}
    await route(page, f"**/days/{before}/tickets?*", lambda route: route.fulfill(json=listed))
    await page.fill("#list-date", before)
    await page.click("#list-show")
    await expect(correct).to_have_count(0)

    # The field alone says nothing about what is shown.
    await page.fill("#list-date", today)
    await page.get_by_test_id("sort-number").click()
    await expect(page.locator("th[aria-sort=ascending]")).to_have_text("Number ▲")
    await expect(correct).to_have_count(0)

    await page.click("#list-show")
    await choose_absent(page, number)
    await route(page, "**/correct", lambda route: route.continue_(post_data=aged(route, before)))
    await page.click("#correct-do")
    await expect(page.locator("#correct-message")).to_contain_text("of a day that is over")
    assert next(each for each in await rows(office) if each["number"] == number)["state"] == "completed"


def aged(route: Any, day: str) -> str:
    """What a page sends that shows that day's list."""
    body = route.request.post_data_json
    assert body["business_day"] > day
    return json.dumps({**body, "business_day": day})


async def test_new_day_takes_the_corrections_of_the_old_ones_list_away(office: Stage) -> None:
    number = await serve(office)
    page = await overview(office)
    await page.click("#tab-list")
    await expect(page.get_by_test_id(f"correct-{number}")).to_be_visible()

    async def tomorrow(route: Any) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "business_day": "2099-01-01"})

    await route(page, "**/offices/sakura?*", tomorrow)
    await office.take("seal")
    await expect(page.get_by_test_id(f"correct-{number}")).to_have_count(0)
    await expect(page.get_by_test_id(f"row-{number}")).to_be_visible()


async def test_correction_of_a_colleague_is_not_overwritten_unseen(office: Stage) -> None:
    number = await serve(office)
    page = await overview(office)
    await page.click("#tab-list")
    await choose_absent(page, number)
    other = {"state": "cancelled", "service": "advice", "reason": "system"}
    (await office.clerk.post(f"{API}/tickets/{number}/correct", json=other)).raise_for_status()

    await page.click("#correct-do")
    await expect(page.locator("#correct-message")).to_contain_text("Somebody has changed this record meanwhile")
    await expect(page.get_by_test_id(f"row-{number}")).to_contain_text("cancelled")
    await page.click("#correct-back")
    await choose_absent(page, number)
    await page.click("#correct-do")
    await expect(page.get_by_test_id(f"row-{number}").locator(".corrected")).to_contain_text("→ absent")
