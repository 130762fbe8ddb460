"""The page in LINE in a real Chromium, with a stand-in for LINE's script and for its word on who is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from playwright.async_api import Page, expect

from tests.browser import chromium, in_browser, route
from tests.notifier.fakes import LineEndpoint, LineLogin, line_login
from tests.processes import Installation, Server
from tests.waiting import until
from ticketing.line_texts import LINE_TEXTS

pytestmark = in_browser

USER = "U" + "0123456789abcdef" * 2
TOKEN = "aGVhZA.Ym9keQ.c2lnbg"
SECONDS = 20.0
PUBLIC_URL = "http://127.0.0.1:8000/"
SETTINGS = """
[privacy]
responsible = "Citizens' Affairs"
[line]
channel_access_token = "line-token"
liff_id = "1234567890-AbcdEfgh"
login_channel_id = "1234567890"
liff_sdk_url = "{login}/liff/edge/2/sdk.js"
account = "@minato"
api_url = "{login}"
approval = "2026-2"
"""


@asynccontextmanager
async def page_in_line(folder: Path) -> AsyncIterator[tuple[Page, Server, LineLogin, list[str]]]:
    async with line_login(LineLogin(tokens={TOKEN: USER})) as login, chromium() as browser:
        installation = Installation.make(folder / "city", SETTINGS.format(login=login.url))
        async with installation.serving() as server:
            faults: list[str] = []
            page = await browser.new_page(locale="ja-JP", viewport={"width": 390, "height": 844})
            page.on("pageerror", lambda error: faults.append(str(error)))
            # A page that breaks its own policy would work for us and fail in LINE.
            page.on(
                "console",
                lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
            )
            yield page, server, login, faults


async def ticket_with_code(server: Server) -> tuple[Any, str]:
    visitor = server.client()
    given = (await visitor.post("/api/v1/offices/minato/tickets", json={"service": "family"})).json()
    visitor.headers["Authorization"] = f"Bearer {given['secret']}"
    link = (await visitor.post("/api/v1/ticket/line-link", json={"consent": True})).json()
    return visitor, link["liff_url"].partition("?")[2]


async def test_the_page_links_the_account_it_is_opened_in(tmp_path: Path) -> None:
    async with page_in_line(tmp_path) as (page, server, login, faults):
        visitor, query = await ticket_with_code(server)

        await page.goto(f"{server.url}/line?liff.state=%3F{query.replace('=', '%3D')}#{TOKEN}")
        await expect(page.locator("#line-ask")).to_be_visible()
        asked_before_the_visitor_agreed = list(login.asked)
        address = page.url
        await page.click("#line-button")
        await expect(page.locator("#line-done")).to_be_visible()

        contact = (await visitor.get("/api/v1/ticket")).json()["contact"]
        assert (contact["channel"], asked_before_the_visitor_agreed) == ("line", [])
        assert address == f"{server.url}/line"
        assert await page.locator("#line-friend").get_attribute("href") == "https://line.me/R/ti/p/%40minato"
        assert faults == []


async def test_the_page_says_what_went_wrong(tmp_path: Path) -> None:
    async with page_in_line(tmp_path) as (page, server, login, faults):
        await page.goto(f"{server.url}/line#{TOKEN}")
        await expect(page.locator("#line-none")).to_be_visible()

        await page.goto(f"{server.url}/line?link=ABCD2345#{TOKEN}")
        await page.click("#line-button")
        await expect(page.locator("#message")).to_contain_text("期限が切れています")

        _, query = await ticket_with_code(server)
        login.answer = (500, b"", {})
        await page.goto(f"{server.url}/line?{query}#{TOKEN}")
        await page.click("#line-button")
        await expect(page.locator("#message")).to_contain_text("LINEから返事がありません")

        login.answer = None
        await page.click("#line-button")
        await expect(page.locator("#line-done")).to_be_visible()
        assert faults == []


async def test_outside_line_the_visitor_signs_in_and_keeps_the_code(tmp_path: Path) -> None:
    async with page_in_line(tmp_path) as (page, server, _, faults):
        await page.goto(f"{server.url}/line?link=ABCD2345")
        await page.wait_for_url("**/nowhere?redirectUri=*")

        assert unquote(page.url) == f"{server.url}/nowhere?redirectUri={server.url}/line?link=ABCD2345"
        assert faults == []


async def test_the_page_does_without_line_that_is_away(tmp_path: Path) -> None:
    async with page_in_line(tmp_path) as (page, server, login, _):
        await route(page, f"{login.url}/**", lambda route: route.abort())

        await page.goto(f"{server.url}/line?link=ABCD2345#{TOKEN}")

        await expect(page.locator("#message")).to_contain_text("LINEから返事がありません")
        await expect(page.locator("#line-wait")).to_be_hidden()


async def test_linked_account_is_told_so_without_a_webhook(tmp_path: Path) -> None:
    endpoint = LineEndpoint()
    async with line_login(LineLogin(tokens={TOKEN: USER}), endpoint) as login:
        installation = Installation.make(tmp_path / "city", SETTINGS.format(login=login.url))
        async with installation.serving() as server:
            _, query = await ticket_with_code(server)

            body = {"code": query.removeprefix("link="), "id_token": TOKEN}
            answer = await server.client().post("/api/v1/line/liff", json=body)
            # Nobody is ahead, so the turn is near at once.
            await until(lambda: len(endpoint.pushes) == 2, SECONDS)

        texts = {push["messages"][0]["text"] for push in endpoint.pushes}
        expected = {LINE_TEXTS["ja"][kind].replace("{address}", PUBLIC_URL) for kind in ("line_linked", "turn_near")}
        assert (answer.status_code, {push["to"] for push in endpoint.pushes}, texts) == (204, {USER}, expected)
