"""Pages that start while the server is away, and a new version that comes while they are open; in a real Chromium."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from kiosk_ui import ROOT as FILES
from tests.browser import chromium, in_browser
from tests.processes import ROOT, Installation, Server, free_port

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]

#: A page that was opened once is complete in the browser's keeping: its shell, and all that it was made of.
KEPT = """
async (path) => {
  if (!(await caches.match(path)) || !(await navigator.serviceWorker.getRegistration())?.active) return false;
  const files = await (await caches.open("junban-files")).keys();
  const has = (part) => files.some(({ url }) => url.includes(part));
  return has("/texts/") && has("/css/base.css") && has("/js/shared/early.js");
}
"""
EVERYTHING_KEPT = """
async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) kept.push([request.url, await (await cache.match(request)).text()]);
  }
  return { kept, local: { ...localStorage }, session: { ...sessionStorage } };
}
"""
VERSION = re.compile(r"/static/([0-9a-f]{16})/")


@dataclass
class Place:
    """An office whose server can be stopped and started, also with other files of the pages."""

    installation: Installation
    tree: Path
    browser: Browser
    port: int
    kiosk_code: str
    board_code: str
    faults: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Server]:
        """From a tree of its own, so that the pages' files can be changed like by an upgrade."""
        with self.installation.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ticketing", "serve", "--config", str(self.installation.config),
                "--data", str(self.installation.data), "--port", str(self.port),
                cwd=self.tree, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": str(self.tree)},
            )  # fmt: skip
        server = Server(process, self.url)
        try:
            await server.wait_until_ready()
            yield server
        finally:
            for client in server.clients:
                await client.aclose()
            await server.stop()

    async def page(self, context: BrowserContext | None = None) -> Page:
        context = context or await self.browser.new_context(locale="en-US")
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page


def copied_tree(folder: Path) -> Path:
    """All packages as they are, but the pages' files are a copy."""
    folder.mkdir()
    for name in ("ticketing", "notifier", "purge_jobs", "bench"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(FILES, folder / "kiosk_ui", ignore=shutil.ignore_patterns("fonts", "__pycache__"))
    (folder / "kiosk_ui" / "fonts").symlink_to(FILES / "fonts")
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("away")
    installation = Installation.make(folder / "city")
    await installation.add_staff("sato", "clerk")
    codes = [await installation.invite(kind) for kind in ("kiosk", "board")]
    async with chromium() as browser:
        yield Place(installation, copied_tree(folder / "tree"), browser, free_port(), *codes)


async def until_true(page: Page, script: str, given: str = "") -> None:
    """Playwright's own waiting takes the promise of an asynchronous function for its answer."""
    async with asyncio.timeout(20):
        while not await page.evaluate(script, given):
            await asyncio.sleep(0.05)


async def until_kept(page: Page, path: str) -> None:
    await until_true(page, KEPT, path)


async def take(server: Server) -> dict[str, Any]:
    answer = await server.client().post("/api/v1/offices/minato/tickets", json={"service": "tax", "via": "web"})
    return dict(answer.raise_for_status().json())


async def test_pages_start_while_the_server_is_away_and_recover_by_themselves(place: Place) -> None:
    board, kiosk, phone = await place.page(), await place.page(), await place.page()
    async with place.serving() as server:
        ticket = await take(server)
        for page, code, kind in ((board, place.board_code, "board"), (kiosk, place.kiosk_code, "kiosk")):
            await page.goto(f"{server.url}/enrol#{code}")
            await page.click("#enrol-button")
            await page.wait_for_url(f"**/{kind}/minato")
            await until_kept(page, f"/{kind}/minato")
        await phone.goto(f"{server.url}/t#{ticket['secret']}")
        await expect(phone.locator("#ticket-number")).to_have_text(ticket["number"])
        await until_kept(phone, "/t")
        await phone.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('junban.known.'))")
        everything = await phone.evaluate(EVERYTHING_KEPT)
        for page in (board, kiosk, phone):
            await page.goto("about:blank")

    # Nothing secret is kept, whatever holds it; and nothing that the API said but the ticket's own place.
    assert ticket["secret"] not in str(everything)
    assert [url for url, _ in everything["kept"] if "/api/" in url] == []
    assert len({found[1] for url, _ in everything["kept"] if (found := VERSION.search(url))}) == 1
    known = " ".join(value for key, value in everything["local"].items() if key.startswith("junban.known."))
    assert ticket["number"] in known
    assert "tax" not in known

    await board.goto(f"{place.url}/board/minato")
    await kiosk.goto(f"{place.url}/kiosk/minato")
    await phone.goto(f"{place.url}/t#{ticket['secret']}")
    await expect(phone.locator("#away")).to_contain_text(re.compile(r"No connection. This is as of \d\d:\d\d"))
    await expect(phone.locator("#ticket-number")).to_have_text(ticket["number"])
    await expect(phone.locator("#cancel")).to_be_hidden()
    await expect(kiosk.locator("#away")).to_be_visible()
    await expect(board.locator("#clock")).not_to_be_empty()
    await expect(board.locator("#stale")).to_contain_text("No connection", timeout=30_000)

    async with place.serving():
        await expect(board.locator("#stale")).to_be_hidden(timeout=30_000)
        await expect(board.locator("#office-name")).to_have_text("みなと市役所")
        await expect(kiosk.locator("#away")).to_be_hidden(timeout=30_000)
        await expect(kiosk.get_by_test_id("service-tax")).to_be_enabled()
        await expect(phone.locator("#away")).to_be_hidden(timeout=30_000)
        await expect(phone.locator("#cancel")).to_be_visible()
        for page in (board, kiosk, phone):
            await page.context.close()
    assert place.faults == []


