"""How the my-ticket page alerts by itself, with nothing registered; in a real Chromium."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import WHOLE_CHROMIUM, in_browser
from tests.journeys.page_hall import (
    KINDS,
    Hall,
    alert,
    asked,
    fits_and_can_be_read,
    hall_in,
    press,
    show_alerts,
    until_asked,
)  # fmt: skip
from tests.journeys.test_visit import OFFICE

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]

#: Oscillators of one note, and notes of the two signs.
PER_NOTE, GENTLE, URGENT = 3, 1, 2
GENTLE_VIBRATION, URGENT_VIBRATION = [200], [400, 200, 400, 200, 800]


@pytest_asyncio.fixture(loop_scope="module")
async def whole_hall(tmp_path: Path) -> AsyncIterator[Hall]:
    """Its browser has notifications."""
    async with hall_in(tmp_path, WHOLE_CHROMIUM) as opened:
        yield opened
        assert opened.faults == []


@pytest.mark.skipif(
    WHOLE_CHROMIUM is None and os.environ.get("CI") != "true",
    reason="only Chromium's headless shell is installed, so no notification was tried",
)
async def test_page_alerts_by_itself_and_by_keyboard_alone(whole_hall: Hall) -> None:
    hall = whole_hall
    _, _, _, ticket = await hall.tickets(4)
    page = await hall.open(ticket, await hall.context(permissions=["notifications", "screen-wake-lock"]))
    # The number comes first, what surrounds it a moment later.
    await expect(page.locator("#alerts")).to_be_visible()
    order = await page.evaluate("[...document.querySelectorAll('main > .card:not([hidden])')].map(card => card.id)")
    assert order == ["ticket", "page-alerts", "alerts"]
    assert (await asked(page))["permissions"] == 0

    await page.locator("#alert-ahead").select_option("1")
    await press(page, page.locator("#page-alerts-button"))
    await expect(page.locator("#page-alerts-state")).to_contain_text("Alerts are on")
    await expect(page.get_by_test_id("means-sound")).to_have_attribute("data-is", "running")
    await expect(page.get_by_test_id("means-notification")).to_have_attribute("data-is", "granted")
    await expect(page.get_by_test_id("means-screen")).to_have_attribute("data-is", "kept")
    await until_asked(page, tones=GENTLE * PER_NOTE, vibrations=[GENTLE_VIBRATION], wakes=1)

    await hall.visit.at_counter("call-next")
    await expect(page.locator("#ticket-ahead")).to_have_text("2 people ahead")
    await expect(page.locator("#near")).to_be_hidden()
    await hall.visit.at_counter("call-next", finish="complete")
    await expect(page.locator("#near")).to_contain_text("Your turn is near")
    await expect(page).to_have_title(f"● Soon: 1 person ahead | {ticket['number']}")
    await until_asked(page, tones=2 * GENTLE * PER_NOTE, vibrations=[GENTLE_VIBRATION] * 2)

    await hall.visit.at_counter("call-next", finish="complete")
    await hall.visit.at_counter("call-next", finish="complete")
    await called_over_the_whole_screen(page, ticket)
    await press(page, page.locator("#called-seen"))
    await expect(page.locator("#called")).to_be_hidden()
    await expect(page.locator("#calling")).to_contain_text("Please come to counter 1")

    before = (await asked(page))["tones"]
    await hall.visit.at_counter("recall")
    await expect(page.locator("#called-words")).to_contain_text("calling again")
    await expect(page.locator("#called")).to_be_visible()
    await until_asked(page, tones=before + URGENT * PER_NOTE)
    await page.keyboard.press("Escape")
    await expect(page.locator("#called")).to_be_hidden()

    await hall.visit.at_counter("no-show")
    await expect(page.locator("#missed")).to_be_visible()
    await expect(page.locator("#missed")).to_contain_text("Your number is not lost")
    await expect(page.locator("#missed")).to_contain_text("please cancel the number below")
    assert await page.evaluate("missed.getBoundingClientRect().bottom <= cancel.getBoundingClientRect().top")
    await expect(page.locator("#calling")).to_be_hidden()


async def called_over_the_whole_screen(page: Page, ticket: dict[str, Any]) -> None:
    await expect(page.locator("#called")).to_be_visible()
    await expect(page.locator("#called-words")).to_have_text(f"Number {ticket['number']}")
    await expect(page.locator("#called-counter")).to_have_text("counter 1")
    await expect(page).to_have_title("● Called → counter 1")
    await expect(page.locator("#icon")).to_have_attribute("href", re.compile(r"/static/[0-9a-f]{16}/icon-called\.svg"))
    assert await page.locator("#called").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    await until_asked(page, tones=(2 * GENTLE + URGENT) * PER_NOTE)
    told = await asked(page)
    assert told["vibrations"][-1] == URGENT_VIBRATION
    assert told["notifications"] == [
        ["This is how you will be alerted", "Alerts are on. Please keep this page open."],
        ["Your turn is near", "Please come back to the waiting hall."],
        [f"Number {ticket['number']}", "Please come to counter 1"],
    ]


async def test_call_rings_again_until_it_is_seen(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    page = await context.new_page()
    await page.clock.install()
    await page.close()
    page = await hall.open(ticket, context)
    await page.click("#page-alerts-button")
    await until_asked(page, tones=GENTLE * PER_NOTE)
    await hall.visit.at_counter("call-next")
    await until_asked(page, tones=(GENTLE + URGENT) * PER_NOTE)

    await page.clock.fast_forward(6_500)
    await until_asked(page, tones=(GENTLE + 2 * URGENT) * PER_NOTE)
    await page.click("#called-seen")
    await page.clock.fast_forward(6_500)

    assert (await asked(page))["tones"] == (GENTLE + 2 * URGENT) * PER_NOTE
    assert (await asked(page))["vibrations"][-1] == 0


async def test_page_alerts_again_when_the_end_of_a_visit_is_taken_back(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    shown = page.locator("#ticket")
    await page.click("#page-alerts-button")
    await hall.visit.at_counter("call-next")
    await page.click("#called-seen")
    await hall.visit.at_counter("start")
    await hall.visit.at_counter("complete")
    await expect(shown).to_have_attribute("data-state", "completed")
    await expect(page.locator("#page-alerts")).to_be_hidden()

    await hall.visit.at_counter("undo")
    await expect(shown).to_have_attribute("data-state", "serving")
    await hall.visit.at_counter("transfer", service="tax")
    await expect(page.locator("#page-alerts-state")).to_contain_text("Alerts are on")
    rung = (await asked(page))["tones"]
    called = await hall.visit.clerk.post(f"{OFFICE}/counters/c1/call", json={"number": ticket["number"]})

    assert called.status_code == 200, called.text
    await expect(page.locator("#called")).to_be_visible()
    await until_asked(page, tones=rung + URGENT * PER_NOTE)
    await hall.visit.at_counter("complete")


async def test_nothing_sounds_before_it_is_turned_on_or_after_it_is_turned_off(hall: Hall) -> None:
    first, second = await hall.tickets(2)
    page, other = await hall.open(first), await hall.open(second)
    await other.click("#page-alerts-button")
    await until_asked(other, tones=GENTLE * PER_NOTE)
    await other.click("#page-alerts-button")
    await expect(other.locator("#page-alerts-state")).to_have_text("")

    await hall.visit.at_counter("call-next")
    await hall.visit.at_counter("call-next", finish="complete")

    await expect(other.locator("#called")).to_be_visible()
    assert (await asked(other))["tones"] == GENTLE * PER_NOTE
    assert await asked(page) == {"tones": 0, "vibrations": [], "notifications": [], "wakes": 0, "permissions": 0}


async def test_refused_notifications_are_said_and_the_rest_works(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket, await hall.context(permissions=[]))

    await page.click("#page-alerts-button")

    await expect(page.get_by_test_id("means-notification")).to_have_attribute("data-is", "denied")
    await expect(page.get_by_test_id("means-notification")).to_contain_text("refused by your browser")
    await hall.visit.at_counter("call-next")
    await until_asked(page, tones=(GENTLE + URGENT) * PER_NOTE, notifications=[])


async def test_browser_without_any_of_it_says_so(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    await context.add_init_script(
        "delete Navigator.prototype.vibrate; delete Navigator.prototype.wakeLock; delete globalThis.Notification;"
        "globalThis.Notification = undefined; delete globalThis.Notification;"
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: hall.faults.append(str(error)))
    await page.goto(f"{hall.server.url}/t#{ticket['secret']}")

    await page.click("#page-alerts-button")

    await expect(page.get_by_test_id("means-vibration")).to_have_text("Vibration: this browser cannot.")
    await expect(page.get_by_test_id("means-notification")).to_contain_text("this browser cannot show them here")
    await expect(page.get_by_test_id("means-screen")).to_contain_text("this browser cannot keep it on")
    await hall.visit.at_counter("call-next")
    await expect(page.locator("#called")).to_be_visible()


@pytest.mark.parametrize("language", ["en-US", "ja-JP"])
async def test_everything_fits_a_narrow_phone(hall: Hall, language: str) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket, await hall.context(language=language, width=320))
    await page.click("#page-alerts-button")
    for way in ("email", "line"):
        await page.click(f"[data-testid=channel-{way}]")
        await fits_and_can_be_read(page)
    await page.check("#consent-box")
    await page.click("#contact-button")
    await expect(page.locator("#line-code-text")).to_be_visible()
    await fits_and_can_be_read(page)
    failed = [alert(kind, "failed") for kind in KINDS]
    await show_alerts(page, [*failed, alert("called", "dropped", late=True)])
    await expect(page.locator("#sent-list .sent-outcome")).to_have_count(len(KINDS) + 1)
    await fits_and_can_be_read(page)

    await hall.visit.at_counter("call-next")
    await expect(page.locator("#called")).to_be_visible()
    await fits_and_can_be_read(page)
    await page.click("#called-seen")
    await hall.visit.at_counter("recall")
    await page.click("#called-seen")
    await hall.visit.at_counter("no-show")
    await expect(page.locator("#missed")).to_be_visible()
    await fits_and_can_be_read(page)


async def test_lost_connection_is_said_where_alerts_are_promised(tmp_path: Path) -> None:
    async with hall_in(tmp_path) as hall:
        (ticket,) = await hall.tickets(1)
        page = await hall.open(ticket)
        await page.click("#page-alerts-button")
        await expect(page.locator("#page-alerts-state")).to_contain_text("Alerts are on")

        await hall.server.kill()

        await expect(page.locator("#page-alerts-state")).to_contain_text(
            "cannot alert you at the moment", timeout=40_000
        )
        await expect(page.locator("#ticket-number")).to_have_text(ticket["number"])
