"""Registering a contact on the my-ticket page, what became of each message, and erasing it; in a real Chromium."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from kiosk_ui import ROOT
from tests.browser import in_browser, route
from tests.journeys.page_hall import KINDS, Hall, alert, press, show_alerts
from tests.journeys.test_visit import LINE_USER, MAIL, SECONDS
from ticketing.clock import rfc3339

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]


async def test_mail_that_is_refused_is_said_and_the_next_address_works(hall: Hall) -> None:
    hall.mailbox.rcpt_answers[:] = ["550 no such user", ""]
    _, ticket = await hall.tickets(2)
    page = await hall.open(ticket)
    await register_by_keyboard(page, MAIL)
    await expect(page.locator("#contact-now")).to_be_focused()
    await expect(page.get_by_test_id("contact-email")).to_contain_text("h***@example.jp")

    # One person is ahead, which is as near as is usual: the message is due at once, and is refused.
    await expect(page.get_by_test_id("alert-turn_near")).to_have_attribute(
        "data-state", "failed", timeout=SECONDS * 1000
    )
    await expect(page.get_by_test_id("contact-email")).to_contain_text(
        "could not be delivered – please check the address"
    )
    await expect(page.locator("#sent-spoken")).to_contain_text("could not be delivered")

    await press(page, page.locator("#contact-more"))
    await register_by_keyboard(page, "taro@example.jp")
    await expect(page.get_by_test_id("contact-email")).to_contain_text("t***@example.jp")
    await hall.visit.at_counter("call-next")
    await hall.visit.at_counter("call-next", finish="complete")
    await page.click("#called-seen")
    await expect(page.get_by_test_id("alert-called")).to_contain_text("alert sent", timeout=SECONDS * 1000)
    await expect(page.get_by_test_id("contact-email")).not_to_contain_text("could not be delivered")
    assert [message["To"] for message in hall.mailbox.messages()] == ["taro@example.jp"]

    await press(page, page.locator("#contact-erase"))
    await expect(page.locator("#message")).to_have_text("Your contact was erased. Your number stays valid.")
    await expect(page.locator("#contact-now")).to_be_hidden()
    await expect(page.locator("#page-alerts")).to_be_visible()


async def test_an_answer_that_is_older_than_a_frame_does_not_take_its_place(hall: Hall) -> None:
    _, ticket = await hall.tickets(2)
    page = await hall.open(ticket)
    shown = page.locator("#ticket")
    seen: list[str] = []

    async def come_late(route: Route) -> None:
        """The first answer is of the time before the call, and comes when the page already shows the call."""
        response = await route.fetch()
        seen.append((await response.json())["state"])
        if seen == ["waiting"]:
            await hall.visit.at_counter("call-next")
            await hall.visit.at_counter("call-next", finish="complete")
            await expect(shown).to_have_attribute("data-state", "called", timeout=SECONDS * 1000)
        await route.fulfill(response=response)

    await route(page, "**/api/v1/ticket", come_late)
    async with page.expect_response(lambda _: len(seen) > 1):
        await register_by_keyboard(page, MAIL)

    await expect(page.get_by_test_id("contact-email")).to_contain_text("h***@example.jp")
    await expect(shown).to_have_attribute("data-state", "called")
    assert seen[:2] == ["waiting", "called"]


async def test_registering_and_erasing_are_believed_when_nothing_more_can_be_asked(hall: Hall) -> None:
    _, ticket = await hall.tickets(2)
    context = await hall.context()
    await context.route_web_socket("**/live", lambda _: None)
    page = await hall.open(ticket, context)
    await expect(page.get_by_test_id("channel-email")).to_be_visible()
    await route(page, "**/api/v1/ticket", lambda route: route.abort())

    await register_by_keyboard(page, MAIL)
    await expect(page.locator("#message")).to_have_text("You are registered.")
    await expect(page.get_by_test_id("contact-email")).to_contain_text("h***@example.jp")
    await expect(page.locator("#contact-now")).to_be_focused()
    await expect(page.locator("#contact-form")).to_be_hidden()

    await press(page, page.locator("#contact-erase"))
    await expect(page.locator("#message")).to_have_text("Your contact was erased. Your number stays valid.")
    await expect(page.locator("#contact-now")).to_be_hidden()
    await expect(page.locator("#alerts")).to_be_focused()

    # And the form works anew.
    await register_by_keyboard(page, MAIL)
    await expect(page.get_by_test_id("contact-email")).to_contain_text("h***@example.jp")
    await page.close()
    hall.faults.clear()


async def test_erasing_waits_for_a_registration_and_is_not_lost(hall: Hall) -> None:
    _, ticket = await hall.tickets(2)
    page = await hall.open(ticket)
    await register_by_keyboard(page, MAIL)
    await expect(page.locator("#contact-now")).to_be_focused()
    answers = asyncio.Event()

    async def wait(route: Route) -> None:
        if route.request.method == "PUT":
            await answers.wait()
        await route.continue_()

    await route(page, "**/api/v1/ticket/contact", wait)
    await press(page, page.locator("#contact-more"))
    await register_by_keyboard(page, "taro@example.jp")
    await expect(page.locator("#contact-button")).to_have_attribute("aria-busy", "true")
    await page.click("#contact-erase")
    answers.set()

    await expect(page.locator("#message")).to_have_text("Your contact was erased. Your number stays valid.")
    await expect(page.locator("#contact-now")).to_be_hidden()
    async with hall.server.client() as visitor:
        told = await visitor.get("/api/v1/ticket", headers={"Authorization": f"Bearer {ticket['secret']}"})
    assert told.json()["contacts"] == []


async def register_by_keyboard(page: Page, address: str) -> None:
    await press(page, page.get_by_test_id("channel-email"), "Space")
    facts = page.locator("#consent-facts")
    await expect(facts).to_contain_text("our mail relay")
    await expect(facts).to_contain_text("names the office, your number, the counter and the service")
    await expect(facts).to_contain_text("Mail comes from city.example")
    await expect(facts).to_contain_text("erased tomorrow")
    await expect(facts).to_contain_text("Responsible: Test")
    await press(page, page.locator("#consent-box"), "Space")
    await page.keyboard.press("Tab")
    await expect(page.locator("#address")).to_be_focused()
    await page.keyboard.type(address)
    await page.keyboard.press("Enter")


async def test_wrong_address_keeps_the_form_and_the_focus(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    await register_by_keyboard(page, "hanako@localhost")

    await expect(page.locator("#message")).to_have_text("This address is not right.")
    await expect(page.locator("#address")).to_be_focused()
    await expect(page.locator("#address")).to_have_attribute("aria-invalid", "true")
    # The browser itself notes every refusal.
    assert hall.faults == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"]
    hall.faults.clear()


async def test_address_may_be_typed_in_full_width(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    await register_by_keyboard(page, "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ")

    await expect(page.get_by_test_id("contact-email")).to_contain_text("h***@example.jp")


async def test_thresholds_are_the_services_own_until_the_visitor_chooses(hall: Hall) -> None:
    # Nobody can tell a wait while no counter is open, so the turn is near by people only.
    await hall.visit.at_counter("close")
    ticket = (await hall.tickets(7))[-1]
    page = await hall.open(ticket)
    await expect(page.locator("#alert-ahead")).to_have_value("3")
    await expect(page.locator("#alert-minutes")).to_have_value("")
    await expect(page.locator("#when-chosen")).to_have_text("The alert comes 3 people before.")

    await page.locator("#alert-ahead").select_option(label="5 people before")
    await page.locator("#alert-minutes").select_option(label="20 minutes before")
    await page.locator("#alert-travel").select_option(label="40 minutes")
    chosen = "5 people before or 45 minutes before"
    await expect(page.locator("#when-chosen")).to_have_text(f"The alert comes {chosen}, whichever is first.")
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "PUT" else None)
    await register_by_keyboard(page, MAIL)

    await expect(page.locator("#contact-when")).to_have_text(chosen)
    assert sent == [
        {
            "channel": "email", "address": MAIL, "consent": True, "language": "en", "ahead": 5, "minutes": 20,
            "travel_minutes": 40,
        }
    ]  # fmt: skip
    # Whoever comes back finds what was registered; the way itself was not kept.
    await page.reload()
    await expect(page.locator("#alert-ahead")).to_have_value("5")
    await expect(page.locator("#alert-minutes")).to_have_value("45")
    await expect(page.locator("#alert-travel")).to_have_value("")
    await hall.visit.at_counter("open")


async def test_line_tells_what_line_receives_before_it_gives_a_code(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context(permissions=["clipboard-read", "clipboard-write"])
    page = await hall.open(ticket, context)
    await page.click("[data-testid=channel-line]")
    await expect(page.locator("#consent-facts")).to_contain_text("the LINE company learns")
    await expect(page.locator("#line-terms a")).to_have_attribute("href", "https://terms.line.me/line_terms")
    await expect(page.locator("#address-field")).to_be_hidden()
    await expect(page.locator("#line-code")).to_be_hidden()

    await page.check("#consent-box")
    await page.click("#contact-button")
    await expect(page.locator("#line-code")).to_be_focused()
    await expect(page.locator("#line-account")).to_have_text("@minato")
    await expect(page.locator("#line-open")).to_be_hidden()
    code = await page.locator("#line-code-text").inner_text()
    await page.click("#line-copy")
    await expect(page.locator("#line-copy")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == code

    message = {
        "type": "message", "webhookEventId": "e1", "mode": "active", "source": {"type": "user", "userId": LINE_USER},
        "message": {"type": "text", "text": code},
    }  # fmt: skip
    assert (await hall.visit.line_says(message)).status_code == 200
    await expect(page.get_by_test_id("contact-line")).to_have_text("We will send you a LINE message.")
    await expect(page.locator("#line-code")).to_be_hidden()
    await expect(page.get_by_test_id("alert-line_linked")).to_contain_text("alert sent", timeout=SECONDS * 1000)


@pytest.mark.parametrize("by_message", [True, False])
async def test_line_opens_by_a_button_where_the_office_has_liff(hall: Hall, by_message: bool) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    link: dict[str, Any] = {
        "code": "ABCDEFGH", "expires_at": rfc3339(datetime.now(UTC) + timedelta(minutes=10)), "by_message": by_message,
        "liff_url": "https://liff.line.me/1-a?s=b",
    }  # fmt: skip
    await route(page, "**/api/v1/ticket/line-link", lambda route: route.fulfill(status=201, json=link))

    await page.click("[data-testid=channel-line]")
    await page.check("#consent-box")
    await page.click("#contact-button")

    await expect(page.locator("#line-open-link")).to_have_attribute("href", link["liff_url"])
    await expect(page.locator("#line-how")).to_contain_text("Or, in LINE")
    # An account without a webhook hears nothing, so nobody is asked to send it anything.
    for part in ("#line-how", "#line-account", "#line-code-text", "#line-copy"):
        await expect(page.locator(part)).to_be_visible(visible=by_message)
    await expect(page.locator("#line-until")).to_be_visible()


async def test_second_contact_is_said_to_be_for_when_the_first_fails(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    await register_by_keyboard(page, MAIL)
    await expect(page.get_by_test_id("contact-email")).to_contain_text("We will write to h***@example.jp.")

    await page.click("#contact-more")
    await page.click("[data-testid=channel-line]")
    await page.check("#consent-box")
    await page.click("#contact-button")
    await expect(page.locator("#line-code")).to_be_focused()
    code = await page.locator("#line-code-text").inner_text()
    message = {
        "type": "message", "webhookEventId": "e2", "mode": "active", "source": {"type": "user", "userId": LINE_USER},
        "message": {"type": "text", "text": code},
    }  # fmt: skip
    assert (await hall.visit.line_says(message)).status_code == 200

    await expect(page.get_by_test_id("contact-line")).to_have_text("We will send you a LINE message.")
    await expect(page.get_by_test_id("contact-email")).to_have_text("If that fails, we will write to h***@example.jp.")


@pytest.mark.parametrize(("way", "is_spoken"), [("sms", False), ("voice", True)])
async def test_phone_names_its_provider_and_what_it_hears(hall: Hall, way: str, is_spoken: bool) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    sent: list[Any] = []

    async def with_phone(route: Route) -> None:
        office = await (await route.fetch()).json()
        offer = office["contacts"] | {"sms": True, "voice": True, "phone_provider": "Example Telecom"}
        await route.fulfill(json=office | {"contacts": offer})

    async def take(route: Route) -> None:
        sent.append(route.request.post_data_json)
        await route.fulfill(json={"channel": "phone", "masked": "***678", "ahead": 3, "minutes": None})

    await route(page, "**/api/v1/offices/minato?language=*", with_phone)
    await route(page, "**/api/v1/ticket/contact", take)
    await page.reload()
    await page.click(f"[data-testid=channel-{way}]")
    await expect(page.locator("#consent-facts")).to_contain_text("received by Example Telecom")
    await page.check("#consent-box")
    await page.fill("#address", "090-1234-5678")
    await page.click("#contact-button")

    await expect(page.locator("#message")).to_have_text("You are registered.")
    assert sent == [
        {
            "channel": "phone", "voice": is_spoken, "address": "090-1234-5678", "consent": True, "language": "en",
            "ahead": 3,
        }
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_kind_and_outcome_has_words(hall: Hall, language: str) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket, await hall.context(language=language))
    texts = json.loads((ROOT / "texts" / f"{language}.json").read_text("utf-8"))
    failed = [alert("called", "failed", channel) for channel in ("email", "line", "phone")]

    await show_alerts(page, [alert(kind, "sent") for kind in KINDS])
    items = page.locator("#sent-list .sent-kind")
    await expect(items).to_have_count(len(KINDS))
    words = [text.split(texts["alerts.channel.email"])[0].strip() for text in await items.all_inner_texts()]
    assert words == [texts[f"alerts.kind.{kind}"] for kind in reversed(KINDS)]
    await expect(page.locator("#sent-list .sent-outcome").first).to_have_text(
        texts["alerts.outcome.sent"].replace("{time}", "10:41")
    )

    await show_alerts(
        page, [alert("turn_near", "pending"), alert("called", "dropped"), alert("absent", "dropped", late=True)]
    )
    outcomes = page.locator("#sent-list .sent-outcome")
    await expect(outcomes).to_have_text([texts["alerts.outcome.late"], texts["alerts.outcome.sending"]])

    await show_alerts(page, failed)
    await expect(outcomes).to_have_text([texts[f"alerts.failed.{channel}"] for channel in ("phone", "line", "email")])
