"""Sign-in, enrolment, the page in LINE, the demonstration's pages, and the page that erases a mail address."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, Route

from kiosk_ui import ROOT
from tests.browser import route
from tests.screens.stage import LANGUAGES, PASSWORD, STAFF_LANGUAGES, Look, Stage, State

DESK, PHONE = (1366, 768), (390, 844)
#: Stands in for LINE's own script, which comes from LINE.
LIFF = """globalThis.liff = {
  init: () => Promise.resolve(), isLoggedIn: () => true, login() {}, logout() {}, isInClient: () => true,
  getIDToken: () => "aGVhZA.Ym9keQ.c2lnbg",
};"""

Steps = Callable[[Stage, Page], Awaitable[None]]


def state(
    page: str, name: str, steps: Steps, size: tuple[int, int] = DESK, languages: tuple[str, ...] = STAFF_LANGUAGES
) -> State:
    async def reach(stage: Stage, look: Look) -> Page:
        opened = await stage.page(look)
        await steps(stage, opened)
        return opened

    return State(page, name, reach, size, languages)


async def sign_in(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.server.url}/sign-in")
    await page.locator("#sign-in:not([hidden])").wait_for()


async def wrong_password(stage: Stage, page: Page) -> None:
    await sign_in(stage, page)
    await route(page, "**/api/v1/session", lambda route: refuse(route, 401, "wrong_password"))
    await page.fill("#name", "yamada")
    await page.fill("#password", "not this one")
    await page.click("#sign-in-button")
    await page.locator("#message:not([hidden])").wait_for()


async def refuse(route: Route, status: int, code: str) -> None:
    await route.fulfill(status=status, json={"code": code, "title": code}, content_type="application/problem+json")


async def signed_in(stage: Stage, page: Page) -> None:
    await sign_in(stage, page)
    await page.fill("#name", "yamada")
    await page.fill("#password", PASSWORD)
    await page.click("#sign-in-button")
    await page.locator("#place-list li").first.wait_for()


async def enrol(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.server.url}/enrol#{await stage.code('board')}")
    await page.locator("#enrol-button:not([hidden])").wait_for()


async def enrol_without_code(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.server.url}/enrol")
    await page.locator("#enrol-none:not([hidden])").wait_for()


async def enrol_with_a_spent_code(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.server.url}/enrol#0000-0000")
    await page.click("#enrol-button")
    await page.locator("#message:not([hidden])").wait_for()


def in_line(
    status: int = 200, query: str = "?link=abc", until: str = "#line-ask", press: str = "", last: str = ""
) -> Steps:
    async def steps(stage: Stage, page: Page) -> None:
        settings = {"liff_id": "1-a", "sdk_url": f"{stage.server.url}/sdk.js", "account": "@sakura"}

        async def api(route: Route) -> None:
            if route.request.method == "GET":
                await route.fulfill(json=settings)
            elif status == 200:
                await route.fulfill(json={"channel": "line", "masked": "LINE"})
            else:
                await refuse(route, status, "wrong_link_code")

        await route(page, re.compile(r"/line(\?.*)?$"), lambda route: route.fulfill(path=ROOT / "pages" / "line.html"))
        await route(page, "**/sdk.js", lambda route: route.fulfill(body=LIFF, content_type="text/javascript"))
        await route(page, "**/api/v1/line/liff", api)
        await page.goto(f"{stage.server.url}/line{query}")
        await page.locator(f"{until}:not([hidden])").wait_for()
        if press:
            await page.click(press)
            await page.locator(f"{last}:not([hidden])").wait_for()

    return steps


async def demo(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.server.url}/demo")
    await page.locator("#accounts tr").first.wait_for()


async def mailbox(stage: Stage, page: Page) -> None:
    await registered(stage)
    await page.goto(f"{stage.server.url}/demo/mailbox")
    await page.locator("#main h1:not(:empty)").wait_for()


async def registered(stage: Stage) -> dict[str, Any]:
    """A ticket whose holder asked for mail; the token of its one-click link."""
    ticket = await stage.take("certificates")
    secret = {"Authorization": f"Bearer {ticket['secret']}"}
    body = {"channel": "email", "address": "hanako@example.jp", "consent": True, "ahead": 99}
    answer = await stage.server.client().put("/api/v1/ticket/contact", json=body, headers=secret)
    answer.raise_for_status()
    return ticket


async def one_click(stage: Stage, page: Page) -> None:
    await registered(stage)
    box = await stage.clerk.get("/demo/mailbox.json")
    links = [each["unsubscribe_url"] for each in box.json()["messages"] if each["unsubscribe_url"]]
    for _ in range(40):
        if links:
            break
        await page.wait_for_timeout(100)
        box = await stage.clerk.get("/demo/mailbox.json")
        links = [each["unsubscribe_url"] for each in box.json()["messages"] if each["unsubscribe_url"]]
    await page.goto(stage.server.url + "/u/" + links[0].rpartition("/")[2])
    await page.locator("button").wait_for()


async def one_click_done(stage: Stage, page: Page) -> None:
    await one_click(stage, page)
    await page.click("button")
    await page.locator("form").wait_for(state="detached")


async def one_click_unknown(stage: Stage, page: Page) -> None:
    await page.goto(f"{stage.server.url}/u/nothing-known-by-this-name")
    await page.locator("h1").wait_for()


STATES = [
    state("sign-in", "start", sign_in),
    state("sign-in", "wrong password", wrong_password),
    state("sign-in", "places", signed_in),
    state("enrol", "start", enrol),
    state("enrol", "no code", enrol_without_code),
    state("enrol", "spent code", enrol_with_a_spent_code),
    state("line", "question", in_line(), PHONE, LANGUAGES),
    state("line", "no code", in_line(query="", until="#line-none"), PHONE, LANGUAGES),
    state("line", "linked", in_line(press="#line-button", last="#line-done"), PHONE, LANGUAGES),
    state("line", "refused", in_line(422, press="#line-button", last="#message"), PHONE, LANGUAGES),
    state("demo", "start", demo),
    state("demo", "mailbox", mailbox),
    state("one-click", "question", one_click, PHONE, ("ja",)),
    state("one-click", "erased", one_click_done, PHONE, ("ja",)),
    state("one-click", "already erased", one_click_unknown, PHONE, ("ja",)),
]