async def test_app_starts_at_the_ticket_that_was_shown_last(place: Place) -> None:
    phone = await place.page()
    async with place.serving() as server:
        ticket = await take(server)
        await phone.goto(f"{server.url}/t#{ticket['secret']}")
        await until_kept(phone, "/t")
        await expect(phone.locator("#ticket-number")).to_have_text(ticket["number"])

    await phone.goto("about:blank")
    await phone.goto(f"{place.url}/t")

    await expect(phone.locator("#ticket-number")).to_have_text(ticket["number"])
    await expect(phone.locator("#away")).to_be_visible()
    other = await phone.context.new_page()
    await other.goto(f"{place.url}/t#another-secret")
    await expect(other.locator("#away")).to_be_visible()
    await expect(other.locator("#ticket")).to_be_hidden()
    await phone.context.close()


def stand_in(status: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answers every request with a page that is not ours."""
    body = "<!doctype html><title>Welcome to the guest network</title>"
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    return answer


async def test_what_stands_in_for_the_server_is_never_kept(place: Place) -> None:
    """A network's own sign-in page, or a proxy's "bad gateway"."""
    page = await place.page()
    async with place.serving() as server:
        await page.goto(server.url)
        await until_kept(page, "/")

    for status, seen in (("200 OK", "Welcome"), ("502 Bad Gateway", "Take a number")):
        async with await asyncio.start_server(stand_in(status), "127.0.0.1", place.port):
            await page.goto(place.url)
            await expect(page).to_have_title(re.compile(seen))

    await page.goto(place.url)
    await expect(page).to_have_title(re.compile("Take a number"))
    await expect(page.locator("#away")).to_be_visible()
    await page.context.close()


async def test_new_version_is_taken_whole_and_the_old_one_is_dropped(place: Place) -> None:
    asked: list[str] = []
    page = await place.page()
    async with place.serving() as server:
        await page.goto(server.url)
        await until_kept(page, "/")
        before = VERSION.search(await page.content())

    script = place.tree / "kiosk_ui" / "js" / "visitor.js"
    script.write_text(script.read_text("utf-8") + "\ndocument.documentElement.dataset.upgraded = 'yes';\n", "utf-8")

    # Still away: the old page, of old files only.
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(place.url)
    await expect(page.locator("#away")).to_be_visible()
    assert await page.locator("html").get_attribute("data-upgraded") is None
    assert before and {found[1] for url in asked if (found := VERSION.search(url))} == {before[1]}

    async with place.serving() as server:
        asked.clear()
        await page.goto(server.url)
        await expect(page.locator("html")).to_have_attribute("data-upgraded", "yes")
        after = VERSION.search(await page.content())
        assert after and after[1] != before[1]
        assert {found[1] for url in asked if (found := VERSION.search(url))} == {after[1]}
        await until_kept(page, "/")
        await until_true(
            page,
            "async (old) => !(await (await caches.open('junban-files')).keys()).some(({ url }) => url.includes(old))",
            before[1],
        )
        # A page of the old version that asks for its files now is refused, for they are no more …
        gone = await page.request.get(f"{server.url}/static/{before[1]}/js/visitor.js")
        assert gone.status == 404
    await page.context.close()


async def test_open_page_takes_a_new_version_when_nobody_is_busy_with_it(place: Place) -> None:
    context = await place.browser.new_context(locale="en-US")
    page = await place.page(context)
    await page.clock.install()
    async with place.serving() as server:
        await page.goto(f"{server.url}/board/minato")
        await expect(page.locator("#office-name")).to_have_text("みなと市役所")
        version = VERSION.search(await page.content())
    styles = place.tree / "kiosk_ui" / "css" / "board.css"
    styles.write_text(styles.read_text("utf-8") + "\n/* newer */\n", "utf-8")

    async with place.serving():
        await page.evaluate("document.body.append(Object.assign(document.createElement('dialog'), { open: true }))")
        await page.clock.fast_forward(700_000)
        await page.wait_for_timeout(500)
        still = VERSION.search(await page.content())
        await page.evaluate("document.querySelector('dialog[open]').remove()")
        async with page.expect_navigation():
            await page.clock.fast_forward(11_000)
        now = VERSION.search(await page.content())

    assert version and still and now
    assert still[1] == version[1]
    assert now[1] != version[1]
    await context.close()


async def test_switched_off_it_removes_what_it_kept_and_itself(place: Place) -> None:
    page = await place.page()
    async with place.serving() as server:
        await page.goto(server.url)
        await until_kept(page, "/")
    config = place.installation.config
    written = config.read_text("utf-8")
    config.write_text("[server]\nservice_worker = false\n" + written, "utf-8")
    try:
        async with place.serving() as server:
            await page.goto(server.url)
            await until_true(
                page,
                "async () => !(await caches.keys()).length && !(await navigator.serviceWorker.getRegistration())",
            )
    finally:
        config.write_text(written, "utf-8")
    await page.context.close()
